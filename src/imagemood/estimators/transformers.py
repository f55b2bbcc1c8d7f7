"""Transformers of scikit-learn that compute features of pictures."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal, Self

import numpy as np
from numpy.typing import NDArray

from imagemood import _extras
from imagemood.errors import InputError
from imagemood.models.tagger import Tagger
from imagemood.pictures.pixels import pixel_arrays
from imagemood.prediction import embeddings
from imagemood.prediction.cascade import Cascade
from imagemood.prediction.result import Result

with _extras.needs("train"):
    from sklearn.base import BaseEstimator, TransformerMixin

Errors = Literal["raise", "nan"]


class _PictureTransformer(TransformerMixin, BaseEstimator):  # type: ignore[misc]
    """The part that all transformers of pictures share. They are stateless; `fit` only checks the parameters."""

    def fit(self, X: Any, y: object = None) -> Self:  # noqa: ARG002 (scikit-learn's signature)
        """Check the parameters.

        Parameters
        ----------
        X : iterable of picture-like
            Ignored; present for compatibility with pipelines.
        y : object
            Ignored; present for compatibility with pipelines.

        Returns
        -------
        self
            The transformer itself.
        """
        self._names()
        return self

    def transform(self, X: Any) -> NDArray[np.float32]:
        """Compute the features of pictures.

        Parameters
        ----------
        X : iterable of picture-like, or a table with one column
            Pictures as for `imagemood.classify_many`.

        Returns
        -------
        ndarray of shape (n_pictures, n_features), float32
            One row for each picture, in the same order; or a table, after ``set_output``.

        Raises
        ------
        MoodError
            If a picture cannot be used and ``errors`` is ``raise``.
        """
        results, attribute = self._compute(_pictures(X))
        return embeddings.stack(results, attribute, len(self._names()), errors=self.errors, warn=False)

    def get_feature_names_out(self, input_features: object = None) -> NDArray[Any]:  # noqa: ARG002
        """Return the names of the features.

        Parameters
        ----------
        input_features : object
            Ignored; present for compatibility with pipelines.

        Returns
        -------
        ndarray of str objects
            The names.
        """
        return np.asarray(self._names(), dtype=object)

    def __sklearn_is_fitted__(self) -> bool:
        return True

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.requires_fit = False
        tags.no_validation = True  # pictures are no numbers
        tags.input_tags.two_d_array = False
        tags.input_tags.one_d_array = True
        tags.input_tags.string = True
        tags.input_tags.allow_nan = self.errors == "nan"
        tags.transformer_tags.preserves_dtype = []
        return tags

    @abstractmethod
    def _compute(self, pictures: Any) -> tuple[Iterable[Result], str]:
        """Return the results for pictures, and the name of their attribute with the features."""

    @abstractmethod
    def _names(self) -> tuple[str, ...]:
        """Return the names of the features."""


class _NetworkTransformer(_PictureTransformer):
    """A transformer whose features are an output of the tagger's network."""

    def __init__(
        self,
        tagger: str | Path | None = None,
        *,
        device: str = "auto",
        n_jobs: int | None = None,
        errors: Errors = "raise",
    ) -> None:
        self.tagger = tagger
        self.device = device
        self.n_jobs = n_jobs
        self.errors = errors


class ImageTagger(_NetworkTransformer):
    """Transform pictures to the scores of their tags.

    Parameters
    ----------
    tagger : str or Path, optional
        A tagger, or a model directory that contains one. Defaults to the built-in tagger.
    device : str
        Device that runs the network: ``auto``, ``cpu``, ``cuda`` or ``cuda:N``.
    n_jobs : int, optional
        Number of threads. Defaults to the number of CPU cores.
    errors : {"raise", "nan"}
        Whether a picture that cannot be used raises its error, or has a row of NaN.

    See Also
    --------
    imagemood.ImageEmbedder : Computes the embedding of the same network.

    Examples
    --------
    >>> from sklearn.datasets import load_sample_images
    >>> tagger = ImageTagger().set_output(transform="pandas")
    >>> tagger.fit_transform(load_sample_images().images).idxmax(axis=1).iloc[1]
    'daisy'
    """

    def _compute(self, pictures: Any) -> tuple[Iterable[Result], str]:
        return cached_cascade(self.tagger, self.device, self.n_jobs).tag_many(pictures, ("tags",)), "scores"

    def _names(self) -> tuple[str, ...]:
        tagger = cached_cascade(self.tagger, self.device, self.n_jobs).tagger
        tagger.require_tags(hint="use ImageEmbedder")
        return tagger.labels


