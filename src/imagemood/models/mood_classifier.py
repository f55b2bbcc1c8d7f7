"""Stage two: tags, and where there is one the embedding, to the probabilities of the moods."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from imagemood.errors import IncompatibleModelError, ModelError
from imagemood.models.metadata import ModelMetadata
from imagemood.models.network import Network
from imagemood.tables.tag_set import TagSet

if TYPE_CHECKING:
    from imagemood.tables import FeatureTable


_MEANING = {
    "tags": "tags",
    "embedding": "the tagger's embedding, not tags alone",
    "visual": "visual features, not tags alone",
}
_CURE = {
    "tags": "give it tag scores",
    "embedding": "give it pictures, or use a model trained on tags alone",
    "visual": "give it pictures, or a table of features beside the tags",
}


@dataclass(frozen=True, eq=False)
class MoodRows:
    """Rows of tags answered by rows of moods.

    Attributes
    ----------
    rows : TagSet
        Rows (image, mood, probability): the images in the order they came, the moods of each in descending
        order of probability, which sum to 1.
    n_unknown_rows : int
        How many tag rows were left out because the model does not know their tag.
    unknown_tags : tuple of str
        These tags, each once.
    images_without_known_tag : list of int or list of str
        Images of which nothing was known; they get the prior of the moods.
    """

    rows: TagSet
    n_unknown_rows: int
    unknown_tags: tuple[str, ...]
    images_without_known_tag: list[int] | list[str]


class MoodClassifier:
    """Stage two of the cascade.

    Parameters
    ----------
    network : Network
        Inputs, those it needs of ``tags`` (n_images, n_tags), ``embedding`` (n_images, n_embedding) and ``visual``
        (n_images, n_features); output ``probabilities`` (n_images, n_moods).
    metadata : ModelMetadata
        Names of the columns on both sides, and where the model comes from.

    Attributes
    ----------
    labels : tuple of str
        The moods, in the order of the probabilities.
    vocabulary : tuple of str
        The tags, in the order of the columns of ``tags``.
    inputs : tuple of str
        Which of ``tags``, ``embedding`` and ``visual`` it needs, in this order.

    Raises
    ------
    IncompatibleModelError
        If network and metadata do not fit each other.

    Examples
    --------
    >>> from imagemood.models import model_directory
    >>> classifier = model_directory.load("tags")
    >>> scores = np.zeros((1, len(classifier.vocabulary)), dtype=np.float32)
    >>> scores[0, classifier.vocabulary.index("volcano")] = 1
    >>> classifier.predict(scores).shape
    (1, 8)
    """

    def __init__(self, network: Network, metadata: ModelMetadata) -> None:
        self.network = network
        self.metadata = metadata
        self.labels = metadata.labels
        self.vocabulary = metadata.vocabulary
        self.inputs = metadata.inputs
        self._prior = np.array([metadata.prior[label] for label in self.labels], dtype=np.float64)
        widths = {name: shape[-1] for name, shape in network.inputs.items()}
        named = {"tags": len(self.vocabulary), "visual": len(metadata.visual)}
        if set(widths) != set(self.inputs) or any(
            widths[i] not in (n, None) for i, n in named.items() if i in widths
        ):
            raise IncompatibleModelError(f"takes {widths}, not what its metadata says", where=network.name)
        if "probabilities" not in network.outputs:
            raise IncompatibleModelError("has no output 'probabilities'", where=network.name)

    def with_threads(self, n_threads: int) -> MoodClassifier:
        """Make a classifier that gives the same answers with another number of threads.

        Parameters
        ----------
        n_threads : int
            Threads that one run may use.

        Returns
        -------
        MoodClassifier
            A new one.
        """
        return MoodClassifier(self.network.with_threads(n_threads), self.metadata)

    def predict(
        self,
        tags: NDArray[np.float32] | None = None,
        embedding: NDArray[np.float32] | None = None,
        visual: NDArray[np.float32] | None = None,
    ) -> NDArray[np.float64]:
        """Tell the probabilities of the moods.

        Parameters
        ----------
        tags : ndarray of shape (n_images, n_tags), float32, in [0, 1], optional
            Scores, with columns in the order of `vocabulary`.
        embedding : ndarray of shape (n_images, n_embedding), float32, optional
            The tagger's embedding.
        visual : ndarray of shape (n_images, n_features), float32, optional
            Raw visual features, with columns in the order of ``metadata.visual``. What is not among `inputs`
            is not looked at; what is, must be given.

        Returns
        -------
        ndarray of shape (n_images, n_moods), float64, in [0, 1]
            In the order of the images and of `labels`; each row sums to 1. A model of tags alone answers an
            image without any with the prior.

        Raises
        ------
        IncompatibleModelError
            If an input is missing or has another width than the model's.
        ModelError
            If the model gives what are no probabilities.
        """
        feeds = self._feeds({"tags": tags, "embedding": embedding, "visual": visual})
        if len(feeds[self.inputs[0]]) == 0:
            return np.empty((0, len(self.labels)))
        answers = self.network.run(**feeds)["probabilities"].astype(np.float64)
        if answers.shape[1] != len(self.labels) or not np.isfinite(answers).all():
            raise ModelError("gives no probability for each mood", where=self.network.name)
        # Rounding, and forests that add float32 votes, leave sums a little off 1.
        probabilities = np.clip(answers, 0, None)
        probabilities /= probabilities.sum(axis=1, keepdims=True)
        if self.inputs == ("tags",):
            probabilities[~feeds["tags"].any(axis=1)] = self._prior / self._prior.sum()
        result: NDArray[np.float64] = probabilities
        return result

    def _feeds(self, given: dict[str, NDArray[np.float32] | None]) -> dict[str, NDArray[np.float32]]:
        """Choose what the model needs, and check that it is there and fits."""
        feeds = {}
        for name in self.inputs:
            array, width = given[name], self.network.inputs[name][-1]
            if array is None:
                raise IncompatibleModelError(f"this model needs {_MEANING[name]}", hint=_CURE[name])
            if array.ndim != 2 or (isinstance(width, int) and array.shape[1] != width):
                raise IncompatibleModelError(f"takes {name} of {width} columns, not {array.shape}")
            feeds[name] = array
        return feeds

    def check_visual(self, measured: Sequence[str]) -> None:
        """Refuse to work with other visual features than those the model is learned from."""
        if self.metadata.visual != tuple(measured):
            raise IncompatibleModelError(
                "the mood classifier needs other visual features than this version measures",
                where=self.network.name,
                hint="train it again, or use the version of imagemood that trained it",
            )

    def columns_of(self, tags: Sequence[str]) -> NDArray[np.intp] | None:
        """Find where a tagger's tags stand that this model is learned from.

        Parameters
        ----------
        tags : sequence of str
            The tagger's tags, in the order of its scores.

        Returns
        -------
        ndarray of shape (n_vocabulary,), intp, or None
            The tagger's column of each tag of `vocabulary`, -1 where it has none; None where the columns are the
            same, or the model does not look at tags.

        Raises
        ------
        IncompatibleModelError
            If it knows none of the tags.
        """
        if tuple(tags) == self.vocabulary or "tags" not in self.inputs:
            return None
        place = {tag: i for i, tag in enumerate(tags)}
        columns = np.array([place.get(tag, -1) for tag in self.vocabulary], dtype=np.intp)
        if (columns < 0).all():
            raise IncompatibleModelError(
                "the mood classifier knows none of the tagger's tags", hint="train it on this tagger's tags"
            )
        return columns

    def predict_rows(self, tags: TagSet, features: FeatureTable | None = None) -> MoodRows:
        """Answer rows of tags by rows of moods.

        Parameters
        ----------
        tags : TagSet
            Rows (image, tag, score).
        features : FeatureTable, optional
            Visual features of the same images, for a model that needs them.

        Returns
        -------
        MoodRows
            Rows (image, mood, probability), and what was left out.

        Raises
        ------
        IncompatibleModelError
            If the model needs more than it is given.
        VocabularyError
            If an image has no visual features.
        """
        matrix = tags.to_matrix(self.vocabulary)
        visual = None if features is None else self._visual(features, matrix.images)
        probabilities = self.predict(matrix.values, visual=visual)
        rows = TagSet.from_matrix(probabilities, matrix.images, self.labels, keep_zeros=True)
        nothing_known = np.flatnonzero(~matrix.values.any(axis=1))
        images = [matrix.images[i] for i in nothing_known]
        return MoodRows(rows, matrix.n_unknown_rows, matrix.unknown_tags, images)  # type: ignore[arg-type]

    def _visual(self, features: FeatureTable, images: Sequence[int] | Sequence[str]) -> NDArray[np.float32]:
        missing = [name for name in self.metadata.visual if name not in features.names]
        if missing:
            raise IncompatibleModelError(
                f"the model needs {len(missing)} features that are not there, such as '{missing[0]}'",
                where=features.name,
            )
        columns = [features.names.index(name) for name in self.metadata.visual]
        return features.rows_of(images)[:, columns]
