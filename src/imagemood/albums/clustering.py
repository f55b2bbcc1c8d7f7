"""Divides the pictures of a collection into albums of similar ones."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from imagemood import _extras
from imagemood.albums.aspect import Aspect
from imagemood.albums.collection import Collection

_N_DIMENSIONS = 32
_N_SCORED = 2000
"""Number of pictures with which numbers of albums are compared."""
_MAX_ALBUMS = 50
_N_FOR_ONE_START = 10_000
"""Number of pictures from which k-means starts only once."""
_SEED = 0


@dataclass(frozen=True)
class Album:
    """Similar pictures of a collection.

    Attributes
    ----------
    pictures : list of int
        The indices of the pictures in the collection, the most typical one first.
    moods : dict of str to float
        Mean probability of each mood, in descending order.
    """

    pictures: list[int]
    moods: dict[str, float]

    @property
    def representative(self) -> int:
        """The picture with the least mean squared distance to the others."""
        return self.pictures[0]


def cluster(collection: Collection, by: Aspect, n_albums: int | None = None) -> list[Album]:
    """Divide a collection into albums by k-means; the same collection always has the same albums.

    Parameters
    ----------
    collection : Collection
        The pictures.
    by : Aspect
        Whether the pictures of an album have similar moods, contents, or both.
    n_albums : int, optional
        The number of albums; fewer if fewer pictures differ. By default, it is the one with the highest mean
        silhouette.

    Returns
    -------
    list of Album
        In descending order of their sizes. Each picture is in one album.

    Examples
    --------
    >>> probabilities = np.array([[0.9, 0.1], [0.2, 0.8], [0.8, 0.2], [0.1, 0.9], [0.1, 0.9]])
    >>> collection = Collection(["awe", "fear"], list("abcde"), probabilities, None)
    >>> [sorted(album.pictures) for album in cluster(collection, Aspect.mood)]
    [[1, 3, 4], [0, 2]]
    """
    if not len(collection):
        return []
    points = _points(collection, by)
    labels = _k_means(points, _best_number(points) if n_albums is None else n_albums)
    groups = [np.flatnonzero(labels == label) for label in range(labels.max() + 1)]
    albums = [_album(collection, points, group) for group in groups if len(group)]
    return sorted(albums, key=lambda album: (-len(album.pictures), collection.images[album.representative]))


def _album(collection: Collection, points: NDArray[Any], group: NDArray[np.intp]) -> Album:
    # The point that is nearest to the mean has the least sum of squared distances to all points.
    distances = np.linalg.norm(points[group] - points[group].mean(axis=0), axis=1).round(6)
    order = group[np.argsort(distances, kind="stable")]
    means = dict(zip(collection.labels, collection.probabilities[group].mean(axis=0).tolist(), strict=True))
    moods = dict(sorted(means.items(), key=lambda entry: -entry[1]))
    return Album(order.tolist(), moods)


def _points(collection: Collection, by: Aspect) -> NDArray[Any]:
    """Return a point for each picture; moods and contents contribute variances of 1 each."""
    parts = []
    if by is not Aspect.content:
        parts.append(np.sqrt(np.maximum(collection.probabilities, 0)))
    if by is not Aspect.mood:
        embeddings = collection.require_embeddings()
        norms = np.linalg.norm(embeddings, axis=1, keepdims=True)
        parts.append(_principal_components(embeddings / np.maximum(norms, np.finfo(np.float32).tiny)))
    return np.hstack([_with_unit_variance(part) for part in parts]).round(6)


def _principal_components(values: NDArray[Any]) -> NDArray[Any]:
    with _extras.needs("train"):
        from sklearn.decomposition import PCA  # noqa: PLC0415 (slow to import)

    if not np.ptp(values, axis=0).any():
        return np.zeros((len(values), 1))
    n_dimensions = min(_N_DIMENSIONS, *values.shape)
    components: NDArray[Any] = PCA(n_dimensions, svd_solver="covariance_eigh").fit_transform(values)
    return components


def _with_unit_variance(values: NDArray[Any]) -> NDArray[Any]:
    centred = values - values.mean(axis=0)
    variance = float((centred**2).sum(axis=1).mean())
    return centred / math.sqrt(variance) if variance > 1e-12 else np.zeros_like(centred)


def _best_number(points: NDArray[Any]) -> int:
    """Return the number of albums with the highest mean silhouette."""
    with _extras.needs("train"):
        from sklearn.metrics import silhouette_score  # noqa: PLC0415

    n_scored = min(len(points), _N_SCORED)
    if n_scored < 4:
        return 1
    scored = points[np.sort(np.random.default_rng(_SEED).permutation(len(points))[:n_scored])]
    largest = min(_MAX_ALBUMS, max(2, math.isqrt(n_scored)), len(np.unique(scored, axis=0)))
    if largest < 2:
        return 1
    numbers: list[int] = np.unique(np.geomspace(2, largest, 12).round().astype(int)).tolist()
    scores: dict[int, float] = {
        number: round(float(silhouette_score(scored, _k_means(scored, number))), 6) for number in numbers
    }
    return max(scores, key=lambda number: (scores[number], -number))


def _k_means(points: NDArray[Any], n_albums: int) -> NDArray[Any]:
    n_albums = min(n_albums, len(np.unique(points, axis=0)))  # copies do not start albums of their own
    if n_albums == 1:
        return np.zeros(len(points), int)
    with _extras.needs("train"):
        from sklearn.cluster import KMeans  # noqa: PLC0415

    labels: NDArray[Any] = KMeans(
        n_albums, n_init=4 if len(points) < _N_FOR_ONE_START else 1, max_iter=100, random_state=_SEED
    ).fit_predict(points)
    return labels
