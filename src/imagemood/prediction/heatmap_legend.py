"""The legend of a heat map: its mood, its colours, and the probabilities that they stand for."""

from __future__ import annotations

import numpy as np
import PIL.Image
import PIL.ImageDraw
import PIL.ImageFont
from numpy.typing import NDArray

from imagemood._text import shortened
from imagemood.prediction import heatmap

_MIN_WIDTH_PX = 320
_WIDTH_PER_FONT_SIZE = 40  # the width of a picture, in heights of the letters
_MAX_TITLE_LENGTH = 24  # characters of the mood's name
_BACKGROUND, _INK, _OUTLINE = (255, 255, 255), (32, 32, 32), (150, 150, 150)
_MISSING = "\uffff"  # drawn as the box for all characters that the font lacks


def add(pixels: NDArray[np.uint8], heat_map: NDArray[np.float32], mood: str) -> NDArray[np.uint8]:
    """Return a picture with a legend below it; narrow pictures get margins.

    The scale has the probability of the mood where the heat map is lowest, in the middle between them in log-odds,
    and where it is highest.

    Examples
    --------
    >>> picture = np.zeros((240, 320, 3), dtype=np.uint8)
    >>> add(picture, np.array([[-1, 1]], dtype=np.float32), "awe").shape
    (291, 320, 3)
    """
    height, width = pixels.shape[:2]
    canvas_width = max(width, _MIN_WIDTH_PX)
    size = round(max(_MIN_WIDTH_PX, canvas_width) / _WIDTH_PER_FONT_SIZE) + 4
    font = PIL.ImageFont.load_default(size)
    line, gap = round(1.25 * size), size // 2
    legend_height = 3 * line + 2 * gap - size // 2
    canvas = PIL.Image.new("RGB", (canvas_width, height + legend_height), _BACKGROUND)
    canvas.paste(PIL.Image.fromarray(pixels), ((canvas_width - width) // 2, 0))
    draw = PIL.ImageDraw.Draw(canvas)
    left, right = gap, canvas_width - gap
    draw.text((left, height + gap // 2), _title(mood, font), _INK, font)
    top = height + gap // 2 + line
    bar = PIL.Image.fromarray(_bar(right - left, line - gap // 2))
    canvas.paste(bar, (left, top))
    draw.rectangle((left, top, right - 1, top + bar.height - 1), outline=_OUTLINE)
    below = top + bar.height + 2
    for position, anchor, text in zip((left, canvas_width // 2, right), "lmr", _scale(heat_map), strict=True):
        draw.text((position, below), text, _INK, font, anchor=f"{anchor}a")
    return np.asarray(canvas)


def _bar(width: int, height: int) -> NDArray[np.uint8]:
    """Return the colours from weak to strong, as on a white picture."""
    white = np.full((height, width, 3), 255, dtype=np.uint8)
    return heatmap.overlay(white, np.linspace(0, 1, width, dtype=np.float32)[np.newaxis])


def _scale(heat_map: NDArray[np.float32]) -> tuple[str, str, str]:
    """Return the probabilities at the ends and in the middle of the bar."""
    low, high = float(heat_map.min()), float(heat_map.max())
    first, middle, last = (f"{heatmap.probability(value):.1%}" for value in (low, (low + high) / 2, high))
    return first, middle, last


def _title(mood: str, font: PIL.ImageFont.FreeTypeFont | PIL.ImageFont.ImageFont) -> str:
    """Return the title, without the name of a mood that the font cannot display."""
    missing = bytes(font.getmask(_MISSING))
    if any(not letter.isprintable() or bytes(font.getmask(letter)) == missing for letter in mood):
        return "probability of the mood in each region"
    return f"probability of {shortened(mood, _MAX_TITLE_LENGTH)} in each region"
