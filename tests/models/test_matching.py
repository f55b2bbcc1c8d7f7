from __future__ import annotations

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from imagemood.errors import IncompatibleModelError
from imagemood.models import model_directory
from imagemood.models.matching import align_scores, check_visual_names, vocabulary_columns
from imagemood.models.mood_classifier import MoodClassifier

TAGS = model_directory.load("tags")


def test_same_tags_need_no_columns():
    assert vocabulary_columns(TAGS, TAGS.vocabulary) is None
    assert vocabulary_columns(TAGS, list(TAGS.vocabulary)) is None


@given(st.permutations(TAGS.vocabulary[:8]), st.integers(1, 8), st.sampled_from(["", "unheard of"]))
def test_columns_refer_to_the_tags_of_the_vocabulary(tags, n_tags, unknown):
    tags = [unknown, *tags[:n_tags]]
    columns = vocabulary_columns(TAGS, tags)
    assert columns.shape == (len(TAGS.vocabulary),)
    for tag, column in zip(TAGS.vocabulary, columns, strict=True):
        assert (tags[column] == tag) if column >= 0 else (tag not in tags)
    assert np.count_nonzero(columns >= 0) == n_tags


def test_scores_in_the_order_of_the_vocabulary_are_not_copied():
    scores = np.zeros((2, 1000), dtype=np.float32)
    assert align_scores(scores, vocabulary_columns(TAGS, TAGS.vocabulary)) is scores


@pytest.mark.parametrize("shape", [(3,), (1, 3), (2, 3)])
def test_scores_are_aligned_by_name_and_unknown_tags_are_zero(shape):
    first, second = TAGS.vocabulary[:2]
    scores = np.broadcast_to(np.array([0.5, 0.25, 0.125], dtype=np.float32), shape)
    aligned = align_scores(scores, vocabulary_columns(TAGS, ("another", second, first)))
    assert (aligned.shape, aligned.dtype) == ((*shape[:-1], 1000), np.float32)
    assert (aligned[..., :3] == [0.125, 0.25, 0]).all()
    assert not aligned[..., 2:].any()


def test_classifier_that_knows_none_of_the_tags():
    with pytest.raises(IncompatibleModelError, match="knows none of the tagger's tags .train it with this tagger"):
        vocabulary_columns(TAGS, ["unheard of", "never seen"])


def visual_classifier(names):
    metadata = msgspec.structs.replace(TAGS.metadata, visual=names)
    return MoodClassifier(TAGS.network, metadata)


def test_visual_features_must_be_the_same_in_the_same_order():
    classifier = visual_classifier(("pleasure", "arousal"))
    check_visual_names(classifier, ["pleasure", "arousal"])
    for names in (["arousal", "pleasure"], ["pleasure"], ["pleasure", "arousal", "hue"], []):
        with pytest.raises(IncompatibleModelError, match="was trained on other visual features"):
            check_visual_names(classifier, names)
