from __future__ import annotations

import numpy as np

from imagemood.errors import ImageError
from imagemood.prediction.result import Result


def test_moods_and_tags_descend():
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


def test_ties_keep_the_models_order():
    assert list(Result("a", labels=("x", "y"), probabilities=np.array([0.5, 0.5])).moods) == ["x", "y"]


def test_a_failure_has_no_answer():
    result = Result("a.jpg", error=ImageError("is empty", where="a.jpg"))
    assert (result.moods, result.tags, result.mood) == ({}, {}, None)
