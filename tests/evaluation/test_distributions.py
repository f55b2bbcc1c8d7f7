from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import linprog
from scipy.spatial.distance import braycurtis

from imagemood.evaluation.distributions import WHEEL, circular_emd, measure_distributions
from imagemood.prediction.affect import VALENCE_AROUSAL


def emd_by_linear_programming(one, other):
    """Return the earth mover's distance on a circle as the cost of the cheapest transport."""
    n = len(one)
    steps = np.abs(np.subtract.outer(np.arange(n), np.arange(n)))
    sums = np.vstack([np.kron(np.eye(n), np.ones(n)), np.kron(np.ones(n), np.eye(n))])
    return linprog(np.minimum(steps, n - steps).ravel(), A_eq=sums, b_eq=np.concatenate([one, other])).fun


@pytest.fixture(scope="module")
def shares():
    rng = np.random.default_rng(0)
    return rng.dirichlet(np.full(8, 0.3), 30), rng.dirichlet(np.ones(8), 30)


def test_the_distance_on_the_wheel_is_the_cheapest_transport(shares):
    expected = [emd_by_linear_programming(*rows) for rows in zip(*shares, strict=True)]
    np.testing.assert_allclose(circular_emd(*shares), expected, atol=1e-8)


def test_the_wheel_has_the_eight_moods():
    assert set(WHEEL) == set(VALENCE_AROUSAL)
    votes, other = np.eye(8), np.roll(np.eye(8), 1, axis=1)
    assert measure_distributions(votes, other, WHEEL).emd == pytest.approx(1)
    assert measure_distributions(votes, np.roll(votes, 4, axis=1), WHEEL).emd == pytest.approx(4)


def test_the_columns_may_have_any_order(shares):
    order = np.argsort(WHEEL)
    moods = tuple(WHEEL[i] for i in order)
    expected = measure_distributions(*shares, WHEEL)
    found = measure_distributions(*(rows[:, order] for rows in shares), moods)
    assert found.emd == pytest.approx(expected.emd)
    assert found.emd == pytest.approx(circular_emd(*shares).mean())


def test_the_measures_are_those_of_their_definitions(shares):
    votes, predicted = shares
    found = measure_distributions(votes, predicted, WHEEL)
    assert found.bray_curtis == pytest.approx(np.mean([braycurtis(*rows) for rows in zip(*shares, strict=True)]))
    divergence = [np.sum(p[p > 0] * np.log(p[p > 0] / q[p > 0])) for p, q in zip(*shares, strict=True)]
    assert found.kl_divergence == pytest.approx(np.mean(divergence), abs=1e-4)
    mean = np.broadcast_to(votes.mean(axis=0), votes.shape)
    assert found.constant.bray_curtis == pytest.approx(np.abs(votes - mean).sum(axis=1).mean() / 2)
    assert set(found.to_dict()) == {"kl_divergence", "bray_curtis", "emd", "n_images", "constant"}


def test_perfect_and_impossible_predictions():
    votes = np.array([[1.0, 0.0]])
    perfect = measure_distributions(votes, votes, ("awe", "fear"))
    assert (perfect.kl_divergence, perfect.bray_curtis, perfect.emd) == (pytest.approx(0, abs=1e-5), 0, 0)
    impossible = measure_distributions(votes, np.array([[0.0, 1.0]]), ("joy", "fear"))
    assert impossible.kl_divergence == pytest.approx(np.log(1e6), rel=1e-3)
    assert (impossible.bray_curtis, impossible.emd) == (1, None)
