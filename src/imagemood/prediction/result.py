"""The prediction for one picture."""

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
    """The prediction for one picture, or the error that prevented it.

    The properties `mood`, `moods`, `tags` and `affect` present the arrays in the attributes.

    Attributes
    ----------
    image : str
        Name of the picture.
    error : MoodError or None
        Why the picture could not be classified. None if it could.
    labels : sequence of str
        The moods, in the order of `probabilities`.
    probabilities : ndarray of shape (n_moods,), float64, or None
        Probability of each mood, in [0, 1].
    tag_labels : sequence of str
        The tags, in the order of `scores`.
    scores : ndarray of shape (n_tags,), float32, or None
        Score of each tag, in [0, 1].
    embedding : ndarray of shape (n_embedding,), float32, or None
        Feature vector of the tagger's network.
    visual : ndarray of shape (n_features,), float32, or None
        Raw visual features in the order of `imagemood.visual.NAMES`, if they were computed.
    map_labels : sequence of str
        The moods, in the order of `mood_maps`.
    mood_maps : ndarray of shape (n_map_moods, height, width), float32, or None
        Logit of each mood at each position of the picture, if the tagger's network computes it.

    See Also
    --------
    imagemood.Cascade : Makes predictions.

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
        """Probability of each mood, in [0, 1], in descending order, summing to 1. Empty after an error."""
        return _descending(self.labels, self.probabilities)

    @cached_property
    def tags(self) -> dict[str, float]:
        """Score of each tag, in [0, 1], in descending order, summing to 1. Empty after an error."""
        return _descending(self.tag_labels, self.scores)

    @property
    def inputs(self) -> dict[str, NDArray[np.float32]]:
        """The available inputs of a mood classifier, by name."""
        arrays = {"tags": self.scores, "embedding": self.embedding, "visual": self.visual}
        return {name: array for name, array in arrays.items() if array is not None}

    @property
    def mood(self) -> str | None:
        """The most probable mood, or None after an error."""
        return next(iter(self.moods), None)

    @cached_property
    def affect(self) -> Affect | None:
        """Expected valence and arousal, or None if one of the moods has no rating."""
        return affect_of(self.moods)

    def to_dict(self, top: int | None = None, tags: int | None = None) -> dict[str, Any]:
        """Return the result as a dictionary that can be written as JSON.

        The command line, the service and bulk runs create their output from this dictionary.

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
            return {"image": self.image, "error": self.error.message}
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
