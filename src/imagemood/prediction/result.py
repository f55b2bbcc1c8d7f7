"""The prediction for one picture."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from imagemood.errors import InputError, MissingPackageError, MoodError
from imagemood.pictures.picture import Picture
from imagemood.prediction import notebook
from imagemood.prediction.affect import Affect, affect_of
from imagemood.prediction.records import check_count, column_names, to_record


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
    picture : Picture or None
        The picture itself, if it is a file or an image that the caller still has. It is not pickled.

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
    picture: Picture | None = field(default=None, repr=False)

    def __repr__(self) -> str:
        if self.error is not None:
            return f"Result({self.image!r}, error={self.error.message!r})"
        mood = "" if self.mood is None else f", mood={self.mood!r}, probability={self.moods[self.mood]:.3f}"
        return f"Result({self.image!r}{mood})"

    def _repr_html_(self) -> str:
        return notebook.result_html(self)

    def __getstate__(self) -> dict[str, Any]:
        return {name: value for name, value in self.__dict__.items() if name != "picture"}  # may be large

    @cached_property
    def moods(self) -> dict[str, float]:
        """Probability of each mood, in [0, 1], in descending order, summing to 1. Empty after an error."""
        return _descending(self.labels, self.probabilities)

    @cached_property
    def tags(self) -> dict[str, float]:
        """Score of each tag, in [0, 1], in descending order, summing to 1. Empty after an error.

        An `InputError` is raised if the tags were not computed.
        """
        if self.scores is None and self.tag_labels:
            hint = "use classify_many(pictures, outputs=['tags']), or classify"
            raise InputError("the tags were not computed", where=self.image, hint=hint)
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
        check_count("top", top)
        check_count("tags", tags)
        if self.error is not None:
            return {"image": self.image, "error": self.error.message}
        return {
            "image": self.image,
            "moods": dict(itertools.islice(self.moods.items(), top)),
            "affect": None if self.affect is None else asdict(self.affect),
            "tags": _descending(self.tag_labels, self.scores, tags),
        }

    def to_series(self, tags: int = 0) -> Any:
        """Return the result as a row of a table of pandas.

        Parameters
        ----------
        tags : int
            Number of highest-scoring tags to include.

        Returns
        -------
        pandas.Series
            The values, with the columns of `imagemood.to_dataframe` as the index and the picture's name as the
            name.

        Raises
        ------
        MissingPackageError
            If pandas is not installed.

        Examples
        --------
        >>> result = Result("photo.jpg", labels=("joy", "calm"), probabilities=np.array([0.25, 0.75]))
        >>> result.to_series()["mood"], result.to_series()["joy"]
        ('calm', 0.25)
        """
        try:
            import pandas as pd  # noqa: PLC0415 (optional, and slow to import)
        except ImportError as error:
            raise MissingPackageError("pandas") from error
        columns = column_names([self], tags)
        record = to_record(self, tags)
        return pd.Series({name: record.get(name) for name in columns}, dtype=object, name=self.image)


def check_result(value: object, name: str = "the argument") -> None:
    """Raise `InputError` if a value that a user passes is not a result, such as the path of a picture."""
    if not isinstance(value, Result):
        what = f"{name} is a value of type {type(value).__name__}, not a Result"
        raise InputError(what, hint="pass what classify or classify_many returns")


def _descending(
    names: Sequence[str], values: NDArray[np.float64] | NDArray[np.float32] | None, n_first: int | None = None
) -> dict[str, float]:
    """Map the names of the `n_first` highest values, or of all values, to these values."""
    if values is None or n_first == 0:
        return {}
    order = np.argsort(-values, kind="stable")[:n_first]
    return {names[i]: value for i, value in zip(order, values[order].tolist(), strict=True)}
