"""Training sets: labelled images as arrays."""

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
from imagemood.tables.batches import batches_to_matrix
from imagemood.tables.tag_set import TagSet


@dataclass(frozen=True, eq=False)
class TrainingSet:
    """Labelled images with their features.

    At least one of ``tags``, ``embedding`` and ``visual`` is given; these are the inputs that a mood classifier
    can be trained on.

    Attributes
    ----------
    tags : ndarray of shape (n_images, n_tags), float32, in [0, 1], or None
        Tag scores.
    vocabulary : tuple of str
        The tags; empty without tag scores.
    moods : list of str
        The label of each image.
    embedding : ndarray of shape (n_images, n_embedding), float32, or None
        The tagger's embedding.
    visual : ndarray of shape (n_images, n_features), float32, or None
        Visual features.
    visual_names : tuple of str
        Names of the visual features; empty without them.
    votes : ndarray of shape (n_images, n_vote_moods), float32, in [0, 1], or None
        The share of the votes for each mood, if annotators disagree. The rows sum to 1.
    vote_moods : tuple of str
        The moods of the columns of the votes, in ascending order; empty without them.

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
    votes: NDArray[np.float32] | None = None
    vote_moods: tuple[str, ...] = ()

    @classmethod
    def from_rows(
        cls,
        tags: TagSet | Iterable[TagSet],
        labels: Labels,
        features: FeatureTable | None = None,
        *,
        sort_names: bool = False,
    ) -> TrainingSet:
        """Combine tag rows, complete or in parts, with labels and visual features of the same images.

        Labels without image names are assigned to the images in ascending order of their numbers or, if images
        have names, in the order of their first tag row; with `sort_names`, in alphabetical order, as in the 2018
        program. The images are returned in the order of the labels.

        Raises
        ------
        VocabularyError
            If an image has no label or no features, or labels are of other images.
        InputError
            If there is not enough memory for training.
        """
        matrix, vocabulary = batches_to_matrix([tags] if isinstance(tags, TagSet) else tags)
        n_labels, n_images = len(labels.moods), len(matrix.images)
        if labels.images is None and n_labels != n_images:
            raise VocabularyError(
                f"{n_labels} labels for {n_images} images", where=labels.name, hint="each image needs one label"
            )
        order = _label_order(labels, matrix.images, sort_names=sort_names)
        if n_labels < n_images:
            unlabelled = sorted(set(range(n_images)).difference(order.tolist()))
            raise VocabularyError(
                f"no label for {len(unlabelled)} of {n_images} images, such as '{matrix.images[unlabelled[0]]}'",
                where=labels.name,
            )
        training_set = cls(matrix.values[order], vocabulary, list(labels.moods))
        if features is None:
            return training_set
        rows = features.rows_of([matrix.images[i] for i in order])
        return replace(training_set, visual=rows, visual_names=features.names)

    @classmethod
    def example(cls) -> TrainingSet:
        """Load the example: the 100 top tags of each of 1,600 photos, 200 photos for each of eight moods."""
        tags = tables.read(builtin.path("example.parquet"))
        return cls.from_rows(tags, tables.read_labels(builtin.path("example_labels.csv")))

    @property
    def inputs(self) -> dict[str, NDArray[np.float32]]:
        """Arrays of the inputs by name, in the order of `imagemood.models.metadata.INPUTS`."""
        arrays = {"tags": self.tags, "embedding": self.embedding, "visual": self.visual}
        return {name: array for name in INPUTS if (array := arrays[name]) is not None}

    @property
    def widths(self) -> dict[str, int]:
        """Number of columns of each input."""
        return {name: array.shape[1] for name, array in self.inputs.items()}

    @property
    def features(self) -> NDArray[np.float32]:
        """All inputs as one matrix of shape (n_images, sum of the widths)."""
        return np.hstack(list(self.inputs.values()))

    @property
    def images_per_mood(self) -> dict[str, int]:
        """Number of images of each mood, sorted by the name of the mood."""
        return dict(sorted(Counter(self.moods).items()))

    def take(self, indices: ArrayLike) -> TrainingSet:
        """Return the images at some indices, in the order of the indices."""
        chosen = np.asarray(indices)
        taken = {name: array[chosen] for name, array in self.inputs.items()}
        votes = None if self.votes is None else self.votes[chosen]
        return replace(self, moods=[self.moods[i] for i in chosen], votes=votes, **taken)

    def sample(self, n_images: int, *, random_state: int = 0) -> TrainingSet:
        """Draw a stratified sample in the order of the images, or return all images if there are not more.

        See `imagemood.learning.sampling.stratified_sample`.
        """
        if n_images >= len(self.moods):
            return self
        return self.take(stratified_sample(self.moods, n_images, random_state=random_state))

    def select(self, inputs: Sequence[str]) -> TrainingSet:
        """Return the same images with one or more of the inputs ``tags``, ``embedding`` and ``visual``.

        Raises
        ------
        InputError
            If no input is named, or the training set does not have one of them.

        Examples
        --------
        >>> TrainingSet.example().select(["tags"]).widths
        {'tags': 1000}
        """
        missing = [name for name in inputs if name not in self.inputs]
        if missing or not inputs:
            raise InputError(
                f"missing input '{'+'.join(missing)}'" if missing else "no inputs selected",
                hint=f"the training set has {', '.join(self.inputs)}",
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
        """Return a SHA-256 hash of the names, labels and features, in hexadecimal."""
        digest = hashlib.sha256()
        for name in (*self.vocabulary, "", *self.moods, *self.visual_names):
            digest.update(name.encode() + b"\0")
        digest.update(np.ascontiguousarray(self.features, dtype="<f4").tobytes())
        if self.votes is not None:
            digest.update(repr(self.vote_moods).encode() + np.ascontiguousarray(self.votes, dtype="<f4").tobytes())
        return digest.hexdigest()

    def summary(self, n_top: int) -> dict[str, list[tuple[str, float]]]:
        """Return the top tags of each mood and the sums of their scores, in descending order.

        The dictionary is empty without tags; tags whose score is 0 in all images of a mood are left out.
        """
        if self.tags is None:
            return {}
        top_tags = {}
        moods = np.array(self.moods)
        for mood in sorted(set(self.moods)):
            sums = self.tags[moods == mood].sum(axis=0, dtype=np.float64)
            order = np.argsort(-sums, kind="stable")[:n_top]
            top_tags[mood] = [(self.vocabulary[i], float(sums[i])) for i in order if sums[i] > 0]
        return top_tags


def _label_order(labels: Labels, images: Sequence[int] | Sequence[str], *, sort_names: bool) -> NDArray[np.intp]:
    """Return the index of the image that each label belongs to."""
    if labels.images is not None:
        return labels.positions_in(images)
    if isinstance(images[0], int) or sort_names:
        return np.array(sorted(range(len(images)), key=images.__getitem__))
    return np.arange(len(images))
