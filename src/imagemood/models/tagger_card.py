"""What must be known of an image classifier to use it as a tagger: the JSON beside the network."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from imagemood.errors import ModelError

_HINT = "the JSON beside the network needs size_px, mean, std and labels; see docs/taggers.md"


@dataclass(frozen=True)
class TaggerCard:
    """What must be known of an image classifier to use it as a tagger.

    A pixel value of 0 to 255 enters the network as ``(value / scale - mean) / std``.

    Attributes
    ----------
    size_px : int
        Side of the square picture that the network takes.
    labels : tuple of str
        Names of the tags, all different, in the order of the scores.
    mean, std : tuple of float
        One number for each of red, green and blue.
    scale : float
        1 where mean and std are given for values of 0 to 255, 255 where for 0 to 1.
    logits : bool
        Whether the scores leave the network before the softmax.
    scores, embedding : str or None
        Names of the network's outputs; by default the first one, and none.
    moods, mood_maps : str or None
        Names of the outputs with a logit for each mood, and with a logit for each mood and place, where the
        network tells moods too.
    mood_labels : tuple of str
        Names of these moods, in the order of both outputs.
    name : str
        What to call the tagger.
    """

    size_px: int
    labels: tuple[str, ...]
    mean: tuple[float, ...] = (0.0, 0.0, 0.0)
    std: tuple[float, ...] = (1.0, 1.0, 1.0)
    scale: float = 1.0
    logits: bool = True
    scores: str | None = None
    embedding: str | None = None
    moods: str | None = None
    mood_maps: str | None = None
    mood_labels: tuple[str, ...] = ()
    name: str = "tagger"

    @classmethod
    def read(cls, path: Path) -> TaggerCard:
        """Read and check a card's JSON file.

        Parameters
        ----------
        path : Path
            The file.

        Returns
        -------
        TaggerCard
            The checked card.

        Raises
        ------
        ModelError
            If the file is missing, no JSON, or has a missing, unknown or wrong field.
        """
        try:
            fields = json.loads(path.read_text(encoding="utf-8"))
        except OSError as error:
            raise ModelError(f"cannot be read: {error.strerror}", where=str(path), hint=_HINT) from error
        except ValueError as error:
            raise ModelError(f"is no JSON: {error}", where=str(path), hint=_HINT) from error
        if not isinstance(fields, dict):
            raise ModelError("is no JSON object", where=str(path), hint=_HINT)
        return cls.from_dict(fields, where=str(path))

    @classmethod
    def from_dict(cls, fields: Mapping[str, Any], *, where: str) -> TaggerCard:
        """Check the content of a card's JSON file.

        Parameters
        ----------
        fields : mapping
            The parsed JSON object.
        where : str
            The file's name, for error messages.

        Returns
        -------
        TaggerCard
            The checked card.

        Raises
        ------
        ModelError
            If a field is missing, unknown or has a wrong value.

        Examples
        --------
        >>> card = {"size_px": 8, "mean": 127, "std": 128, "labels": ["cat", "dog"]}
        >>> TaggerCard.from_dict(card, where="network.json").mean
        (127.0, 127.0, 127.0)
        """
        known = set(cls.__dataclass_fields__) | {"sha256"}
        for field in fields:
            if field not in known:
                raise ModelError(f"unknown field '{field}'", where=where, hint=_HINT)
        for field in ("size_px", "mean", "std", "labels"):
            if field not in fields:
                raise ModelError(f"no field '{field}'", where=where, hint=_HINT)
        size_px, labels = fields["size_px"], fields["labels"]
        if not isinstance(size_px, int) or isinstance(size_px, bool) or size_px < 1:
            raise ModelError(f"size_px is {size_px!r}, not a positive whole number", where=where)
        mood_labels = _names(fields.get("mood_labels", []), "mood_labels", where)
        if not mood_labels and (fields.get("moods") or fields.get("mood_maps")):
            raise ModelError("no field 'mood_labels'", where=where, hint="name the moods that the network tells")
        return cls(
            size_px=size_px,
            labels=_names(labels, "labels", where),
            mean=_per_channel(fields["mean"], "mean", where),
            std=_per_channel(fields["std"], "std", where, positive=True),
            scale=_per_channel(fields.get("scale", 1.0), "scale", where, positive=True)[0],
            logits=bool(fields.get("logits", True)),
            scores=fields.get("scores"),
            embedding=fields.get("embedding"),
            moods=fields.get("moods"),
            mood_maps=fields.get("mood_maps"),
            mood_labels=mood_labels,
            name=str(fields.get("name", Path(where).stem)),
        )


def _names(names: object, field: str, where: str) -> tuple[str, ...]:
    if not isinstance(names, list) or not all(isinstance(name, str) and name for name in names):
        raise ModelError(f"{field} is not a list of names", where=where, hint=_HINT)
    if len(set(names)) != len(names):
        twice = next(name for name in names if names.count(name) > 1)
        raise ModelError(f"'{twice}' stands twice in {field}", where=where, hint="make the names distinct")
    return tuple(names)


def _per_channel(value: object, field: str, where: str, *, positive: bool = False) -> tuple[float, ...]:
    try:
        numbers = np.broadcast_to(np.asarray(value, dtype=np.float64), 3)
    except (TypeError, ValueError):
        raise ModelError(f"{field} is {value!r}, not one number or three", where=where) from None
    if not np.isfinite(numbers).all() or (positive and (numbers <= 0).any()):
        raise ModelError(f"{field} is {value!r}, which cannot be", where=where)
    return tuple(float(number) for number in numbers)
