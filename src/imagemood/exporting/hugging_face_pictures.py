"""Measures how an image processor of Hugging Face transformers prepares pictures, as fields of a tagger card.

Each class of processors has rules of its own about its settings, such as the share of the picture that is cropped.
Their results on test pictures show what a card needs to say.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import PIL.Image
from numpy.typing import NDArray

from imagemood.errors import InputError, first_line
from imagemood.exporting.libraries import quiet

_FILTERS = {0: "nearest", 1: "lanczos", 2: "bilinear", 3: "bicubic", 4: "box", 5: "hamming"}  # Pillow's numbers
_COLOURS = ("black", "#f00", "#0f0", "#00f")
_WIDTH, _HEIGHT = 600, 400
_MARGIN = 0.1  # share of a prepared picture at its edges whose pixels also depend on how the filter ends there
_MAX_DEVIATION = 0.01  # of a ratio of sides
_SCALE, _DIGITS = 255, 6  # measured numbers are rounded to so many significant digits, those of float32


@dataclass(frozen=True)
class Preparation:
    """How a processor prepares pictures.

    Attributes
    ----------
    fields : dict
        Fields of a tagger card, for channels in the order red, green, blue.
    channels : tuple of int
        For each channel that the processor returns, the index of its colour in red, green and blue.
    """

    fields: dict[str, Any]
    channels: tuple[int, ...]

    def transform(self, processor: Any) -> Callable[[PIL.Image.Image], Any]:
        """Return a function that prepares a picture with the processor, as (red, green, blue)."""
        order = np.argsort(self.channels).tolist()
        return lambda picture: processor(picture, return_tensors="pt")["pixel_values"][0][order]


def measure(processor: Any, source: str) -> Preparation:
    """Measure how a processor prepares pictures; raise `InputError` if a card cannot describe it.

    Not all processors can be described exactly. `check_agreement` compares prepared pictures, and rejects others.
    """

    def prepare(picture: PIL.Image.Image) -> NDArray[np.float64]:
        try:
            with quiet():
                prepared = processor(picture, return_tensors="pt")["pixel_values"][0].numpy()
        except Exception as error:  # many unrelated classes
            what = f"its library cannot prepare pictures: {first_line(error)}"
            raise InputError(what, where=source) from error
        if prepared.ndim != 3 or len(prepared) != 3:
            raise InputError("does not take colour pictures", where=source)
        height, width = prepared.shape[1:]
        if height != width:
            raise InputError(f"takes pictures of {width}×{height} pixels, not squares", where=source)
        return np.asarray(prepared, dtype=np.float64)

    plain = np.stack([prepare(PIL.Image.new("RGB", (_WIDTH, _HEIGHT), colour)) for colour in _COLOURS])
    factors, offsets, channels = _colours(plain, source)
    ramps = np.zeros((_HEIGHT, _WIDTH, 3))
    ramps[:, :, 0] = np.linspace(0, 255, _WIDTH)
    ramps[:, :, 1] = np.linspace(0, 255, _HEIGHT)[:, np.newaxis]
    prepared = prepare(PIL.Image.fromarray(ramps.round().astype(np.uint8)))
    values = ((prepared - offsets[:, np.newaxis, np.newaxis]) / factors[:, np.newaxis, np.newaxis])[
        np.argsort(channels)
    ]
    ramp = 255 / (_WIDTH - 1) * _WIDTH, 255 / (_HEIGHT - 1) * _HEIGHT  # from edge to edge, at their resized size
    resized = ramp[0] / _slope(values[0]), ramp[1] / _slope(values[1].T)
    std = 1 / (_SCALE * factors)
    resample = getattr(processor, "resample", None)
    fields = {
        "size_px": plain.shape[-1],
        "mean": _rounded(-offsets * std, channels),
        "std": _rounded(std, channels),
        "scale": _SCALE,
        **_resizing(resized, source),
        "crop_rounding": "down",
        "interpolation": "bilinear" if resample is None else _FILTERS.get(int(resample), "bilinear"),
    }
    return Preparation(fields, channels)


def _colours(
    plain: NDArray[np.float64], source: str
) -> tuple[NDArray[np.float64], NDArray[np.float64], tuple[int, ...]]:
    """Return the factor and the offset of each prepared channel, and which colour it contains.

    `plain` are the prepared pictures of `_COLOURS`, (4, 3, size, size).
    """
    values = plain.mean(axis=(2, 3))
    factors = (values[1:] - values[0]).T / 255
    tolerance = 1e-3 * max(float(np.abs(factors).max()), 1e-9)
    if np.abs(plain - values[:, :, np.newaxis, np.newaxis]).max() > 255 * tolerance:
        raise InputError("adds borders to pictures", where=source)
    channels = tuple(factors.argmax(axis=1).tolist())
    is_own = factors > tolerance
    if sorted(channels) != [0, 1, 2] or is_own.sum() != 3 or factors.min() < -tolerance:
        raise InputError("changes the colours of pictures", where=source)
    return factors.max(axis=1), values[0], channels


def _slope(values: NDArray[np.float64]) -> float:
    """Return how much the values increase from one column to the next, without those at the edges."""
    n_edge = round(len(values) * _MARGIN)
    inner = values.mean(axis=0)[n_edge : len(values) - n_edge]
    return float(np.polyfit(np.arange(len(inner)), inner, 1)[0]) if len(inner) > 1 else 0.0


def _resizing(resized: tuple[float, float], source: str) -> dict[str, Any]:
    """Return the fields for the width and height to which a picture of _WIDTH × _HEIGHT was resized."""
    width, height = resized
    keeps_aspect = abs(width / height / (_WIDTH / _HEIGHT) - 1) < _MAX_DEVIATION
    if not keeps_aspect and abs(width / height - 1) > _MAX_DEVIATION:
        raise InputError("resizes pictures in a way that a tagger card cannot describe", where=source)
    return {"resize": "crop" if keeps_aspect else "stretch", "resize_px": round(height)}


def _rounded(values: NDArray[np.float64], channels: tuple[int, ...]) -> tuple[float, ...]:
    """Return the numbers of the channels in the order red, green, blue, without noise in their last digits."""
    return tuple(float(f"{value:.{_DIGITS}g}") + 0.0 for value in values[np.argsort(channels)])
