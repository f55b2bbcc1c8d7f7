"""Recognises the columns of a table of labels by their names."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from imagemood.learning.datasets.label_table import LabelTable, Row
from imagemood.pictures.reading.addresses import is_picture
from imagemood.prediction.affect import VALENCE_AROUSAL

_MAX_HEADER_ROW = 30  # some tables start with a description
_MIN_EMOTIONS = 2
_PICTURE_COLUMNS = (
    "image", "images", "picture", "photo", "image filename", "image file", "image name", "images name", "img name",
    "imgname", "img", "file name", "filename", "file", "image path", "path", "name", "theme", "iaps", "image no",
    "image id", "id", "",
)  # fmt: skip
_MOOD_COLUMNS = ("mood", "label", "emotion", "emotion label", "sentiment", "class", "category")
_CONTENT_COLUMNS = {"class", "category"}  # beside ratings, they say what a picture shows
_VALENCE_COLUMNS = ("valence", "valence mean", "mean valence", "valence m", "valmn", "val mn", "val mean")
_AROUSAL_COLUMNS = ("arousal", "arousal mean", "mean arousal", "arousal m", "aromn", "aro mn", "arou mn")
_SPLIT_COLUMNS = ("split", "set", "phase", "partition", "subset")
_SYNONYMS = {"content": "contentment", "sad": "sadness", "pos": "positive", "neg": "negative"}
_EMOTIONS = {
    *VALENCE_AROUSAL, *_SYNONYMS, "joy", "happiness", "happy", "surprise", "neutral", "love", "anticipation",
    "trust", "angry", "disgusted", "fearful", "surprised", "something else", "positive", "negative",
    "calm", "calmness", "boredom", "interest", "pride", "shame", "guilt", "relief", "hope", "anxiety",
}  # fmt: skip
SPLITS = {
    "train": "train", "training": "train", "val": "val", "valid": "val", "validation": "val", "dev": "val",
    "test": "test", "testing": "test",
}  # fmt: skip
"""The names of splits, and what they are called here."""


@dataclass(frozen=True)
class Columns:
    """The positions of the columns of a table; None or empty if it does not have one.

    Attributes
    ----------
    picture, mood, valence, arousal, split : int or None
        Columns with the names of the pictures and their labels.
    votes : mapping of int to str
        Columns with the votes for one mood each, and the moods.
    """

    picture: int
    mood: int | None = None
    votes: Mapping[int, str] = field(default_factory=dict)
    valence: int | None = None
    arousal: int | None = None
    split: int | None = None

    @property
    def has_ratings(self) -> bool:
        """Whether there are columns of valence and arousal."""
        return self.valence is not None and self.arousal is not None

    @property
    def has_labels(self) -> bool:
        """Whether there is a column of moods, or columns of votes or ratings."""
        return self.mood is not None or bool(self.votes) or self.has_ratings


def mood_name(name: str) -> str:
    """Return the usual name of one of the eight moods; other names are returned unchanged.

    Examples
    --------
    >>> mood_name("Sad"), mood_name("Content"), mood_name("Nostalgia")
    ('sadness', 'contentment', 'Nostalgia')
    """
    lower = name.lower()
    usual = _SYNONYMS.get(lower, lower)
    return usual if usual in VALENCE_AROUSAL else name


def is_emotion(name: str) -> bool:
    """Return whether a word is the name of a common emotion."""
    return normalised(name) in _EMOTIONS


def normalised(header: str) -> str:
    """Return the name of a column in lower case, without brackets and punctuation.

    Examples
    --------
    >>> normalised("[prob. anger]"), normalised("Valence_mean"), normalised("images-name")
    ('anger', 'valence mean', 'images name')
    """
    words = re.sub(r"[\W_]+", " ", header.lower()).strip()
    return re.sub(r"^(?:prob|probability|p|votes?|n) (?=.)", "", words)


def header_columns(fields: Sequence[str], *, any_names: bool = False) -> Columns | None:
    """Return the columns that a header names; None if it is not a header of labels.

    Columns of votes have the names of common emotions or, if `any_names`, all names that are not those of other
    columns.
    """
    names = [normalised(name) for name in fields]
    picture = _find(names, _PICTURE_COLUMNS)
    if picture is None or len(names) < 2 or any(is_picture(name) for name in fields):
        return None
    mood, split = _find(names, _MOOD_COLUMNS), _find(names, _SPLIT_COLUMNS)
    valence, arousal = _find(names, _VALENCE_COLUMNS), _find(names, _AROUSAL_COLUMNS)
    if mood is not None and names[mood] in _CONTENT_COLUMNS and valence is not None:
        mood = None
    votes = {i: _SYNONYMS.get(name, name) for i, name in enumerate(names) if name in _EMOTIONS}
    if len(votes) < _MIN_EMOTIONS:
        others = {picture, mood, split, valence, arousal}
        custom = {i: fields[i] for i in range(len(names)) if i not in others and names[i]}
        votes = custom if any_names and mood is None and valence is None and len(custom) >= 2 else {}
    columns = Columns(picture, None if votes else mood, votes, valence, arousal, split)
    return columns if columns.has_labels else None


def find_columns(table: LabelTable, *, any_names: bool = False) -> tuple[Columns, list[Row]] | None:
    """Return the columns of a table and the rows below its header; None if it is not a table of labels.

    A table without a header has two columns: the names of the pictures, and the moods.
    """
    for i, row in enumerate(table.rows[:_MAX_HEADER_ROW]):
        columns = header_columns(row.fields, any_names=any_names)
        if columns is not None:
            return columns, table.rows[i + 1 :]
    for picture in (0, 1):
        if all(len(row.fields) == 2 and is_picture(row.fields[picture]) for row in table.rows):
            return Columns(picture, mood=1 - picture), table.rows
    return None


def _find(names: Sequence[str], wanted: Sequence[str]) -> int | None:
    """Return the position of the first wanted name that a column has."""
    return next((names.index(name) for name in wanted if name in names), None)
