"""Explanations of a prediction: which tags, and which regions of the picture, contributed to a mood."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from imagemood.errors import IncompatibleModelError, InputError, OutputError
from imagemood.models.mood_classifier import MoodClassifier
from imagemood.prediction import heatmap
from imagemood.prediction.result import Result


@dataclass(frozen=True, eq=False)
class Explanation:
    """The tags and regions that contributed to a mood of a picture.

    Attributes
    ----------
    mood : str
        The mood that is explained.
    tag_drops : dict of str to float
        Drop in the mood's probability when the tag is removed, in [-1, 1], in descending order. Negative if the
        tag makes the mood less probable. Empty if the mood classifier does not use tags.
    heat_map : ndarray of shape (height, width), float32, or None
        Log-odds of the mood at each position of the picture, from the top left. None if the network computes no
        map of this mood.

    See Also
    --------
    imagemood.Cascade.explain : Explains a prediction.
    """

    mood: str
    tag_drops: dict[str, float]
    heat_map: NDArray[np.float32] | None


def explain(
    classifier: MoodClassifier, result: Result, tags: NDArray[np.float32] | None, mood: str | None = None
) -> Explanation:
    """Explain a prediction, as `imagemood.Cascade.explain` describes.

    `tags` are the picture's scores, of shape (n_tags,), in the order of the classifier's vocabulary.
    """
    if result.error is not None:
        raise result.error
    explained_mood = mood or str(result.mood)
    if explained_mood not in classifier.labels:
        raise InputError(f"unknown mood '{explained_mood}'", hint=f"use one of {', '.join(classifier.labels)}")
    drops: dict[str, float] = {}
    if tags is not None and "tags" in classifier.inputs:
        index = classifier.labels.index(explained_mood)
        try:
            values = compute_tag_drops(classifier, tags, result.embedding, result.visual)[:, index]
        except OutputError as error:
            raise error.of_picture(result.image) from error
        order = [i for i in np.argsort(-values, kind="stable") if tags[i]]
        drops = {classifier.vocabulary[i]: float(values[i]) for i in order}
    return Explanation(explained_mood, drops, heatmap.compute(result, explained_mood))


def compute_tag_drops(
    classifier: MoodClassifier,
    tags: NDArray[np.float32],
    embedding: NDArray[np.float32] | None = None,
    visual: NDArray[np.float32] | None = None,
) -> NDArray[np.float64]:
    """Compute by how much the probability of each mood drops when a tag is removed.

    The classifier predicts the moods again without each of the tags [1]_, in one batch. The result is exact for
    any classifier, because nothing is assumed about how it works. A removed tag has score 0, as if its row
    (image, tag, score) did not exist; the other scores are unchanged.

    The arrays describe one picture; `tags` has the order of the classifier's vocabulary. The result has the shape
    (n_tags, n_moods), values in [-1, 1], and rows that sum to 0.

    References
    ----------
    .. [1] M. Robnik-Šikonja, I. Kononenko, "Explaining classifications for individual instances", IEEE
       Transactions on Knowledge and Data Engineering 20(5), 2008. https://doi.org/10.1109/TKDE.2007.190734

    Examples
    --------
    >>> from imagemood.models import model_directory
    >>> classifier = model_directory.load("tags")
    >>> scores = np.zeros(1000, dtype=np.float32)
    >>> scores[[classifier.vocabulary.index("volcano"), 0]] = 0.9, 0.1
    >>> drops = compute_tag_drops(classifier, scores)
    >>> classifier.vocabulary[drops[:, classifier.labels.index("awe")].argmax()]
    'volcano'
    """
    if "tags" not in classifier.inputs:
        raise IncompatibleModelError(
            "the model does not use tags, so tags cannot explain its predictions", where=classifier.network.name
        )
    present = np.flatnonzero(tags)
    variants = np.tile(tags, (len(present) + 1, 1))  # the first row keeps all tags
    variants[np.arange(1, len(present) + 1), present] = 0
    other_inputs = {
        name: None if array is None else np.tile(array, (len(variants), 1))
        for name, array in (("embedding", embedding), ("visual", visual))
        if name in classifier.inputs
    }
    probabilities = classifier.predict(variants, **other_inputs)
    drops = np.zeros((len(tags), len(classifier.labels)))
    drops[present] = probabilities[0] - probabilities[1:]
    return drops
