"""Labelled images as arrays."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from imagemood import builtin, formats
from imagemood.errors import VocabularyError
from imagemood.formats import Labels
from imagemood.tags import TagSet


@dataclass(frozen=True, eq=False)
class TrainingSet:
    """Images with their tags and moods.

    Attributes
    ----------
    tags : ndarray of shape (n_images, n_tags), float32, in [0, 1]
        Tag scores.
    vocabulary : tuple of str
        The tags.
    moods : list of str
        The label of each image.
    embedding : ndarray of shape (n_images, n_embedding), float32, or None
        The tagger's embedding.

    Examples
    --------
    >>> tags = TagSet.from_rows([0, 0, 1], ["cat", "dog", "shark"], [0.5, 0.5, 1.0])
    >>> training_set = TrainingSet.from_rows(tags, Labels(["contentment", "fear"]))
    >>> training_set.features.shape
    (2, 3)
    """

    tags: NDArray[np.float32]
    vocabulary: tuple[str, ...]
    moods: list[str]
    embedding: NDArray[np.float32] | None = None

    @classmethod
    def from_rows(cls, tags: TagSet, labels: Labels) -> TrainingSet:
        """Match tag rows and labels.

        Labels in one column belong to the images in ascending order of their numbers, or, where images have
        names, in order of first appearance.

        Parameters
        ----------
        tags : TagSet
            Tag rows.
        labels : Labels
            One label for each image.

        Returns
        -------
        TrainingSet
            The images in the order of the labels.

        Raises
        ------
        VocabularyError
            If there are more or fewer labels than images, or they name other images.
        """
        vocabulary = tuple(sorted(tags.vocabulary))
        matrix = tags.to_matrix(vocabulary)
        if len(labels.moods) != len(matrix.images):
            raise VocabularyError(
                f"{len(labels.moods)} labels for {len(matrix.images)} images",
                where=labels.name,
                hint="each image needs one label",
            )
        if labels.images is not None:
            order = _order_of(labels.images, matrix.images, labels.name)
        else:
            order = np.arange(len(matrix.images))
            if isinstance(matrix.images[0], int):
                order = np.argsort(matrix.images, kind="stable")
        return cls(matrix.values[order], vocabulary, list(labels.moods))

    @classmethod
    def example(cls) -> TrainingSet:
        """Load the example training set: tag rows of 1,600 photos, 200 for each of eight moods.

        Returns
        -------
        TrainingSet
            With the 100 strongest tags of each photo.
        """
        tags = formats.read(builtin.path("example.parquet"))
        return cls.from_rows(tags, formats.read_labels(builtin.path("example_labels.csv")))

    @property
    def features(self) -> NDArray[np.float32]:
        """Tags, and behind them the embedding where there is one, as one matrix."""
        return self.tags if self.embedding is None else np.hstack([self.tags, self.embedding])

    @property
    def n_embedding(self) -> int:
        """How many columns the embedding has."""
        return 0 if self.embedding is None else self.embedding.shape[1]

    @property
    def images_per_mood(self) -> dict[str, int]:
        """How many images each mood has, by name."""
        return dict(sorted(Counter(self.moods).items()))

    def take(self, indices: ArrayLike) -> TrainingSet:
        """Choose images.

        Parameters
        ----------
        indices : array_like of int
            Which.

        Returns
        -------
        TrainingSet
            These, in this order.
        """
        chosen = np.asarray(indices)
        embedding = None if self.embedding is None else self.embedding[chosen]
        return TrainingSet(self.tags[chosen], self.vocabulary, [self.moods[i] for i in chosen], embedding)

    def without_embedding(self) -> TrainingSet:
        """Leave the embedding out.

        Returns
        -------
        TrainingSet
            The same images with tags alone.
        """
        return TrainingSet(self.tags, self.vocabulary, self.moods)

    def fingerprint(self) -> str:
        """Compute what tells this training set from any other.

        Returns
        -------
        str
            SHA-256 of vocabulary, labels and features, in hexadecimal.
        """
        digest = hashlib.sha256()
        for name in (*self.vocabulary, "", *self.moods):
            digest.update(name.encode() + b"\0")
        digest.update(np.ascontiguousarray(self.features, dtype="<f4").tobytes())
        return digest.hexdigest()

    def summary(self, n_top: int) -> dict[str, list[tuple[str, float]]]:
        """Find the tags behind each mood.

        Parameters
        ----------
        n_top : int
            How many.

        Returns
        -------
        dict of str to list of (str, float)
            For each mood its strongest tags and the sums of their scores, in descending order.
        """
        strongest = {}
        moods = np.array(self.moods)
        for mood in sorted(set(self.moods)):
            sums = self.tags[moods == mood].sum(axis=0, dtype=np.float64)
            order = np.argsort(-sums, kind="stable")[:n_top]
            strongest[mood] = [(self.vocabulary[i], float(sums[i])) for i in order if sums[i] > 0]
        return strongest


def _order_of(wanted: list[str], images: Sequence[int] | Sequence[str], name: str) -> NDArray[np.intp]:
    """Find the place of each labelled image among the images."""
    place = {str(image): i for i, image in enumerate(images)}
    if len(set(wanted)) < len(wanted):
        twice = next(image for image, n in Counter(wanted).items() if n > 1)
        raise VocabularyError(f"image '{twice}' has two labels", where=name)
    unknown = [image for image in wanted if image not in place]
    if unknown:
        raise VocabularyError(f"{len(unknown)} labelled images have no tags, such as '{unknown[0]}'", where=name)
    return np.array([place[image] for image in wanted], dtype=np.intp)
