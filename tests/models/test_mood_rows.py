from __future__ import annotations

import dataclasses

import pytest

from imagemood.models import model_directory
from imagemood.models.mood_rows import MoodRows
from imagemood.tables.tag_set import TagSet


def test_mood_rows_cannot_be_changed():
    rows = MoodRows(TagSet.from_rows([0], ["awe"], [1.0]), 0, (), [])
    with pytest.raises(dataclasses.FrozenInstanceError):
        rows.n_unknown_rows = 1


def test_fields_of_a_prediction():
    tags = TagSet.from_rows([3, 3, 9], ["volcano", "yeti", "yeti"], [0.5, 0.5, 1.0])
    prediction = model_directory.load("tags").predict_rows(tags)
    assert isinstance(prediction, MoodRows)
    assert prediction.rows.images == [3, 9]
    assert (prediction.n_unknown_rows, prediction.unknown_tags) == (2, ("yeti",))
    assert prediction.images_without_known_tag == [9]
