"""Labelled images as arrays."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from imagemood import builtin, tables
from imagemood.errors import InputError, VocabularyError
from imagemood.learning.sampling import stratified_sample
from imagemood.models.metadata import INPUTS
from imagemood.tables import FeatureTable, Labels
from imagemood.tables.matrix import collect
from imagemood.tables.tag_set import TagSet


@dataclass(frozen=True, eq=False)
class TrainingSet:
    """Images with their moods and what to learn them from.

    Attributes
    ----------
    tags : ndarray of shape (n_images, n_tags), float32, in [0, 1], or None
        Tag scores.
    vocabulary : tuple of str
        The tags; empty without tags.
    moods : list of str
        The label of each image.
    embedding : ndarray of shape (n_images, n_embedding), float32, or None
        The tagger's embedding.
    visual : ndarray of shape (n_images, n_features), float32, or None
        Raw visual features.
    visual_names : tuple of str
        Names of these features; empty without them.

    Examples
    --------
    >>> tags = TagSet.from_rows([0, 0, 1], ["cat", "dog", "shark"], [0.5, 0.5, 1.0])
    >>> training_set = TrainingSet.from_rows(tags, Labels(["contentment", "fear"]))
    >>> training_set.features.shape
    (2, 3)
    """

    tags: NDArray[np.float32] | None
    vocabulary: tuple[str, ...]
    moods: list[str]
    embedding: NDArray[np.float32] | None = None
    visual: NDArray[np.float32] | None = None
    visual_names: tuple[str, ...] = ()

    @classmethod
    def from_rows(
        cls, tags: TagSet | Iterable[TagSet], labels: Labels, features: FeatureTable | None = None
    ) -> TrainingSet:
        """Match tag rows, labels and visual features.

        Labels in one column belong to the images in ascending order of their numbers, or, where images have
        names, in order of first appearance.

        Parameters
        ----------
        tags : TagSet or iterable of TagSet
            Tag rows, whole or in parts.
        labels : Labels
            One label for each image.
        features : FeatureTable, optional
            Visual features of the images, which it names as the tag rows do.

        Returns
        -------
        TrainingSet
            The images in the order of the labels.

        Raises
        ------
        VocabularyError
            If there are more or fewer labels than images, or labels or features are those of other images.
        InputError
            If there is not enough memory to train on them.
        """
        matrix = collect([tags] if isinstance(tags, TagSet) else tags)
        if len(labels.moods) != len(matrix.images):
            raise VocabularyError(
                f"{len(labels.moods)} labels for {len(matrix.images)} images",
                where=labels.name,
                hint="each image needs one label",
            )
        if labels.images is not None:
            order = labels.places_in(matrix.images)
        else:
            order = np.arange(len(matrix.images))
            if isinstance(matrix.images[0], int):
                order = np.argsort(matrix.images, kind="stable")
        known = cls(matrix.values[order], matrix.vocabulary, list(labels.moods))
        if features is None:
            return known
        rows = features.rows_of([matrix.images[i] for i in order])
        return replace(known, visual=rows, visual_names=features.names)

    @classmethod
    def example(cls) -> TrainingSet:
        """Load the example training set: tag rows of 1,600 photos, 200 for each of eight moods.

        Returns
        -------
        TrainingSet
            With the 100 strongest tags of each photo.
        """
        tags = tables.read(builtin.path("example.parquet"))
        return cls.from_rows(tags, tables.read_labels(builtin.path("example_labels.csv")))

    @property
    def inputs(self) -> dict[str, NDArray[np.float32]]:
        """What there is to learn from, by name, in the order of `imagemood.models.metadata.INPUTS`."""
        arrays = {"tags": self.tags, "embedding": self.embedding, "visual": self.visual}
        return {name: array for name in INPUTS if (array := arrays[name]) is not None}

    @property
    def widths(self) -> dict[str, int]:
        """How many columns each input has."""
        return {name: array.shape[1] for name, array in self.inputs.items()}

    @property
    def features(self) -> NDArray[np.float32]:
        """The inputs side by side as one matrix."""
        return np.hstack(list(self.inputs.values()))

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
        taken = {name: array[chosen] for name, array in self.inputs.items()}
        return replace(self, moods=[self.moods[i] for i in chosen], **taken)

    def sample(self, n_images: int, *, random_state: int = 0) -> TrainingSet:
        """Draw images, of each mood the same share.

        Parameters
        ----------
        n_images : int
            How many; all if there are not more.
        random_state : int
            Seed.

        Returns
        -------
        TrainingSet
            These, in their order. A smaller draw with the same seed is a part of a larger one, but for rounding.

        Raises
        ------
        VocabularyError
            If that would leave a mood without any.
        """
        if n_images >= len(self.moods):
            return self
        return self.take(stratified_sample(self.moods, n_images, random_state=random_state))

    def select(self, inputs: Sequence[str]) -> TrainingSet:
        """Choose what to learn from.

        Parameters
        ----------
        inputs : sequence of str
            One or more of ``tags``, ``embedding`` and ``visual``.

        Returns
        -------
        TrainingSet
            The same images with these inputs alone.

        Raises
        ------
        InputError
            If none is named, or one that is not there.

        Examples
        --------
        >>> TrainingSet.example().select(["tags"]).widths
        {'tags': 1000}
        """
        missing = [name for name in inputs if name not in self.inputs]
        if missing or not inputs:
            raise InputError(
                f"there is no input '{'+'.join(missing)}' to learn from",
                hint=f"there are {', '.join(self.inputs)}",
            )
        return replace(
            self,
            tags=self.tags if "tags" in inputs else None,
            vocabulary=self.vocabulary if "tags" in inputs else (),
            embedding=self.embedding if "embedding" in inputs else None,
            visual=self.visual if "visual" in inputs else None,
            visual_names=self.visual_names if "visual" in inputs else (),
        )

    def fingerprint(self) -> str:
        """Compute what tells this training set from any other.

        Returns
        -------
        str
            SHA-256 of names, labels and features, in hexadecimal.
        """
        digest = hashlib.sha256()
        for name in (*self.vocabulary, "", *self.moods, *self.visual_names):
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
            For each mood its strongest tags and the sums of their scores, in descending order; none without
            tags.
        """
        if self.tags is None:
            return {}
        strongest = {}
        moods = np.array(self.moods)
        for mood in sorted(set(self.moods)):
            sums = self.tags[moods == mood].sum(axis=0, dtype=np.float64)
            order = np.argsort(-sums, kind="stable")[:n_top]
            strongest[mood] = [(self.vocabulary[i], float(sums[i])) for i in order if sums[i] > 0]
        return strongest
