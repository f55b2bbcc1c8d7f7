"""What the cascade says of one picture."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from functools import cached_property
from typing import Any

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

    def to_dict(self, top: int | None = None, tags: int | None = None) -> dict[str, Any]:
        """Return the result as a dictionary that can be written as JSON.

        The JSON output of the command line, the responses of the service and the rows of a bulk dataset are all
        made from this dictionary.

        Parameters
        ----------
        top : int, optional
            Number of most probable moods to include. Includes all moods by default.
        tags : int, optional
            Number of highest-scoring tags to include. Includes all tags by default.

        Returns
        -------
        dict
            The keys ``image`` (str), ``moods`` (dict of str to float, in descending order), ``affect`` (dict with
            the fields of `Affect`, or None) and ``tags`` (dict of str to float, in descending order). If the
            picture could not be classified, only ``image`` and ``error`` (str, without the picture's name).

        Examples
        --------
        >>> result = Result("photo.jpg", labels=("joy", "calm"), probabilities=np.array([0.25, 0.75]))
        >>> result.to_dict(top=1)
        {'image': 'photo.jpg', 'moods': {'calm': 0.75}, 'affect': None, 'tags': {}}
        """
        if self.error is not None:
            return {"image": self.image, "error": str(MoodError(self.error.what, hint=self.error.hint))}
        return {
            "image": self.image,
            "moods": dict(itertools.islice(self.moods.items(), top)),
            "affect": None if self.affect is None else asdict(self.affect),
            "tags": _descending(self.tag_labels, self.scores, tags),
        }


def _descending(
    names: Sequence[str], values: NDArray[np.float64] | NDArray[np.float32] | None, n_first: int | None = None
) -> dict[str, float]:
    """Map the names of the `n_first` highest values, or of all values, to these values."""
    if values is None or n_first == 0:
        return {}
    order = np.argsort(-values, kind="stable")[:n_first]
    return {names[i]: value for i, value in zip(order, values[order].tolist(), strict=True)}
