"""The moods and embeddings of many pictures as arrays."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

import numpy as np
from numpy.typing import NDArray

from imagemood.errors import InputError
from imagemood.prediction.result import Result

_BATCH = 512


@dataclass(frozen=True, eq=False)
class Collection:
    """The predictions for pictures, or for a part of them.

    Attributes
    ----------
    labels : sequence of str
        The moods.
    images : list of str
        The names of the pictures.
    probabilities : ndarray of shape (n_pictures, n_moods), float64
        Probability of each mood.
    embeddings : ndarray of shape (n_pictures, n_embedding), float32, or None
        The embeddings, if they are known.

    Examples
    --------
    >>> part = Collection(["awe", "fear"], ["a.jpg"], np.array([[0.25, 0.75]]), None)
    >>> len(part), part.moods(0)
    (1, {'awe': 0.25, 'fear': 0.75})
    """

    labels: Sequence[str]
    images: list[str]
    probabilities: NDArray[np.float64]
    embeddings: NDArray[np.float32] | None

    def __len__(self) -> int:
        return len(self.images)

    def moods(self, i: int) -> dict[str, float]:
        """Return the probability of each mood of a picture."""
        return dict(zip(self.labels, self.probabilities[i].tolist(), strict=True))

    def require_embeddings(self) -> NDArray[np.float32]:
        """Return the embeddings, or raise the `InputError` of a collection without them."""
        if self.embeddings is None:
            raise InputError("the tagger computes no embeddings", hint="compare pictures by their moods")
        return self.embeddings


def from_results(results: Iterable[Result], labels: Sequence[str]) -> Iterator[Collection]:
    """Yield parts of a collection from results, none of which may have an error.

    Examples
    --------
    >>> result = Result("a.jpg", labels=("awe", "fear"), probabilities=np.array([0.25, 0.75]))
    >>> [part.images for part in from_results([result], ("awe", "fear"))]
    [['a.jpg']]
    """
    iterator = iter(results)
    while batch := list(islice(iterator, _BATCH)):
        embeddings = [result.embedding for result in batch]
        yield Collection(
            labels,
            [result.image for result in batch],
            np.array([result.probabilities for result in batch], np.float64),
            None if embeddings[0] is None else np.array(embeddings, np.float32),
        )


def join(parts: Iterable[Collection], labels: Sequence[str]) -> Collection:
    """Return parts as one collection, sorted by the names of the pictures.

    Examples
    --------
    >>> parts = [Collection(["awe"], [name], np.ones((1, 1)), None) for name in "ba"]
    >>> join(parts, ["awe"]).images
    ['a', 'b']
    """
    listed = [part for part in parts if len(part)]
    if not listed:
        return Collection(labels, [], np.empty((0, len(labels))), None)
    images = [image for part in listed for image in part.images]
    order = sorted(range(len(images)), key=images.__getitem__)
    has_embeddings = all(part.embeddings is not None for part in listed)
    return Collection(
        labels,
        [images[i] for i in order],
        np.concatenate([part.probabilities for part in listed])[order],
        np.concatenate([part.require_embeddings() for part in listed])[order] if has_embeddings else None,
    )
