"""Scales tags, embeddings and visual features to comparable lengths, for algorithms that use distances."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from imagemood import _extras
from imagemood.learning.square_root import SquareRoot

with _extras.needs("train"):
    from sklearn.compose import make_column_transformer
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import Normalizer, StandardScaler


class BlockScaler(StandardScaler):  # type: ignore[misc]
    """Standardise features, then scale all of them together to unit mean squared length.

    Each column gets mean 0 and variance ``1 / n_features``. The mean squared length of the rows is then 1, as is
    that of the square roots of proportions, so that no kind of feature has more influence on a distance
    only because it has more columns. Constant columns become 0.

    Parameters
    ----------
    copy : bool, default=True
        Whether to copy the input instead of scaling it in place.
    with_mean : bool, default=True
        Whether to subtract the means.
    with_std : bool, default=True
        Whether to scale to unit variance. Without it, columns are not scaled at all.

    Attributes
    ----------
    mean_ : ndarray of shape (n_features,), float64
        Mean of each column.
    scale_ : ndarray of shape (n_features,), float64
        Divisor of each column: its standard deviation times ``sqrt(n_features)``.
    n_features_in_ : int
        Number of columns seen by `fit`.

    See Also
    --------
    imagemood.learning.SquareRoot : The transformer for tags and embeddings.

    Examples
    --------
    >>> BlockScaler().fit_transform([[0.0, 5.0], [2.0, 5.0]]).round(4).tolist()
    [[-0.7071, 0.0], [0.7071, 0.0]]
    """

    def fit(self, X: Any, y: object = None, sample_weight: Any = None) -> Self:
        """Compute the mean and the scale of each column.

        Parameters
        ----------
        X : array_like of shape (n_samples, n_features)
            Features.
        y : object
            Ignored; present for compatibility with pipelines.
        sample_weight : array_like of shape (n_samples,), optional
            Weight of each sample.

        Returns
        -------
        BlockScaler
            The fitted scaler.

        Raises
        ------
        ValueError
            If a feature is not finite.
        """
        super().fit(X, y, sample_weight)
        if self.with_std:
            self.scale_: NDArray[np.float64] = np.asarray(self.scale_) * np.sqrt(self.n_features_in_)
        return self


_TRANSFORMERS = {
    "tags": SquareRoot,
    "embedding": lambda: make_pipeline(Normalizer("l1"), SquareRoot()),
    "visual": BlockScaler,
}


def make_preprocessor(widths: Mapping[str, int]) -> Any:
    """Create an unfitted scikit-learn transformer for the concatenated columns of one or several inputs.

    Tag scores are proportions, and so are the absolute values of an embedding divided by their sum. The
    Euclidean distance between their square roots is proportional to the Hellinger distance. Visual features are
    standardised. `widths` has the number of columns of each input, in their order.

    Examples
    --------
    >>> make_preprocessor({"tags": 2, "embedding": 2}).fit_transform([[0.25, 0.75, 3.0, 1.0]]).round(3).tolist()
    [[0.5, 0.866, 0.866, 0.5]]
    """
    if len(widths) == 1:
        return _TRANSFORMERS[next(iter(widths))]()
    blocks, start = [], 0
    for name, width in widths.items():
        blocks.append((_TRANSFORMERS[name](), slice(start, start + width)))
        start += width
    return make_column_transformer(*blocks)
