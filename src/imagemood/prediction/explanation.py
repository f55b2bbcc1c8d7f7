"""What carried an answer: which tags, and which region of the picture."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from imagemood.errors import IncompatibleModelError, InputError
from imagemood.models.mood_classifier import MoodClassifier
from imagemood.prediction.result import Result


@dataclass(frozen=True, eq=False)
class Explanation:
    """What carried a mood of a picture.

    Attributes
    ----------
    mood : str
        The mood that is explained.
    tags : dict of str to float
        By how much the mood's probability drops when the tag is removed, in descending order; negative where the
        tag spoke against the mood. Empty where the mood classifier does not look at tags.
    region : ndarray of shape (height, width), float32, or None
        Log-odds of the mood at each place, from top left, where the network gives mood maps.
    """

    mood: str
    tags: dict[str, float]
    region: NDArray[np.float32] | None


def explain(
    classifier: MoodClassifier, result: Result, tags: NDArray[np.float32] | None, mood: str | None = None
) -> Explanation:
    """Say which tags, and which region of the picture, carried a mood.

    Parameters
    ----------
    classifier : MoodClassifier
        What told the moods.
    result : Result
        What it told.
    tags : ndarray of shape (n_tags,), float32, in [0, 1], or None
        The picture's scores, in the order of the classifier's vocabulary.
    mood : str, optional
        Which mood to explain; the most probable one by default.

    Returns
    -------
    Explanation
        Tags by how much the mood drops without them, and the mood's map.

    Raises
    ------
    MoodError
        The result's error, if it has one; `InputError` if there is no such mood.
    """
    if result.error is not None:
        raise result.error
    wanted = mood or str(result.mood)
    if wanted not in classifier.labels:
        raise InputError(f"no mood '{wanted}'", hint=f"one of {', '.join(classifier.labels)}")
    carried: dict[str, float] = {}
    if tags is not None and "tags" in classifier.inputs:
        drops = tag_drops(classifier, tags, result.embedding, result.visual)[:, classifier.labels.index(wanted)]
        order = [i for i in np.argsort(-drops, kind="stable") if tags[i]]
        carried = {classifier.vocabulary[i]: float(drops[i]) for i in order}
    return Explanation(wanted, carried, region_of(result, wanted))


def region_of(result: Result, mood: str) -> NDArray[np.float32] | None:
    """Give the map of a mood.

    Parameters
    ----------
    result : Result
        What was told of a picture.
    mood : str
        One of its moods.

    Returns
    -------
    ndarray of shape (height, width), float32, or None
        Log-odds of the mood at each place, from top left; None where the network gives no map of this mood.

    Examples
    --------
    >>> region_of(Result("photo.jpg"), "awe") is None
    True
    """
    if result.mood_maps is None or mood not in result.map_labels:
        return None
    return log_odds(result.mood_maps, list(result.map_labels).index(mood))


def tag_drops(
    classifier: MoodClassifier,
    tags: NDArray[np.float32],
    embedding: NDArray[np.float32] | None = None,
    visual: NDArray[np.float32] | None = None,
) -> NDArray[np.float64]:
    """Measure by how much each mood drops when a tag is removed, by computing the moods again without it.

    Exact, for any classifier, in one batched call: nothing is assumed of how it works. A removed tag has the score
    0, as if its row (image, tag, score) were not there; the other scores stay.

    Parameters
    ----------
    classifier : MoodClassifier
        What told the moods; it must look at tags.
    tags : ndarray of shape (n_tags,), float32, in [0, 1]
        Scores of one picture, in the order of the classifier's vocabulary.
    embedding : ndarray of shape (n_embedding,), float32, optional
        The picture's embedding, for a classifier that needs it.
    visual : ndarray of shape (n_features,), float32, optional
        The picture's visual features, for a classifier that needs them.

    Returns
    -------
    ndarray of shape (n_tags, n_moods), float64, in [-1, 1]
        Probability with the tag less probability without it; each row sums to 0. A tag whose score is 0 already
        has a row of zeros.

    Raises
    ------
    IncompatibleModelError
        If the classifier does not look at tags, or an input is missing.

    References
    ----------
    Leaving one out: M. Robnik-Šikonja, I. Kononenko, "Explaining classifications for individual instances", IEEE
    TKDE 20(5), 2008.

    Examples
    --------
    >>> from imagemood.models import model_directory
    >>> classifier = model_directory.load("tags")
    >>> scores = np.zeros(1000, dtype=np.float32)
    >>> scores[[classifier.vocabulary.index("volcano"), 0]] = 0.9, 0.1
    >>> drops = tag_drops(classifier, scores)
    >>> classifier.vocabulary[drops[:, classifier.labels.index("awe")].argmax()]
    'volcano'
    """
    if "tags" not in classifier.inputs:
        raise IncompatibleModelError(
            "does not look at tags, so that none can explain it", where=classifier.network.name
        )
    present = np.flatnonzero(tags)
    without = np.tile(tags, (len(present) + 1, 1))  # the first row keeps all
    without[np.arange(1, len(present) + 1), present] = 0
    others = {"embedding": embedding, "visual": visual}
    needed = {
        name: None if array is None else np.tile(array, (len(without), 1))
        for name, array in others.items()
        if name in classifier.inputs
    }
    probabilities = classifier.predict(without, **needed)
    drops = np.zeros((len(tags), len(classifier.labels)))
    drops[present] = probabilities[0] - probabilities[1:]
    return drops


def log_odds(maps: NDArray[np.float32], place: int) -> NDArray[np.float32]:
    """Weigh one mood against all others at each place of a picture.

    Parameters
    ----------
    maps : ndarray of shape (n_moods, height, width), float32
        Logit of each mood at each place.
    place : int
        Which of the moods.

    Returns
    -------
    ndarray of shape (height, width), float32
        0 where the mood is as probable as all others together, more where it is more probable.

    Examples
    --------
    >>> log_odds(np.zeros((2, 1, 1), dtype=np.float32), 0).tolist()
    [[0.0]]
    """
    others = np.delete(maps, place, axis=0)
    most = others.max(axis=0)
    odds: NDArray[np.float32] = maps[place] - most - np.log(np.exp(others - most).sum(axis=0))
    return odds
