from __future__ import annotations

import numpy as np
import pytest

from imagemood.errors import VocabularyError
from imagemood.evaluation.evaluate import cross_validate
from imagemood.evaluation.learning_curve import learning_curve
from imagemood.learning import Recipe


def test_all_training_images_give_the_figures_of_cross_validation(training_set):
    steps = []
    points = learning_curve(
        training_set, Recipe("logistic"), sizes=[40, 80], n_folds=3, progress=lambda *step: steps.append(step)
    )
    assert [point.n_images for point in points] == [40, 80, 160]
    assert steps == [(i, 9) for i in range(1, 10)]
    whole = cross_validate(training_set, "logistic", n_folds=3)
    assert points[-1].accuracy == pytest.approx(whole.accuracy)
    assert points[-1].accuracy_spread == pytest.approx(whole.spread["accuracy"])


def test_sizes_that_leave_a_mood_without_images_are_left_out(training_set):
    assert [p.n_images for p in learning_curve(training_set, Recipe("logistic"), sizes=[8, 60], n_folds=3)] == [
        60,
        160,
    ]
    assert [p.n_images for p in learning_curve(training_set, Recipe("logistic"), n_folds=3)] == [100, 160]


def test_samples_keep_the_shares_of_the_moods_and_are_nested(training_set):
    small, large = (training_set.sample(n, random_state=3) for n in (30, 60))
    assert small.images_per_mood == {"Große Freude": 15, "awe": 10, "quiet fear": 5}
    assert large.images_per_mood == {"Große Freude": 30, "awe": 20, "quiet fear": 10}
    rows = {row.tobytes() for row in large.tags}
    assert all(row.tobytes() in rows for row in small.tags)
    assert training_set.sample(240) is training_set
    assert not np.array_equal(small.tags, training_set.sample(30, random_state=4).tags)
    with pytest.raises(VocabularyError, match="of 2 images none would have the mood 'quiet fear'"):
        training_set.sample(2)
