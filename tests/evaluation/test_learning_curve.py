from __future__ import annotations

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold
from sklearn.pipeline import make_pipeline

from imagemood.errors import VocabularyError
from imagemood.evaluation.cross_validation import evaluate
from imagemood.evaluation.journal import Journal
from imagemood.evaluation.learning_curve import learning_curve
from imagemood.learning import Recipe, SquareRoot

RECIPE = Recipe("logistic")


def test_all_training_images_give_the_metrics_of_an_evaluation(training_set):
    steps = []
    points = learning_curve(
        training_set, RECIPE, sizes=[40, 80], n_folds=3, progress=lambda *step: steps.append(step)
    )
    assert [point.n_images for point in points] == [40, 80, 160]
    assert steps == [(done, 9) for done in range(1, 10)]
    evaluation = evaluate(training_set, "logistic", n_folds=3)
    assert points[-1].accuracy == pytest.approx(evaluation.accuracy)
    assert points[-1].accuracy_spread == pytest.approx(evaluation.spread["accuracy"])
    assert points[-1].macro_f1_spread == pytest.approx(evaluation.spread["macro_f1"])


def test_points_agree_with_scikit_learn(training_set):
    tags_only = training_set.select(["tags"])
    (point, _) = learning_curve(tags_only, Recipe("logistic", random_state=1), sizes=[60], n_folds=3)
    accuracies = []
    folds = StratifiedKFold(3, shuffle=True, random_state=1)
    for train_index, test_index in folds.split(tags_only.tags, tags_only.moods):
        sample = tags_only.take(train_index).sample(60, random_state=1)
        estimator = make_pipeline(SquareRoot(), LogisticRegression(C=2.0, max_iter=1000))
        estimator.fit(sample.tags, sample.moods)
        accuracies.append(estimator.score(tags_only.tags[test_index], np.array(tags_only.moods)[test_index]))
    assert point.accuracy == pytest.approx(np.mean(accuracies))
    assert point.accuracy_spread == pytest.approx(np.std(accuracies, ddof=1))


@pytest.mark.parametrize(
    ("sizes", "expected"),
    [
        ([8, 60], [60, 160]),  # 8 images would have one of the rarest mood
        (None, [100, 160]),
        ([160, 500], [160]),
        ([80, 40, 80], [40, 80, 160]),
    ],
)
def test_sizes(training_set, sizes, expected):
    points = learning_curve(training_set.select(["tags"]), RECIPE, sizes=sizes, n_folds=3)
    assert [point.n_images for point in points] == expected


def test_an_interrupted_curve_resumes(training_set, tmp_path):
    path = tmp_path / "folds.jsonl"

    def stop(done, total):
        if done == 4:
            raise KeyboardInterrupt

    options = {"sizes": [40, 80], "n_folds": 3}
    with pytest.raises(KeyboardInterrupt):
        learning_curve(training_set, RECIPE, journal=Journal(path), progress=stop, **options)
    steps = []
    resumed = learning_curve(
        training_set, RECIPE, journal=Journal(path), progress=lambda *step: steps.append(step), **options
    )
    assert steps == [(done, 9) for done in range(5, 10)]
    fresh = learning_curve(training_set, RECIPE, **options)
    for one, other in zip(resumed, fresh, strict=True):
        assert one.accuracy == pytest.approx(other.accuracy)
        assert one.macro_f1_spread == pytest.approx(other.macro_f1_spread)


def test_too_few_images(training_set):
    with pytest.raises(VocabularyError, match="each mood needs 41 images, but 'quiet fear' has 40"):
        learning_curve(training_set, RECIPE, n_folds=41)
