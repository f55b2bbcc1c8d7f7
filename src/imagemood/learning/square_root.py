"""A scikit-learn transformer that takes square roots."""

from __future__ import annotations

from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from imagemood import _extras

with _extras.needs("train"):
    from sklearn.base import BaseEstimator, OneToOneFeatureMixin, TransformerMixin
    from sklearn.utils.validation import check_is_fitted, validate_data


class SquareRoot(OneToOneFeatureMixin, TransformerMixin, BaseEstimator):  # type: ignore[misc]
    """Take the square root of the absolute value of each feature, and keep its sign.

    The Euclidean distance between the square roots of two discrete probability distributions, such as tag
    scores, is proportional to their Hellinger distance [1]_. The transformer is stateless; `fit` only checks its
    input.

    Attributes
    ----------
    n_features_in_ : int
        Number of columns seen by `fit`.

    See Also
    --------
    imagemood.learning.BlockScaler : The transformer for visual features.

    References
    ----------
    .. [1] Rao, C. R. (1995). A review of canonical coordinates and an alternative to correspondence analysis
       using Hellinger distance. Qüestiió 19, 23-63.

    Examples
    --------
    >>> SquareRoot().fit_transform([[0.25, 0.0], [0.0, 1.0]])
    array([[0.5, 0. ],
           [0. , 1. ]])
    >>> SquareRoot().fit_transform([[-0.25, 0.0]])
    array([[-0.5,  0. ]])
    """

    def fit(self, X: Any, y: object = None) -> Self:  # noqa: ARG002 (scikit-learn's signature)
        """Check the features.

        Parameters
        ----------
        X : array_like of shape (n_samples, n_features)
            Features.
        y : object
            Ignored; present for compatibility with pipelines.

        Returns
        -------
        SquareRoot
            The transformer itself.

        Raises
        ------
        ValueError
            If a feature is not a finite number.
        """
        self._validated(X, reset=True)
        return self

    def transform(self, X: Any) -> NDArray[Any]:
        """Take the square roots.

        Parameters
        ----------
        X : array_like of shape (n_samples, n_features)
            Features.

        Returns
        -------
        ndarray of shape (n_samples, n_features)
            Signed square roots; float32 if the features are float32, or else float64.

        Raises
        ------
        ValueError
            If a feature is not a finite number, or the number of features differs from that in `fit`.
        """
        check_is_fitted(self)
        X = self._validated(X, reset=False)
        roots: NDArray[Any] = np.copysign(np.sqrt(np.abs(X)), X)
        return roots

    def _validated(self, X: Any, *, reset: bool) -> NDArray[Any]:
        checked: NDArray[Any] = validate_data(self, X, dtype=[np.float64, np.float32], reset=reset)
        return checked

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.transformer_tags.preserves_dtype = ["float64", "float32"]
        tags.requires_fit = True
        return tags
