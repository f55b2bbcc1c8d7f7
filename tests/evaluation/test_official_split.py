from __future__ import annotations

import numpy as np
import pytest

from imagemood.errors import VocabularyError
from imagemood.evaluation.hold_out import hold_out
from imagemood.evaluation.official_split import evaluate_split


def test_the_test_split_is_predicted_by_a_model_of_the_training_split(training_set):
    order = np.random.default_rng(0).permutation(len(training_set.moods))
    evaluation = evaluate_split(training_set.take(order[:200]), training_set.take(order[200:]))
    assert (evaluation.n_images, evaluation.n_folds, evaluation.spread) == (40, 0, {})
    assert evaluation.accuracy == pytest.approx(hold_out(training_set).accuracy, abs=0.1)


def test_moods_that_only_the_test_split_has(training_set):
    is_awe = np.array(training_set.moods) == "awe"
    with pytest.raises(VocabularyError, match="the split 'train' has no picture of the mood 'awe'"):
        evaluate_split(training_set.take(np.flatnonzero(~is_awe)), training_set)
