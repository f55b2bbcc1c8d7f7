"""The calibration of predicted probabilities: whether the confidence of predictions equals their accuracy."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

N_BINS = 15
"""Number of bins of the calibration error."""


def confidence_bins(confidence: NDArray[np.float64], n_bins: int) -> NDArray[np.intp]:
    """Return the index of the bin of each confidence; bins have equal width and include their upper end.

    Examples
    --------
    >>> confidence_bins(np.array([0.0, 0.1, 0.11, 1.0]), 10).tolist()
    [0, 0, 1, 9]
    """
    return np.clip(np.ceil(confidence * n_bins).astype(np.intp) - 1, 0, n_bins - 1)


def expected_calibration_error(correct: ArrayLike, confidence: ArrayLike, *, n_bins: int = N_BINS) -> float:
    """Compute the mean difference between confidence and accuracy.

    Predictions are put into bins of equal width by confidence. The absolute differences between the mean
    confidence and the accuracy of the bins are averaged, weighted by the number of predictions [1]_.

    Parameters
    ----------
    correct : array_like of bool, of shape (n_images,)
        Whether each prediction is correct.
    confidence : array_like of float, of shape (n_images,), in [0, 1]
        Predicted probability of the predicted mood.
    n_bins : int
        Number of bins.

    Returns
    -------
    float
        From 0, perfect calibration, to 1.

    References
    ----------
    .. [1] Guo, C., Pleiss, G., Sun, Y., Weinberger, K. Q. (2017). On calibration of modern neural networks.
       ICML. Equation 3.

    Examples
    --------
    >>> round(expected_calibration_error([True, False], [0.75, 0.75]), 6)
    0.25
    """
    is_correct = np.asarray(correct, dtype=np.float64)
    probability = np.asarray(confidence, dtype=np.float64)
    bins = confidence_bins(probability, n_bins)
    # In each bin, the difference of the sums is the difference of the means times the count.
    gaps = np.abs(np.bincount(bins, is_correct, n_bins) - np.bincount(bins, probability, n_bins))
    return float(gaps.sum() / len(is_correct))