class ImageEmbedder(_NetworkTransformer):
    """Transform pictures to the embedding that the network computes.

    Parameters
    ----------
    tagger : str or Path, optional
        A tagger, or a model directory that contains one. Defaults to the built-in tagger.
    device : str
        Device that runs the network: ``auto``, ``cpu``, ``cuda`` or ``cuda:N``.
    n_jobs : int, optional
        Number of threads. Defaults to the number of CPU cores.
    errors : {"raise", "nan"}
        Whether a picture that cannot be used raises its error, or has a row of NaN.

    See Also
    --------
    imagemood.embed : The same as a function.

    Examples
    --------
    >>> from sklearn.datasets import load_sample_images
    >>> ImageEmbedder().fit_transform(load_sample_images().images).shape
    (2, 1280)
    """

    def _compute(self, pictures: Any) -> tuple[Iterable[Result], str]:
        return cached_cascade(self.tagger, self.device, self.n_jobs).tag_many(
            pictures, ("embedding",)
        ), "embedding"

    def _names(self) -> tuple[str, ...]:
        width = cached_cascade(self.tagger, self.device, self.n_jobs).embedding_width
        return tuple(f"embedding_{i}" for i in range(width))


class VisualFeatures(_PictureTransformer):
    """Transform pictures to visual features: numbers that describe colour, texture and composition.

    Parameters
    ----------
    n_jobs : int, optional
        Number of threads. Defaults to the number of CPU cores.
    errors : {"raise", "nan"}
        Whether a picture that cannot be used raises its error, or has a row of NaN.

    See Also
    --------
    imagemood.visual.extract : Measures the features of one image array.

    Examples
    --------
    >>> from sklearn.datasets import load_sample_images
    >>> features = VisualFeatures().set_output(transform="pandas").fit_transform(load_sample_images().images)
    >>> features.shape, features.columns[0]
    ((2, 71), 'saturation_mean')
    """

    def __init__(self, *, n_jobs: int | None = None, errors: Errors = "raise") -> None:
        self.n_jobs = n_jobs
        self.errors = errors

    def _compute(self, pictures: Any) -> tuple[Iterable[Result], str]:
        from imagemood.prediction.visual_features import compute_many  # noqa: PLC0415 (needs an extra)

        return compute_many(pictures, n_workers=self.n_jobs), "visual"

    def _names(self) -> tuple[str, ...]:
        from imagemood import visual  # noqa: PLC0415 (needs an extra)

        return visual.NAMES


@lru_cache(maxsize=4)
def cached_cascade(tagger: str | Path | None, device: str, n_jobs: int | None) -> Cascade:
    """Return a cascade without a mood classifier, which is loaded on the first call and kept in memory."""
    return Cascade(Tagger.load(tagger, device=device), n_workers=n_jobs)


def _pictures(X: Any) -> Any:
    """Return the pictures of an argument of scikit-learn, which may be a table or an array with one column."""
    if hasattr(X, "columns"):
        if len(X.columns) != 1:
            raise InputError(f"a table of {len(X.columns)} columns instead of one column of pictures")
        column = X.columns[0]
        return X[column]
    if isinstance(X, np.ndarray) and not pixel_arrays.is_array(X) and X.ndim == 2 and X.shape[1] == 1:
        return X[:, 0]
    return X
