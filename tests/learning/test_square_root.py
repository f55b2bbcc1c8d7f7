from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.utils.estimator_checks import parametrize_with_checks

from imagemood.learning import SquareRoot


@parametrize_with_checks([SquareRoot()])
def test_square_root_passes_the_checks_of_scikit_learn(estimator, check):
    check(estimator)


@given(arrays(np.float64, (3, 4), elements=st.floats(-1e6, 1e6)))
def test_squares_of_the_roots_are_the_features(features):
    roots = SquareRoot().fit_transform(features)
    np.testing.assert_allclose(np.sign(features) * roots**2, features, rtol=1e-12)
    assert (roots * features >= 0).all()


def test_distances_are_proportional_to_the_hellinger_distance():
    rng = np.random.default_rng(0)
    p, q = rng.dirichlet(np.ones(5), size=2)
    roots = SquareRoot().fit_transform([p, q])
    hellinger = np.sqrt(1 - np.sqrt(p * q).sum())
    assert np.linalg.norm(roots[0] - roots[1]) / np.sqrt(2) == pytest.approx(hellinger)


@pytest.mark.parametrize(
    ("dtype", "expected"), [(np.float32, np.float32), (np.float64, np.float64), (int, np.float64)]
)
def test_the_floating_type_is_kept(dtype, expected):
    assert SquareRoot().fit_transform(np.ones((2, 2), dtype=dtype)).dtype == expected


def test_it_works_in_pipelines_and_grid_searches(training_set):
    pipeline = clone(make_pipeline(SquareRoot(), LogisticRegression(max_iter=1000)))
    search = GridSearchCV(pipeline, {"logisticregression__C": [0.1, 10.0]}, cv=3)
    search.fit(training_set.tags, training_set.moods)
    assert search.best_score_ > 0.8


def test_names_of_features_are_kept():
    frame = pd.DataFrame({"cat": [0.25], "dog": [1.0]})
    transformer = SquareRoot().set_output(transform="pandas").fit(frame)
    assert transformer.get_feature_names_out().tolist() == ["cat", "dog"]
    assert transformer.transform(frame).to_dict("list") == {"cat": [0.5], "dog": [1.0]}


def test_invalid_input():
    with pytest.raises(NotFittedError):
        SquareRoot().transform([[1.0]])
    with pytest.raises(ValueError, match="NaN"):
        SquareRoot().fit([[np.nan]])
    with pytest.raises(ValueError, match="features"):
        SquareRoot().fit([[1.0, 2.0]]).transform([[1.0]])
