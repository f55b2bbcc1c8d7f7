from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from imagemood.evaluation.calibration import expected_calibration_error
from imagemood.evaluation.intervals import bootstrap_intervals

MOODS = ("anger", "awe", "contentment", "sadness")


def simulate(seed, n_images, n_moods=4):
    """Return true moods that follow predicted probabilities, and the probabilities."""
    rng = np.random.default_rng(seed)
    probabilities = rng.dirichlet(np.full(n_moods, 0.5), n_images)
    truth = (rng.random((n_images, 1)) > probabilities.cumsum(axis=1)).sum(axis=1)
    return np.minimum(truth, n_moods - 1), probabilities


@pytest.fixture(scope="module")
def predictions():
    return simulate(1, 400)


@pytest.fixture(scope="module")
def found(predictions):
    return bootstrap_intervals(*predictions, MOODS)


def reference(truth, probabilities, statistic):
    """Return the percentile interval of scipy, which resamples the images of each mood on their own."""

    def of_images(*images):
        return statistic(truth[np.concatenate(images)], probabilities[np.concatenate(images)])

    strata = [np.flatnonzero(truth == mood) for mood in range(probabilities.shape[1])]
    return stats.bootstrap(
        strata,
        of_images,
        vectorized=False,
        n_resamples=600,
        method="percentile",
        random_state=np.random.default_rng(0),
    ).confidence_interval


def by_mood(truth, probabilities):
    """Return precision, recall and F1 of each mood, and the number of images."""
    counts = np.bincount(4 * truth + probabilities.argmax(axis=1), minlength=16).reshape(4, 4)
    correct, support = np.diag(counts), counts.sum(axis=1)
    precision, recall = correct / counts.sum(axis=0), correct / support
    return precision, recall, 2 * precision * recall / (precision + recall), support


@pytest.mark.parametrize(
    ("select", "statistic"),
    [
        (lambda found: found.overall["accuracy"], lambda t, p: (p.argmax(axis=1) == t).mean()),
        (lambda found: found.overall["macro_f1"], lambda t, p: by_mood(t, p)[2].mean()),
        (lambda found: found.overall["log_loss"], lambda t, p: -np.log(p[np.arange(len(t)), t]).mean()),
        (
            lambda found: found.overall["top_two_accuracy"],
            lambda t, p: (np.argsort(-p, axis=1)[:, :2] == t[:, np.newaxis]).any(axis=1).mean(),
        ),
        (
            lambda found: found.overall["valence_accuracy"],
            lambda t, p: ((p[:, 1] + p[:, 2] > 0.5) == ((t == 1) | (t == 2))).mean(),
        ),
        (lambda found: found.per_class["awe"]["precision"], lambda t, p: by_mood(t, p)[0][1]),
        (lambda found: found.per_class["sadness"]["recall"], lambda t, p: by_mood(t, p)[1][3]),
        (lambda found: found.per_class["anger"]["f1"], lambda t, p: by_mood(t, p)[2][0]),
        (
            lambda found: found.averages["weighted avg"]["precision"],
            lambda t, p: np.average(by_mood(t, p)[0], weights=by_mood(t, p)[3]),
        ),
    ],
    ids=["accuracy", "macro-f1", "log-loss", "top-two", "valence", "precision", "recall", "f1", "weighted"],
)
def test_intervals_agree_with_the_stratified_bootstrap_of_scipy(found, predictions, select, statistic):
    low, high = select(found)
    expected = reference(*predictions, statistic)
    tolerance = 0.15 * (expected.high - expected.low)
    assert low == pytest.approx(expected.low, abs=tolerance)
    assert high == pytest.approx(expected.high, abs=tolerance)


def test_the_same_seed_gives_the_same_intervals(found, predictions):
    assert bootstrap_intervals(*predictions, MOODS) == found
    assert bootstrap_intervals(*predictions, MOODS, random_state=1) != found


def test_a_lower_confidence_level_gives_narrower_intervals(found, predictions):
    low, high = bootstrap_intervals(*predictions, MOODS, confidence_level=0.5).overall["accuracy"]
    assert found.overall["accuracy"][0] < low < high < found.overall["accuracy"][1]


def test_most_intervals_contain_the_true_value():
    """Over many samples, 95 % intervals of the accuracy contain that of an infinite number of images."""
    truth, probabilities = simulate(2, 200_000)
    accuracy = (probabilities.argmax(axis=1) == truth).mean()
    intervals = [
        bootstrap_intervals(*simulate(seed, 200), MOODS, n_resamples=100, random_state=seed).overall["accuracy"]
        for seed in range(100)
    ]
    assert 88 <= sum(low <= accuracy <= high for low, high in intervals) <= 99


@pytest.mark.parametrize("seed", range(5))
def test_the_interval_of_the_calibration_error_contains_it_and_does_not_start_above_a_true_error_of_0(seed):
    """The percentiles alone would exclude the true error of calibrated predictions."""
    truth, probabilities = simulate(seed, 300)
    error = expected_calibration_error(probabilities.argmax(axis=1) == truth, probabilities.max(axis=1))
    low, high = bootstrap_intervals(truth, probabilities, MOODS).overall["calibration_error"]
    assert 0 <= low <= error <= high
    assert low < error / 2


def test_moods_with_one_image_or_none():
    truth = np.array([0, 0, 0, 0, 1])
    probabilities = np.array([[0.8, 0.1, 0.1], [0.1, 0.8, 0.1], [0.8, 0.1, 0.1], [0.6, 0.2, 0.2], [0.1, 0.8, 0.1]])
    found = bootstrap_intervals(truth, probabilities, ("a", "b", "c"))
    assert found.per_class["b"]["recall"] == (1.0, 1.0)
    assert found.per_class["c"] == {"precision": (0.0, 0.0), "recall": (0.0, 0.0), "f1": (0.0, 0.0)}
    assert found.per_class["a"]["recall"][0] < 0.75
    assert "valence_accuracy" not in found.overall


def test_with_two_moods_there_is_no_top_two_accuracy():
    found = bootstrap_intervals(*simulate(3, 50, n_moods=2), ("awe", "fear"))
    assert set(found.overall) == {"accuracy", "macro_f1", "calibration_error", "log_loss", "valence_accuracy"}


def test_certain_and_wrong_predictions_have_finite_intervals():
    found = bootstrap_intervals(np.array([0, 1]), np.array([[0.0, 1.0], [1.0, 0.0]]), ("awe", "fear"))
    assert found.overall["accuracy"] == (0.0, 0.0)
    assert np.isfinite(found.overall["log_loss"]).all()
    assert found.overall["calibration_error"] == (1.0, 1.0)


def test_the_dictionary_states_the_method(found):
    values = found.to_dict()
    assert (values["confidence_level"], values["n_resamples"], values["random_state"]) == (0.95, 1000, 0)
    assert values["accuracy"] == list(found.overall["accuracy"])
    assert values["per_class"]["awe"]["f1"] == list(found.per_class["awe"]["f1"])
    assert set(values["averages"]) == {"macro avg", "weighted avg"}
