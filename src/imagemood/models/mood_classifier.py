"""Stage two of the cascade: the probabilities of the moods, from tags, the embedding and visual features."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from imagemood.errors import IncompatibleModelError, OutputError
from imagemood.models.metadata import ModelMetadata
from imagemood.models.mood_rows import MoodRows
from imagemood.models.network import Network
from imagemood.models.output_checks import NOT_PROBABILITIES, Parts, check_is_float, join, probabilities_of
from imagemood.tables.tag_set import TagSet

if TYPE_CHECKING:
    from imagemood.tables.feature_table import FeatureTable


_OUTPUT = "probabilities"
_IMAGES_PER_RUN = 1024  # the duration and the memory of a run are limited
_MISSING_INPUT = {
    "tags": ("the model needs tags", "provide scores of tags"),
    "embedding": (
        "the model needs the tagger's embedding, not only tags",
        "provide pictures, or use a model that takes only tags",
    ),
    "visual": (
        "the model needs visual features, not only tags",
        "provide pictures, or a table of features in addition to the tags",
    ),
}


class MoodClassifier:
    """Stage two of the cascade: predicts the probabilities of moods.

    Mood classifiers are loaded with `imagemood.load_model`.

    Parameters
    ----------
    network : Network
        A network with one or more of the inputs ``tags`` (n_images, n_tags), ``embedding`` (n_images, n_embedding)
        and ``visual`` (n_images, n_features), and the output ``probabilities`` (n_images, n_moods).
    metadata : ModelMetadata
        Names of the columns of the inputs and of the output, and information about the training.

    Attributes
    ----------
    labels : tuple of str
        The moods, in the order of the probabilities.
    vocabulary : tuple of str
        The tags, in the order of the columns of ``tags``.
    inputs : tuple of str
        The inputs that the model needs, in the order ``tags``, ``embedding``, ``visual``.
    network, metadata
        The parameters of the same names.

    Raises
    ------
    IncompatibleModelError
        If the network and the metadata do not match.

    Examples
    --------
    >>> from imagemood import load_model
    >>> classifier = load_model("tags")
    >>> scores = np.zeros((1, len(classifier.vocabulary)), dtype=np.float32)
    >>> scores[0, classifier.vocabulary.index("volcano")] = 1
    >>> probabilities = classifier.predict(scores)
    >>> probabilities.shape, classifier.labels[probabilities[0].argmax()]
    ((1, 8), 'awe')
    """

    def __init__(self, network: Network, metadata: ModelMetadata) -> None:
        self.network = network
        self.metadata = metadata
        self.labels = metadata.labels
        self.vocabulary = metadata.vocabulary
        self.inputs = metadata.inputs
        self._prior = np.array([metadata.prior[label] for label in self.labels], dtype=np.float64)
        widths = {name: shape[-1] if shape else 0 for name, shape in network.inputs.items()}
        expected = {"tags": len(self.vocabulary), "visual": len(metadata.visual)}
        if set(widths) != set(self.inputs) or any(
            widths[name] not in (width, None) for name, width in expected.items() if name in widths
        ):
            raise IncompatibleModelError(
                f"the inputs of the network, {widths}, do not match its metadata", where=network.name
            )
        for name, shape in network.inputs.items():
            if network.input_types[name] != "float" or len(shape) != 2:
                raise IncompatibleModelError(
                    f"the input '{name}' is {network.input_types[name]} of shape {list(shape)} instead of float "
                    "of shape (n_images, n_columns)",
                    where=network.name,
                )
        if _OUTPUT not in network.outputs:
            raise IncompatibleModelError(f"the network has no output '{_OUTPUT}'", where=network.name)
        check_is_float(_OUTPUT, network.output_types, network.name)

    def __reduce__(self) -> tuple[type[MoodClassifier], tuple[Network, ModelMetadata]]:
        return type(self), (self.network, self.metadata)

    def with_threads(self, n_threads: int) -> MoodClassifier:
        """Return a classifier with the same results that uses `n_threads` threads (at least 1) in each run.

        Examples
        --------
        >>> from imagemood import load_model
        >>> load_model("tags").with_threads(1).network.n_threads
        1
        """
        return MoodClassifier(self.network.with_threads(n_threads), self.metadata)

    def predict(
        self,
        tags: NDArray[np.float32] | None = None,
        embedding: NDArray[np.float32] | None = None,
        visual: NDArray[np.float32] | None = None,
    ) -> NDArray[np.float64]:
        """Predict the probabilities of the moods.

        The arrays named in the attribute `inputs` are required; others are ignored.

        Parameters
        ----------
        tags : ndarray of shape (n_images, n_tags), float32, in [0, 1], optional
            Scores, with columns in the order of `vocabulary`.
        embedding : ndarray of shape (n_images, n_embedding), float32, optional
            The tagger's embedding.
        visual : ndarray of shape (n_images, n_features), float32, optional
            Visual features, with columns in the order of ``metadata.visual``.

        Returns
        -------
        ndarray of shape (n_images, n_moods), float64, in [0, 1]
            Probabilities, in the order of the images and of `labels`; each row sums to 1. If the model takes only
            tags and an image has none, they are the prior of the moods.

        Raises
        ------
        IncompatibleModelError
            If an array is missing or has the wrong shape.
        OutputError
            If the output of the network is not one probability for each mood.

        Examples
        --------
        >>> from imagemood import load_model
        >>> classifier = load_model("tags")
        >>> prior = classifier.predict(np.zeros((1, len(classifier.vocabulary)), dtype=np.float32))
        >>> round(float(prior.sum()), 6)
        1.0
        """
        feeds = self._select_inputs({"tags": tags, "embedding": embedding, "visual": visual})
        if len(feeds[self.inputs[0]]) == 0:
            return np.empty((0, len(self.labels)))
        where = self.network.name
        parts, sizes = self._run(feeds), (len(self.labels),)
        outputs = join(parts, _OUTPUT, sizes, where, problem=NOT_PROBABILITIES).astype(np.float64)
        if self.inputs == ("tags",):
            outputs[~feeds["tags"].any(axis=1)] = self._prior / self._prior.sum()
        return probabilities_of(outputs, where)

    def _run(self, feeds: dict[str, NDArray[np.float32]]) -> Parts:
        n_images = len(feeds[self.inputs[0]])
        parts = [
            {name: array[start : start + _IMAGES_PER_RUN] for name, array in feeds.items()}
            for start in range(0, n_images, _IMAGES_PER_RUN)
        ]
        return [(len(part[self.inputs[0]]), self.network.run(_OUTPUT, **part)) for part in parts]

    def _select_inputs(self, arrays: dict[str, NDArray[np.float32] | None]) -> dict[str, NDArray[np.float32]]:
        feeds = {}
        for name in self.inputs:
            array, width = arrays[name], self.network.inputs[name][-1]
            if array is None:
                what, hint = _MISSING_INPUT[name]
                raise IncompatibleModelError(what, hint=hint)
            if array.ndim != 2 or (isinstance(width, int) and array.shape[1] != width):
                raise IncompatibleModelError(f"{name} must have {width} columns; its shape is {array.shape}")
            feeds[name] = array
        n_images = {name: len(array) for name, array in feeds.items()}
        if len(set(n_images.values())) > 1:
            raise IncompatibleModelError(f"the inputs have different numbers of images: {n_images}")
        return feeds

    def predict_rows(self, tags: TagSet, features: FeatureTable | None = None) -> MoodRows:
        """Predict mood rows from tag rows.

        Parameters
        ----------
        tags : TagSet
            Rows (image, tag, score).
        features : FeatureTable, optional
            Visual features of the same images, for a model that needs them.

        Returns
        -------
        MoodRows
            Rows (image, mood, probability), and the tags that were ignored.

        Raises
        ------
        IncompatibleModelError
            If the model needs the embedding, or visual features that are missing.
        VocabularyError
            If an image has no visual features.

        Examples
        --------
        >>> from imagemood import TagSet, load_model
        >>> prediction = load_model("tags").predict_rows(TagSet.from_rows([7], ["volcano"], [1.0]))
        >>> prediction.rows
        TagSet(8 rows, 1 images, 8 tags)
        >>> prediction.rows.vocabulary[0]
        'awe'
        """
        matrix = tags.to_matrix(self.vocabulary)
        visual = None if features is None else self._select_visual(features, matrix.images)
        try:
            probabilities = self.predict(matrix.values, visual=visual)
        except OutputError as error:
            raise error.of_picture(f"image {matrix.images[error.rows[0]]}") from error
        rows = TagSet.from_matrix(probabilities, matrix.images, self.labels, keep_zeros=True)
        without_known_tag = np.flatnonzero(~matrix.values.any(axis=1))
        images = [matrix.images[row] for row in without_known_tag]
        return MoodRows(rows, matrix.n_unknown_rows, matrix.unknown_tags, images)  # type: ignore[arg-type]

    def _select_visual(self, features: FeatureTable, images: Sequence[int] | Sequence[str]) -> NDArray[np.float32]:
        needed = self.metadata.visual
        missing = [name for name in needed if name not in features.names]
        if missing:
            raise IncompatibleModelError(
                f"missing {len(missing)} of {len(needed)} features that the model needs, such as '{missing[0]}'",
                where=features.name,
            )
        columns = [features.names.index(name) for name in needed]
        return features.rows_of(images)[:, columns]
