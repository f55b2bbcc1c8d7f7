"""Measures of how predicted probabilities differ from the votes of people."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import stats

WHEEL = ("fear", "excitement", "awe", "contentment", "amusement", "anger", "disgust", "sadness")
"""The eight moods in their order on Mikels' wheel, which is closed: sadness is followed by fear."""
_SMALLEST_PROBABILITY = 1e-6  # so that the Kullback-Leibler divergence is finite


@dataclass(frozen=True)
class DistributionMeasures:
    """Differences between the votes for the moods of pictures and predicted probabilities.

    Attributes
    ----------
    kl_divergence : float
        Mean Kullback-Leibler divergence of the probabilities from the votes, in nats.
    bray_curtis : float
        Mean Bray-Curtis dissimilarity: the share of the votes that would have to be cast for another mood.
    emd : float or None
        Mean earth mover's distance on Mikels' wheel, in steps; None if there are other moods.
    constant : DistributionMeasures or None
        The measures of the mean of all votes as the prediction for every picture.
    n_images : int
        Number of pictures.
    """

    kl_divergence: float
    bray_curtis: float
    emd: float | None
    n_images: int
    constant: DistributionMeasures | None = None

    def to_dict(self) -> dict[str, Any]:
        """Return the measures as a dictionary that can be written as JSON."""
        values = {"kl_divergence": self.kl_divergence, "bray_curtis": self.bray_curtis, "emd": self.emd}
        constant = {} if self.constant is None else {"constant": self.constant.to_dict()}
        return values | {"n_images": self.n_images} | constant


def measure_distributions(
    votes: NDArray[np.floating[Any]], probabilities: NDArray[np.floating[Any]], moods: tuple[str, ...]
) -> DistributionMeasures:
    """Compare the shares of votes with predicted probabilities, both of shape (n_images, n_moods) with sums of 1.

    The earth mover's distance is computed on Mikels' wheel [1]_, where two moods are as far apart as the number of
    steps between them [2]_ [3]_.

    References
    ----------
    .. [1] Mikels, J. A. et al. (2005). Emotional category data on images from the International Affective Picture
       System. Behavior Research Methods 37(4).
    .. [2] Zhao, S. et al. (2016). Predicting personalized emotion perceptions of social images. ACM Multimedia.
    .. [3] Yang, J., She, D., Sun, M. (2017). Joint image emotion classification and distribution learning via deep
       convolutional neural network. IJCAI.

    Examples
    --------
    >>> votes = np.array([[0.5, 0.5], [1.0, 0.0]])
    >>> measures = measure_distributions(votes, np.array([[0.5, 0.5], [0.5, 0.5]]), ("awe", "fear"))
    >>> measures.bray_curtis, measures.emd, round(measures.kl_divergence, 3)
    (0.25, 0.5, 0.347)
    """
    constant = np.broadcast_to(votes.mean(axis=0), votes.shape)
    return _measure(votes, probabilities, moods, _measure(votes, constant, moods, None))


def circular_emd(one: NDArray[np.float64], other: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the earth mover's distance between the rows of two arrays of shape (n, n_positions) on a circle.

    The rows have the same sum. Neighbouring positions, including the last and the first, are one step apart. On a
    circle, the distance is the sum of the absolute differences between the cumulative sums and their median [1]_.

    References
    ----------
    .. [1] Rabin, J., Delon, J., Gousseau, Y. (2011). Transportation distances on the circle. Journal of
       Mathematical Imaging and Vision 41.

    Examples
    --------
    >>> circular_emd(np.array([[1.0, 0, 0, 0]]), np.array([[0, 0, 0, 1.0]])).tolist()
    [1.0]
    """
    flow = np.cumsum(one - other, axis=1)
    distances: NDArray[np.float64] = np.abs(flow - np.median(flow, axis=1, keepdims=True)).sum(axis=1)
    return distances


def _measure(
    votes: NDArray[np.floating[Any]],
    probabilities: NDArray[np.floating[Any]],
    moods: tuple[str, ...],
    constant: DistributionMeasures | None,
) -> DistributionMeasures:
    true, predicted = votes.astype(np.float64), probabilities.astype(np.float64)
    divergence = stats.entropy(true, np.maximum(predicted, _SMALLEST_PROBABILITY), axis=1)  # normalises both
    return DistributionMeasures(
        kl_divergence=float(np.mean(divergence)),
        bray_curtis=float(np.mean(np.abs(true - predicted).sum(axis=1) / (true + predicted).sum(axis=1))),
        emd=_wheel_emd(true, predicted, moods),
        n_images=len(true),
        constant=constant,
    )


def _wheel_emd(true: NDArray[np.float64], predicted: NDArray[np.float64], moods: tuple[str, ...]) -> float | None:
    if not set(moods) <= set(WHEEL):
        return None
    columns = [WHEEL.index(mood) for mood in moods]
    wheels = [np.zeros((len(true), len(WHEEL))) for _ in range(2)]
    for wheel, shares in zip(wheels, (true, predicted), strict=True):
        wheel[:, columns] = shares
    return float(circular_emd(*wheels).mean())
