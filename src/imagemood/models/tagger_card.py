"""The tagger card: a JSON file that describes an ONNX image classifier so that it can be used as a tagger."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import msgspec
import numpy as np
from msgspec import Meta
from numpy.typing import NDArray

from imagemood.models.json_files import decode_file
from imagemood.models.metadata import Name, check_different
from imagemood.pictures.pixels.resizing import Interpolation, Resizing, Rounding

HINT = "a tagger card needs size_px, mean, std, and labels or embedding; see docs/taggers.md"
"""The hint of errors in a card."""

MAX_SIZE_PX = 4096
"""Maximum side of the pictures that a tagger takes."""
# No constraint on the numbers: msgspec 0.22 crashes on a union of constrained numbers and tuples of them.
_PerChannel = float | tuple[float, float, float]


class TaggerCard(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Description of an image classifier that is used as a tagger.

    The network receives ``(value / scale - mean) / std`` for each pixel value from 0 to 255.

    Examples
    --------
    >>> content = b'{"size_px": 8, "mean": 127, "std": [128, 128, 128], "labels": ["cat", "dog"]}'
    >>> card = TaggerCard.from_json(content, where="pets.json")
    >>> card.name, card.mean, card.std
    ('pets', 127.0, (128.0, 128.0, 128.0))
    """

    size_px: Annotated[int, Meta(ge=1, le=MAX_SIZE_PX)]  # side of the square picture that the network takes
    mean: _PerChannel
    std: _PerChannel
    labels: tuple[Name, ...] = ()  # the tags, in the order of the scores; empty if there are only other outputs
    scale: Annotated[float, Meta(gt=0)] = 1.0  # 1 if mean and std are for values up to 255, 255 for values up to 1
    logits: bool = True  # whether the scores are logits, to which a softmax is applied
    resize: Literal["stretch", "crop"] = "stretch"  # crop: keep the aspect ratio, and crop the centre
    resize_px: Annotated[int, Meta(ge=1, le=MAX_SIZE_PX)] | None = None  # shorter side before cropping; size_px
    interpolation: Interpolation = "bicubic"
    crop_rounding: Rounding = "even"  # of the first row and column, if an odd number of pixels is cropped
    scores: str | None = None  # name of the output with the scores; by default, the first output
    embedding: str | None = None  # name of the output with the embedding
    moods: str | None = None  # name of the output with a logit for each mood
    mood_maps: str | None = None  # name of the output with a logit for each mood and position
    mood_labels: tuple[Name, ...] = ()  # the moods, in the order of both outputs
    switches: dict[str, tuple[str, ...]] = {}  # optional Boolean inputs, and the outputs without rows if false
    name: str = ""
    source: str | None = None  # where the network comes from
    license: str | None = None  # of the network's weights
    sha256: str | None = None  # of the ONNX file; not checked

    def __post_init__(self) -> None:
        for field in ("labels", "mood_labels"):
            check_different(getattr(self, field), field)
        if not (self.labels or self.embedding):
            raise ValueError("labels must name the tags, unless embedding names an output")
        if self.scores is not None and not self.labels:
            raise ValueError("labels must name the tags, since scores names an output")
        if self.resize_px is not None and self.resize_px < self.size_px:
            raise ValueError("resize_px must be at least size_px")
        if self.mood_maps and (self.resize == "crop" or self.resize_px not in (None, self.size_px)):
            raise ValueError("mood_maps must show the whole picture, so resize must be stretch, without resize_px")
        if min(self.std if isinstance(self.std, tuple) else (self.std,)) <= 0:
            raise ValueError("std must be greater than 0")
        with np.errstate(all="ignore"):
            factor, offset = self.factor_and_offset
            finite = np.isfinite(factor * 255 - offset).all() and np.isfinite(offset).all()
        if not finite:
            raise ValueError("mean, std and scale do not give finite numbers")
        if (self.moods or self.mood_maps) and not self.mood_labels:
            raise ValueError("mood_labels must name the moods that the network predicts")

    @property
    def resizing(self) -> Resizing | None:
        """How a picture becomes the square that the network takes; None for the default of `Picture.decode`."""
        if (self.resize, self.resize_px, self.interpolation) == ("stretch", None, "bicubic"):
            return None
        side_px = self.resize_px or self.size_px
        return Resizing(side_px, self.resize == "crop", self.interpolation, self.crop_rounding)

    @property
    def factor_and_offset(self) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """The numbers, or one for each channel, with which ``value * factor - offset`` is the network's input."""
        mean, std = (np.asarray(value, dtype=np.float32) for value in (self.mean, self.std))
        return np.asarray(np.float32(1) / (np.float32(self.scale) * std)), np.asarray(mean / std)

    @classmethod
    def from_json(cls, content: bytes, *, where: str) -> TaggerCard:
        """Decode and check a tagger card; the name defaults to that of the file."""
        card = decode_file(content, cls, where=where, hint=HINT)
        return card if card.name else msgspec.structs.replace(card, name=Path(where).stem)
