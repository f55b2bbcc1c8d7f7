"""The mood head with which the training starts: a linear classifier on the embedding before fine-tuning."""

from __future__ import annotations

import warnings
from collections.abc import Callable

import numpy as np
import torch
from numpy.typing import NDArray
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression

from imagemood.finetuning.decoded_photos import DecodedPhotos
from imagemood.finetuning.network import MoodNetwork

_REGULARISATION = 0.01  # C of the logistic regression on an embedding with a standard deviation of 1
_MAX_ITERATIONS = 300
_N_BATCH = 64


@torch.no_grad()
def fit_linear_head(
    network: MoodNetwork,
    photos: DecodedPhotos,
    indices: NDArray[np.intp],
    moods: NDArray[np.intp],
    *,
    balanced: bool,
    progress: Callable[[int, int], object],
) -> None:
    """Fit the mood head by logistic regression, with the other weights unchanged.

    Fine-tuning from a random head would first destroy what the mood body has learnt (A. Kumar et al., "Fine-Tuning
    can Distort Pretrained Features and Underperform Out-of-Distribution", ICLR 2022).

    Parameters
    ----------
    network : MoodNetwork
        The network, whose head is changed.
    photos : DecodedPhotos
        The photos.
    indices : ndarray of intp
        The photos to train on.
    moods : ndarray of shape (n_all,), intp
        The moods of all photos; each mood of the head occurs.
    balanced : bool
        Whether all moods have the same total weight.
    progress : callable
        Called with the number of photos that were processed, and their total.
    """
    network.eval()
    parts = []
    for start in range(0, len(indices), _N_BATCH):
        parts.append(network.embedding(photos.batch(indices[start : start + _N_BATCH])).cpu().numpy())
        progress(min(start + _N_BATCH, len(indices)), len(indices))
    embedding = np.concatenate(parts).astype(np.float64)
    scale = max(float(embedding.std()), 1e-6)
    estimator = LogisticRegression(
        C=_REGULARISATION, class_weight="balanced" if balanced else None, max_iter=_MAX_ITERATIONS
    )
    with warnings.catch_warnings(action="ignore", category=ConvergenceWarning):  # training continues from here
        estimator.fit(embedding / scale, moods[indices])
    weight, bias = estimator.coef_ / scale, estimator.intercept_
    if len(weight) == 1:  # of the second mood against the first
        weight, bias = (np.concatenate([-part / 2, part / 2]) for part in (weight, bias))
    network.moods.weight.copy_(torch.from_numpy(weight))
    network.moods.bias.copy_(torch.from_numpy(bias))
