from __future__ import annotations

import json

import numpy as np
import pytest

from imagemood.errors import ImageError
from imagemood.prediction.result import Result


def test_moods_and_tags_are_in_descending_order():
    result = Result(
        "a.jpg",
        labels=("awe", "fear", "joy"),
        probabilities=np.array([0.2, 0.5, 0.3]),
        tag_labels=("cat", "dog"),
        scores=np.array([0.25, 0.75], dtype=np.float32),
    )
    assert list(result.moods.items()) == [("fear", 0.5), ("joy", 0.3), ("awe", 0.2)]
    assert list(result.tags.items()) == [("dog", 0.75), ("cat", 0.25)]
    assert result.mood == "fear"
    assert "a.jpg" in repr(result)


def test_ties_keep_the_order_of_the_model():
    assert list(Result("a", labels=("x", "y"), probabilities=np.array([0.5, 0.5])).moods) == ["x", "y"]


def test_a_failed_result_has_no_moods_and_tags():
    result = Result("a.jpg", error=ImageError("empty file", where="a.jpg"))
    assert (result.moods, result.tags, result.mood) == ({}, {}, None)


RESULT = Result(
    "a.jpg",
    labels=("awe", "fear"),
    probabilities=np.array([0.25, 0.75]),
    tag_labels=("cat", "dog", "owl"),
    scores=np.array([0.25, 0.5, 0.25], dtype=np.float32),
)


def test_to_dict_contains_everything_by_default():
    fields = RESULT.to_dict()
    assert list(fields) == ["image", "moods", "affect", "tags"]
    assert fields["image"] == "a.jpg"
    assert list(fields["moods"].items()) == [("fear", 0.75), ("awe", 0.25)]
    assert fields["affect"] == vars(RESULT.affect)
    assert list(fields["affect"]) == ["valence", "arousal", "positive", "negative"]
    assert list(fields["tags"].items()) == [("dog", 0.5), ("cat", 0.25), ("owl", 0.25)]


@pytest.mark.parametrize(
    ("top", "tags", "moods", "tag_names"),
    [
        (1, 0, ["fear"], []),
        (2, 1, ["fear", "awe"], ["dog"]),
        (9, 9, ["fear", "awe"], ["dog", "cat", "owl"]),
        (None, 2, ["fear", "awe"], ["dog", "cat"]),
    ],
)
def test_to_dict_limits_moods_and_tags(top, tags, moods, tag_names):
    fields = RESULT.to_dict(top, tags)
    assert list(fields["moods"]) == moods
    assert list(fields["tags"]) == tag_names


def test_to_dict_computes_affect_from_all_moods():
    assert RESULT.to_dict(top=1)["affect"] == vars(RESULT.affect)


def test_to_dict_has_no_affect_for_unrated_moods():
    result = Result("a.jpg", labels=("nostalgia",), probabilities=np.array([1.0]))
    assert result.to_dict() == {"image": "a.jpg", "moods": {"nostalgia": 1.0}, "affect": None, "tags": {}}


def test_to_dict_of_a_failure_contains_the_error_without_the_name():
    result = Result("a.jpg", error=ImageError("empty file", where="a.jpg", hint="upload it again"))
    assert result.to_dict() == {"image": "a.jpg", "error": "empty file (upload it again)"}


def test_to_dict_can_be_changed_without_changing_the_result():
    fields = RESULT.to_dict()
    fields["moods"].clear()
    fields["tags"].clear()
    assert RESULT.mood == "fear"
    assert len(RESULT.tags) == 3


def test_to_dict_survives_a_round_trip_through_json():
    assert json.loads(json.dumps(RESULT.to_dict())) == RESULT.to_dict()
