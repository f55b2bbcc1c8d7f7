"""Correlation of predicted valence and arousal with the ratings of people."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import stats

from imagemood.errors import VocabularyError
from imagemood.prediction.affect import VALENCE_AROUSAL

_MIN_IMAGES = 4  # for a confidence interval
_CONFIDENCE = 0.95


@dataclass(frozen=True)
class Correlation:
    """A correlation coefficient with its 95 % confidence interval.

    Attributes
    ----------
    value, low, high : float or None
        The coefficient and the ends of the interval; None if all values are the same.
    """

    value: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True)
class RatingCorrelations:
    """Correlations of predictions with ratings.

    Attributes
    ----------
    name : str
        ``valence`` or ``arousal``.
    pearson, spearman : Correlation
        The linear correlation, and the correlation of the ranks.
    n_images : int
        Number of pictures with a rating.
    """

    name: str
    pearson: Correlation
    spearman: Correlation
    n_images: int

    def to_dict(self) -> dict[str, Any]:
        """Return the correlations as a dictionary that can be written as JSON."""
        return asdict(self)


def correlate(name: str, ratings: ArrayLike, predictions: ArrayLike) -> RatingCorrelations:
    """Correlate predictions with ratings of the same pictures, on any scales.

    The confidence interval of Pearson's coefficient uses Fisher's transformation; that of Spearman's uses the
    standard error of Bonett and Wright [1]_.

    Raises
    ------
    VocabularyError
        If there are fewer than four pictures.

    References
    ----------
    .. [1] Bonett, D. G., Wright, T. A. (2000). Sample size requirements for estimating Pearson, Kendall and
       Spearman correlations. Psychometrika 65.

    Examples
    --------
    >>> found = correlate("valence", [1, 2, 3, 4, 9], [0.1, 0.2, 0.1, 0.5, 0.9])
    >>> round(found.pearson.value, 3), round(found.spearman.value, 3)
    (0.949, 0.821)
    """
    true, predicted = np.asarray(ratings, dtype=np.float64), np.asarray(predictions, dtype=np.float64)
    if len(true) < _MIN_IMAGES:
        raise VocabularyError(
            f"{len(true)} pictures have a rating of {name}", hint=f"a correlation needs at least {_MIN_IMAGES}"
        )
    if np.ptp(true) == 0 or np.ptp(predicted) == 0:
        undefined = Correlation(None, None, None)
        return RatingCorrelations(name, undefined, undefined, len(true))
    linear = stats.pearsonr(true, predicted)
    low, high = linear.confidence_interval(_CONFIDENCE)
    pearson = Correlation(float(linear.statistic), float(low), float(high))
    spearman = _spearman(float(stats.spearmanr(true, predicted).statistic), len(true))
    return RatingCorrelations(name, pearson, spearman, len(true))


def predicted_affect(probabilities: NDArray[np.float64], moods: Sequence[str]) -> NDArray[np.float64] | None:
    """Return the expected valence and arousal of pictures, of shape (n_images, 2); None for other moods.

    See `imagemood.prediction.affect`.
    """
    if not set(moods) <= set(VALENCE_AROUSAL):
        return None
    expected: NDArray[np.float64] = probabilities @ np.array([VALENCE_AROUSAL[mood] for mood in moods])
    return expected


def correlate_affect(ratings: NDArray[np.float64], affect: NDArray[np.float64]) -> list[RatingCorrelations]:
    """Correlate valence and arousal, both of shape (n_images, 2); missing ratings (NaN) are left out."""
    correlations = []
    for column, name in enumerate(("valence", "arousal")):
        rated = ~np.isnan(ratings[:, column])
        correlations.append(correlate(name, ratings[rated, column], affect[rated, column]))
    return correlations


def _spearman(value: float, n_images: int) -> Correlation:
    if abs(value) >= 1:
        return Correlation(value, value, value)
    margin = stats.norm.ppf(0.5 + _CONFIDENCE / 2) * np.sqrt((1 + value**2 / 2) / (n_images - 3))
    low, high = np.tanh(np.arctanh(value) + np.array([-margin, margin]))
    return Correlation(value, float(low), float(high))
