"""Explanations of a prediction: which tags, and which regions of the picture, contributed to a mood."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from imagemood.errors import IncompatibleModelError, InputError, OutputError
from imagemood.models import model_directory
from imagemood.models.matching import align_scores, vocabulary_columns
from imagemood.models.mood_classifier import MoodClassifier
from imagemood.prediction import heatmap, notebook
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
        tag makes the mood less probable. Empty if no model predicts the mood from the tags, or if the tags were
        not computed.
    heat_map : ndarray of shape (height, width), float32, or None
        Log-odds of the mood at each position of the picture, from the top left. None if the network computes no
        map of this mood.
    tags_alone : dict of str to float or None
        Probability of each mood if only the tags are known, in descending order, if the mood classifier itself
        does not use tags; `tag_drops` then refers to these probabilities. None if it does.
    result : Result or None
        The prediction that is explained.

    See Also
    --------
    imagemood.Cascade.explain : Explains a prediction.

    Examples
    --------
    >>> from imagemood import Cascade
    >>> from imagemood.pictures import samples
    >>> cascade = Cascade.load()
    >>> explanation = cascade.explain(cascade.classify(samples.all_samples()[0].path))
    >>> explanation.heat_map.shape
    (7, 7)
    """

    mood: str
    tag_drops: dict[str, float]
    heat_map: NDArray[np.float32] | None
    tags_alone: dict[str, float] | None = None
    result: Result | None = None

    def __repr__(self) -> str:
        shown = ", ".join(f"{tag!r}: {drop:.3f}" for tag, drop in itertools.islice(self.tag_drops.items(), 3))
        dots = ", …" if len(self.tag_drops) > 3 else ""
        return f"Explanation({self.mood!r}, tag_drops={{{shown}{dots}}})"

    def _repr_html_(self) -> str:
        return notebook.explanation_html(self)


def explain(
    classifier: MoodClassifier, result: Result, by_tags: MoodClassifier | None, mood: str | None = None
) -> Explanation:
    """Explain a prediction, as `imagemood.Cascade.explain` describes.

    `by_tags` is the model that explains the prediction by the tags: `classifier`, or another one that takes only
    tags.
    """
    if result.error is not None:
        raise result.error
    explained_mood = mood or str(result.mood)
    if explained_mood not in classifier.labels:
        raise InputError(f"unknown mood '{explained_mood}'", hint=f"use one of {', '.join(classifier.labels)}")
    heat_map = heatmap.compute(result, explained_mood)
    if by_tags is None or result.scores is None:
        return Explanation(explained_mood, {}, heat_map, result=result)
    tags = align_scores(result.scores, vocabulary_columns(by_tags, result.tag_labels))
    try:
        values = compute_tag_drops(by_tags, tags, result.embedding, result.visual)
        alone = None if by_tags is classifier else by_tags.predict(tags[np.newaxis])[0]
    except OutputError as error:
        raise error.of_picture(result.image) from error
    values = values[:, by_tags.labels.index(explained_mood)]
    order = [i for i in np.argsort(-values, kind="stable") if tags[i]]
    drops = {by_tags.vocabulary[i]: float(values[i]) for i in order}
    moods = None if alone is None else Result("", labels=by_tags.labels, probabilities=alone).moods
    return Explanation(explained_mood, drops, heat_map, moods, result)


def tags_only_classifier(classifier: MoodClassifier, tags: Sequence[str]) -> MoodClassifier | None:
    """Return the model that predicts the moods of a mood classifier from a tagger's tags alone.

    It is the classifier itself if it takes only tags, and otherwise the built-in model ``tags``, if it has the
    same moods and these tags.
    """
    if classifier.inputs == ("tags",):
        return classifier
    by_tags = model_directory.load("tags")
    matches = by_tags.labels == classifier.labels and by_tags.vocabulary == tuple(tags)
    return by_tags.with_threads(1) if matches else None


def predict_from_tags(by_tags: MoodClassifier, result: Result) -> Result:
    """Return a result with the moods that a model predicts from its tags alone.

    The result has no heat maps and no embedding, because this model looks at neither.
    """
    if result.error is not None or result.scores is None:
        return result
    try:
        tags = align_scores(result.scores, vocabulary_columns(by_tags, result.tag_labels))
        probabilities = by_tags.predict(tags[np.newaxis])[0]
    except OutputError as error:
        raise error.of_picture(result.image) from error
    return replace(
        result, labels=by_tags.labels, probabilities=probabilities, embedding=None, map_labels=(), mood_maps=None
    )


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
