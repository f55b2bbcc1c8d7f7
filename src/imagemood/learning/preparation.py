"""Bring tags, embedding and visual features to one scale, for algorithms that compare distances."""

from __future__ import annotations

from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from sklearn.compose import make_column_transformer
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import Normalizer, StandardScaler

from imagemood.learning.square_root import SquareRoot


class BlockScaler(StandardScaler):  # type: ignore[misc]
    """Standardise features, and bring all of them together to unit length.

    Each column gets the mean 0 and the variance 1 / n_features, so that the rows' mean squared length is 1, as
    that of the square roots of shares is: no kind of feature counts for more because it has more columns. Constant
    columns become 0.

    Examples
    --------
    >>> BlockScaler().fit_transform([[0.0, 5.0], [2.0, 5.0]]).round(4).tolist()
    [[-0.7071, 0.0], [0.7071, 0.0]]
    """

    def fit(self, X: Any, y: object = None, sample_weight: Any = None) -> Self:
        """Learn means and scales.

        Parameters
        ----------
        X : array_like of shape (n_samples, n_features)
            Features.
        y : object
            Not used.
        sample_weight : array_like of shape (n_samples,), optional
            Weights of the samples.

        Returns
        -------
        BlockScaler
            Itself.
        """
        super().fit(X, y, sample_weight)
        self.scale_: NDArray[np.float64] = np.asarray(self.scale_) * np.sqrt(self.n_features_in_)
        return self


_STEPS = {
    "tags": SquareRoot,
    "embedding": lambda: make_pipeline(Normalizer("l1"), SquareRoot()),
    "visual": BlockScaler,
}


def preparation(widths: dict[str, int]) -> Any:
    """Make a transformer for the columns of some inputs side by side.

    Tags are shares of a whole, and so are the sizes of the embedding's numbers once they are divided by their sum:
    their square roots compare well. Visual features are standardised.

    Parameters
    ----------
    widths : dict of str to int
        How many columns each input has, in the order of the columns.

    Returns
    -------
    transformer
        It has learned nothing yet.

    Examples
    --------
    >>> preparation({"tags": 2, "embedding": 2}).fit_transform([[0.25, 0.75, 3.0, 1.0]]).round(3).tolist()
    [[0.5, 0.866, 0.866, 0.5]]
    """
    if len(widths) == 1:
        return _STEPS[next(iter(widths))]()
    places, start = [], 0
    for name, width in widths.items():
        places.append((_STEPS[name](), slice(start, start + width)))
        start += width
    return make_column_transformer(*places)
