from __future__ import annotations

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.preprocessing import StandardScaler
from sklearn.utils.estimator_checks import parametrize_with_checks

from imagemood.learning import BlockScaler
from imagemood.learning.preprocessing import make_preprocessor


@parametrize_with_checks([BlockScaler(), BlockScaler(with_std=False)])
def test_block_scaler_passes_the_checks_of_scikit_learn(estimator, check):
    check(estimator)


@pytest.fixture(scope="module")
def features():
    rng = np.random.default_rng(0)
    return rng.normal([3, -50, 0], [0.1, 20, 1], size=(200, 3))


def test_block_scaler_is_the_standard_scaler_divided_by_the_root_of_the_width(features):
    expected = StandardScaler().fit_transform(features) / np.sqrt(3)
    np.testing.assert_allclose(BlockScaler().fit_transform(features), expected)


def test_the_mean_squared_length_is_1(features):
    scaled = BlockScaler().fit_transform(features)
    assert (scaled**2).sum(axis=1).mean() == pytest.approx(1)
    np.testing.assert_allclose(scaled.mean(axis=0), 0, atol=1e-12)


def test_the_scaling_can_be_undone(features):
    scaler = BlockScaler().fit(features)
    np.testing.assert_allclose(scaler.inverse_transform(scaler.transform(features)), features)


def test_without_scaling_only_the_means_are_removed(features):
    scaled = BlockScaler(with_std=False).fit_transform(features)
    np.testing.assert_allclose(scaled, features - features.mean(axis=0))


def test_sample_weights(features):
    weights = np.r_[np.ones(100), np.zeros(100)]
    weighted = BlockScaler().fit(features, sample_weight=weights)
    np.testing.assert_allclose(weighted.mean_, features[:100].mean(axis=0))


def test_inputs_have_comparable_lengths():
    """Rows of tags and embeddings have length 1, rows of visual features on average."""
    rng = np.random.default_rng(1)
    tags, embedding = rng.dirichlet(np.ones(7), 100), rng.normal(size=(100, 5)) * 40
    visual = rng.normal(size=(100, 3)) * [1, 100, 0.01]
    preprocessor = make_preprocessor({"tags": 7, "embedding": 5, "visual": 3})
    transformed = preprocessor.fit_transform(np.hstack([tags, embedding, visual]))
    assert transformed.shape == (100, 15)
    for block in (transformed[:, :7], transformed[:, 7:12]):
        np.testing.assert_allclose((block**2).sum(axis=1), 1)
    assert (transformed[:, 12:] ** 2).sum(axis=1).mean() == pytest.approx(1)


@pytest.mark.parametrize("name", ["tags", "embedding", "visual"])
def test_one_input_is_transformed_as_among_others(name):
    rng = np.random.default_rng(2)
    block, other = rng.uniform(0.1, 1, (50, 4)), rng.uniform(0.1, 1, (50, 2))
    alone = make_preprocessor({name: 4}).fit_transform(block)
    second = "visual" if name == "tags" else "tags"
    together = make_preprocessor({name: 4, second: 2}).fit_transform(np.hstack([block, other]))
    np.testing.assert_allclose(together[:, :4], alone)


def test_embeddings_are_compared_by_direction():
    embedding = np.array([[1.0, -3.0], [10.0, -30.0]])
    one, other = make_preprocessor({"embedding": 2}).fit_transform(embedding)
    np.testing.assert_allclose(one, [0.5, -np.sqrt(0.75)])
    np.testing.assert_allclose(one, other)


def test_preprocessors_can_be_cloned():
    preprocessor = make_preprocessor({"tags": 2, "visual": 1})
    assert repr(clone(preprocessor)) == repr(preprocessor)


def test_an_unknown_input():
    with pytest.raises(KeyError, match="sound"):
        make_preprocessor({"sound": 3})
