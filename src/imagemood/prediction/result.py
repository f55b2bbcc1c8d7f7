"""What the cascade says of one picture."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from imagemood.errors import MoodError
from imagemood.prediction.affect import Affect, affect_of


@dataclass(frozen=True, eq=False)
class Result:
    """What the cascade says of one picture, or why it cannot.

    Attributes
    ----------
    image : str
        Name of the picture.
    error : MoodError or None
        Why there is no answer; None when all is well.
    moods : dict of str to float
        Probability of each mood, in descending order, summing to 1; empty after an error.
    tags : dict of str to float
        Score of each tag, in descending order, summing to 1; empty after an error.
    mood : str or None
        The most probable mood.
    labels, probabilities, tag_labels, scores, embedding
        The same as arrays, in the order of the models' own columns.
    visual : ndarray of shape (n_features,), float32, or None
        Raw visual features in the order of `imagemood.visual.NAMES`, where they were measured.
    map_labels, mood_maps : sequence of str, ndarray of shape (n_moods, height, width), float32, or None
        Logit of each of these moods at each place of the picture, where the tagger gives it.
    affect : Affect or None
        Expected valence and arousal, and the probability of a pleasant mood; None where a mood's place on these
        axes is not known.

    Examples
    --------
    >>> result = Result("photo.jpg", labels=("awe", "fear"), probabilities=np.array([0.25, 0.75]))
    >>> result.mood, result.moods
    ('fear', {'fear': 0.75, 'awe': 0.25})
    """

    image: str
    error: MoodError | None = None
    labels: Sequence[str] = field(default=(), repr=False)
    probabilities: NDArray[np.float64] | None = field(default=None, repr=False)
    tag_labels: Sequence[str] = field(default=(), repr=False)
    scores: NDArray[np.float32] | None = field(default=None, repr=False)
    embedding: NDArray[np.float32] | None = field(default=None, repr=False)
    visual: NDArray[np.float32] | None = field(default=None, repr=False)
    map_labels: Sequence[str] = field(default=(), repr=False)
    mood_maps: NDArray[np.float32] | None = field(default=None, repr=False)

    @cached_property
    def moods(self) -> dict[str, float]:
        """Probability of each mood, in descending order."""
        return _descending(self.labels, self.probabilities)

    @cached_property
    def tags(self) -> dict[str, float]:
        """Score of each tag, in descending order."""
        return _descending(self.tag_labels, self.scores)

    @property
    def inputs(self) -> dict[str, NDArray[np.float32]]:
        """What is known of the picture that a mood classifier may be fed, by the name of the input."""
        arrays = {"tags": self.scores, "embedding": self.embedding, "visual": self.visual}
        return {name: array for name, array in arrays.items() if array is not None}

    @property
    def mood(self) -> str | None:
        """The most probable mood."""
        return next(iter(self.moods), None)

    @cached_property
    def affect(self) -> Affect | None:
        """Expected valence and arousal, and the probability of a pleasant mood."""
        return affect_of(self.moods)


def _descending(
    names: Sequence[str], values: NDArray[np.float64] | NDArray[np.float32] | None
) -> dict[str, float]:
    if values is None:
        return {}
    order = np.argsort(-values, kind="stable")
    return {names[i]: value for i, value in zip(order, values[order].tolist(), strict=True)}
