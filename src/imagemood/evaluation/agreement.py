"""How far predictions agree with labels beyond the most probable mood: the two most probable moods, and valence.

Four of the eight moods of Mikels et al. are positive and four are negative [1]_.

References
----------
.. [1] J. A. Mikels, B. L. Fredrickson, G. R. Larkin, C. M. Lindberg, S. J. Maglio, P. A. Reuter-Lorenz, "Emotional
   category data on images from the International Affective Picture System", Behavior Research Methods 37(4),
   626-630, 2005. https://doi.org/10.3758/BF03192732
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.metrics import confusion_matrix

from imagemood.prediction.affect import POSITIVE_MOODS, VALENCE_AROUSAL

VALENCES = ("positive", "negative")
"""The order of the rows and columns of `Valence.confusions`."""


@dataclass(frozen=True)
class Valence:
    """Agreement on positive against negative moods.

    Attributes
    ----------
    accuracy : float
        Share of the images whose predicted valence is that of their mood.
    confusions : list of list of int
        Number of images by true valence (rows) and predicted valence (columns), each in the order of `labels`.
    labels : tuple of str
        ``positive`` and ``negative``.
    """

    accuracy: float
    confusions: list[list[int]]
    labels: tuple[str, str] = VALENCES


def in_top_two(truth: NDArray[np.intp], probabilities: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Return whether the true mood of each image, given as a column index, is among the two most probable moods.

    Of moods with equal probabilities, the first ones count as the more probable, as for the predicted mood.

    Examples
    --------
    >>> in_top_two(np.array([0, 0]), np.array([[0.3, 0.6, 0.1], [0.1, 0.6, 0.3]])).tolist()
    [True, False]
    """
    top_two = np.argsort(-probabilities, axis=1, kind="stable")[:, :2]
    found: NDArray[np.bool_] = (top_two == truth[:, np.newaxis]).any(axis=1)
    return found


def positive_columns(labels: tuple[str, ...]) -> NDArray[np.bool_] | None:
    """Return for each mood whether it is positive, or None if the valence of a mood is unknown or all are equal.

    Examples
    --------
    >>> positive_columns(("anger", "awe")).tolist()
    [False, True]
    >>> positive_columns(("awe", "nostalgia")) is None
    True
    """
    if not set(labels) <= set(VALENCE_AROUSAL):
        return None
    positive = np.array([label in POSITIVE_MOODS for label in labels])
    return positive if 0 < positive.sum() < len(labels) else None


def is_positive(probabilities: NDArray[np.float64], positive: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return whether the positive moods of each image are together more probable than the negative ones.

    Examples
    --------
    >>> is_positive(np.array([[0.4, 0.3, 0.3]]), np.array([False, True, True])).tolist()
    [True]
    """
    predicted: NDArray[np.bool_] = probabilities[:, positive].sum(axis=1) > probabilities[:, ~positive].sum(axis=1)
    return predicted


def valence(moods: ArrayLike, probabilities: NDArray[np.float64], labels: tuple[str, ...]) -> Valence | None:
    """Compare the valence of true and predicted moods; return None if it is not known for each of the moods.

    The predicted valence is positive if the positive moods are together more probable than the negative ones. The
    arguments are those of `imagemood.evaluation.metrics.evaluate_predictions`.

    Examples
    --------
    >>> valence(["awe", "awe"], np.array([[0.9, 0.1], [0.4, 0.6]]), ("anger", "awe"))
    Valence(accuracy=0.5, confusions=[[1, 1], [0, 0]], labels=('positive', 'negative'))
    """
    positive = positive_columns(labels)
    if positive is None:
        return None
    truth = np.isin(np.asarray(moods), np.array(labels)[positive])
    predicted = is_positive(probabilities, positive)
    counts = confusion_matrix(truth, predicted, labels=[True, False])
    return Valence(float((truth == predicted).mean()), counts.tolist())
