"""Checks that a mood classifier matches the tagger and the visual features that it is used with."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from imagemood.errors import IncompatibleModelError
from imagemood.models.mood_classifier import MoodClassifier


def vocabulary_columns(classifier: MoodClassifier, tags: Sequence[str]) -> NDArray[np.intp] | None:
    """Return the column of each tag of the classifier's vocabulary in a tagger's scores, or -1 if it has none.

    The result is None if the tagger's tags are the vocabulary, or the classifier does not take tags.

    Examples
    --------
    >>> from imagemood import load_model
    >>> classifier = load_model("tags")
    >>> int(vocabulary_columns(classifier, ["cat", "volcano"])[classifier.vocabulary.index("volcano")])
    1
    """
    if tuple(tags) == classifier.vocabulary or "tags" not in classifier.inputs:
        return None
    column_of = {tag: column for column, tag in enumerate(tags)}
    columns = np.array([column_of.get(tag, -1) for tag in classifier.vocabulary], dtype=np.intp)
    if (columns < 0).all():
        raise IncompatibleModelError(
            "the mood classifier knows none of the tagger's tags", hint="train it with this tagger"
        )
    return columns


def align_scores(scores: NDArray[np.float32], columns: NDArray[np.intp] | None) -> NDArray[np.float32]:
    """Reorder a tagger's scores (..., n_tags) to the vocabulary whose columns `vocabulary_columns` returned.

    Tags that the tagger does not know get score 0.
    """
    return scores if columns is None else np.where(columns >= 0, scores[..., columns], np.float32(0))


def check_visual_names(classifier: MoodClassifier, names: Sequence[str]) -> None:
    """Raise `IncompatibleModelError` unless the classifier was trained on these visual features, in this order."""
    if classifier.metadata.visual != tuple(names):
        raise IncompatibleModelError(
            "the mood classifier was trained on other visual features",
            where=classifier.network.name,
            hint="train it again, or use the version of imagemood that trained it",
        )
