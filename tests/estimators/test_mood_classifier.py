"""The classifier follows the conventions of scikit-learn."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.exceptions import NotFittedError
from sklearn.model_selection import GridSearchCV
from sklearn.utils.estimator_checks import parametrize_with_checks

from imagemood.errors import InputError
from imagemood.estimators import MoodClassifier
from imagemood.evaluation.fold import predict_proba
from imagemood.learning import Recipe, TrainingSet, fit


@parametrize_with_checks([MoodClassifier()])
def test_conventions(estimator, check):
    if check.func.__name__ != "check_array_api_input":  # needs a setting of SciPy that other tests must not have
        check(estimator)


@pytest.fixture(scope="module")
def example():
    return TrainingSet.example().sample(160)


@pytest.mark.parametrize("algorithm", ["logistic", "knn", "extra-trees"])
def test_predictions_are_those_of_the_algorithm(algorithm, example):
    classifier = MoodClassifier(algorithm, inputs="tags", n_jobs=1).fit(example.features, example.moods)
    probabilities = classifier.predict_proba(example.features)
    assert classifier.classes_.tolist() == sorted(set(example.moods))
    np.testing.assert_allclose(probabilities.sum(axis=1), 1, atol=1e-6)
    expected = fit(example, Recipe(algorithm), n_jobs=1)
    np.testing.assert_allclose(probabilities, predict_proba(expected, example), atol=1e-6)
    assert (
        classifier.predict(example.features).tolist() == classifier.classes_[probabilities.argmax(axis=1)].tolist()
    )


def test_grid_search(example):
    grid = {"algorithm": ["logistic", "knn"], "parameters": [None, {}], "balanced": [False]}
    search = GridSearchCV(MoodClassifier(inputs="tags"), grid, cv=2).fit(example.features, example.moods)
    assert search.best_score_ > 0.2


def test_weights_and_balance(example):
    X, y = example.features[:40], np.where(np.arange(40) < 36, "often", "rarely")
    plain, balanced = (MoodClassifier(inputs="tags", balanced=value).fit(X, y) for value in (False, True))
    assert balanced.predict_proba(X)[:, 1].mean() > plain.predict_proba(X)[:, 1].mean() + 0.1
    weighted = MoodClassifier(inputs="tags").fit(X, y, sample_weight=np.where(y == "rarely", 5, 5 / 9))
    np.testing.assert_allclose(weighted.predict_proba(X), balanced.predict_proba(X), atol=1e-3)
    with pytest.raises(InputError, match="'knn' does not support weights"):
        MoodClassifier("knn", balanced=True, parameters={"n_neighbors": 3}).fit(X, y)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"algorithm": "bayes"}, "unknown algorithm 'bayes'"),
        ({"parameters": {"depth": 3}}, "'logistic' has no parameter 'depth'"),
        ({"algorithm": "knn"}, r"'knn' needs at least 60 images \(n_neighbors=60\), but there are 8"),
        ({"inputs": "pixels"}, r"unknown inputs 'pixels' \(use embedding, tags or visual\)"),
    ],
)
def test_wrong_parameters(options, message):
    with pytest.raises(InputError, match=message):
        MoodClassifier(**options).fit(np.eye(8), list("abababab"))


def test_it_must_be_fitted_on_several_classes():
    with pytest.raises(NotFittedError):
        MoodClassifier().predict(np.eye(3))
    with pytest.raises(InputError, match="there is only one class: a"):
        MoodClassifier().fit(np.eye(3), ["a"] * 3)
