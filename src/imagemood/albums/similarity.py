"""Finds the pictures of a collection that are most similar to a picture.

All pictures are compared: the product of matrices that compares 100,000 of them takes less time than reading them,
so an index of approximate neighbours would save nothing, and it would lose some of the neighbours.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from imagemood.albums.aspect import Aspect
from imagemood.albums.collection import Collection


@dataclass(frozen=True)
class Neighbour:
    """A picture that is similar to another one.

    Attributes
    ----------
    image : str
        The name of the picture.
    similarity : float
        How similar it is, in [0, 1].
    moods : dict of str to float
        Probability of each mood.
    """

    image: str
    similarity: float
    moods: dict[str, float]


def most_similar(
    parts: Iterable[Collection],
    query: Collection,
    by: Aspect,
    n: int,
    is_query: Callable[[str], bool] | None = None,
) -> list[Neighbour]:
    """Return the `n` pictures that are most similar to the only picture of `query`, which is left out.

    The similarity of contents is the cosine of the embeddings. That of moods is the Bhattacharyya coefficient of
    their probabilities, which is 1 if they are equal, and 0 if no mood occurs in both. For both, it is the mean.

    Parameters
    ----------
    parts : iterable of Collection
        The pictures to search, of which only one part at a time is in memory.
    query : Collection
        The picture to compare with.
    by : Aspect
        What to compare.
    n : int
        The number of pictures.
    is_query : callable, optional
        Returns from the name of a picture whether it is the one to compare with. Defaults to the same name.

    Returns
    -------
    list of Neighbour
        In descending order of the similarity, then by name.

    Examples
    --------
    >>> part = Collection(["awe", "fear"], ["a", "b", "c"], np.array([[0.9, 0.1], [0.2, 0.8], [0.7, 0.3]]), None)
    >>> query = Collection(["awe", "fear"], ["a"], np.array([[0.9, 0.1]]), None)
    >>> [neighbour.image for neighbour in most_similar([part], query, Aspect.mood, 2)]
    ['c', 'b']
    """
    is_query = is_query or query.images[0].__eq__
    best: list[tuple[float, str, dict[str, float]]] = []
    for part in parts:
        values = similarities(part, query, by)
        values[[is_query(image) for image in part.images]] = -np.inf
        # Those with the same value as the last one, too, so that the order does not depend on the parts.
        limit = np.partition(values, -n)[-n] if len(values) > n else -np.inf
        found = [i for i in np.flatnonzero(values >= limit).tolist() if np.isfinite(values[i])]
        best += [(-float(values[i]), part.images[i], part.moods(i)) for i in found]
        best = heapq.nsmallest(n, best, key=lambda entry: entry[:2])
    return [Neighbour(image, -value, moods) for value, image, moods in best]


def similarities(part: Collection, query: Collection, by: Aspect) -> NDArray[Any]:
    """Return the similarity of each picture of a part to the only picture of `query`, in [0, 1]."""
    values: list[NDArray[Any]] = []
    if by is not Aspect.content:
        values.append(np.sqrt(np.maximum(part.probabilities, 0)) @ np.sqrt(np.maximum(query.probabilities[0], 0)))
    if by is not Aspect.mood:
        embeddings, embedding = part.require_embeddings(), query.require_embeddings()[0]
        norms = np.sqrt(np.einsum("ij,ij->i", embeddings, embeddings)) * np.linalg.norm(embedding)
        values.append(embeddings @ embedding / np.maximum(norms, np.finfo(np.float32).tiny))
    return np.clip(np.round(np.mean(values, axis=0, dtype=np.float64), 6), 0, 1)
