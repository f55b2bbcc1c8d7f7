"""HTML of results and explanations for notebooks: it needs no other file, contains no scripts, and is escaped."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Mapping
from html import escape
from typing import TYPE_CHECKING

import numpy as np
import PIL.Image
from numpy.typing import NDArray

from imagemood._text import printable
from imagemood.errors import MoodError
from imagemood.pictures import thumbnails
from imagemood.prediction import heatmap

if TYPE_CHECKING:
    from imagemood.prediction.explanation import Explanation
    from imagemood.prediction.result import Result

_SIDE_PX = 300
_N_TAGS, _N_DROPS = 5, 8
_BAR_EM = 8
_FIGURE = f"margin:0;max-width:{_SIDE_PX}px;overflow-wrap:anywhere"


def result_html(result: Result) -> str:
    """Return the HTML of a result: the picture, its moods and tags as bars, and the heat map of its mood."""
    if result.error is not None:
        return f"<p><b>{_text(result.image)}</b>: error: {_text(result.error.message)}</p>"
    heat_map = None if result.mood is None else heatmap.compute(result, result.mood)
    images = list(_pictures(result, heat_map, result.mood))
    summary = [] if images else [_heading(result.image)]  # the caption of the picture is its name
    if result.affect is not None:
        affect = result.affect
        summary.append(f"<div>valence {affect.valence:+.2f}, arousal {affect.arousal:+.2f}</div>")
    if result.moods:
        summary.append(_bars("moods", result.moods))
    if result.scores is not None:
        summary.append(_bars("tags", dict(itertools.islice(result.tags.items(), _N_TAGS))))
    return _side_by_side([*images, "".join(summary)])


def explanation_html(explanation: Explanation) -> str:
    """Return the HTML of an explanation: the picture with the heat map, and the drops as bars."""
    result = explanation.result
    drops = sorted(explanation.tag_drops.items(), key=lambda drop: -abs(drop[1]))[:_N_DROPS]
    summary = _heading(explanation.mood)
    if drops:
        summary += _bars("drop in the probability without the tag", dict(drops), signed=True)
    images: Iterable[str] = ()
    if result is not None:
        images = _pictures(result, explanation.heat_map, explanation.mood)
    return _side_by_side([*images, summary])


def _pictures(result: Result, heat_map: NDArray[np.float32] | None, mood: str | None) -> Iterator[str]:
    pixels = _thumbnail(result)
    if pixels is None:
        return
    yield _image(pixels, result.image)
    if heat_map is not None:
        yield _image(heatmap.overlay(pixels, heat_map), f"heat map of {mood}")


def _thumbnail(result: Result) -> NDArray[np.uint8] | None:
    """Return the picture in a small size, or None if it is not available any more."""
    if result.picture is None:
        return None
    try:
        image = PIL.Image.fromarray(result.picture.decode())
    except (MoodError, MemoryError):  # the file was changed or removed since
        return None
    image.thumbnail((_SIDE_PX, _SIDE_PX))
    return np.asarray(image)


def _image(pixels: NDArray[np.uint8], title: str) -> str:
    text = _text(title)
    url = thumbnails.data_url(pixels, _SIDE_PX)
    caption = f"<figcaption>{text}</figcaption>"
    return f'<figure style="{_FIGURE}"><img src="{url}" alt="{text}">{caption}</figure>'


def _bars(title: str, values: Mapping[str, float], *, signed: bool = False) -> str:
    rows = "".join(_bar(name, value, signed=signed) for name, value in values.items())
    return f'<table style="margin:.5em 0"><caption style="text-align:left">{title}</caption>{rows}</table>'


def _bar(name: str, value: float, *, signed: bool) -> str:
    width = _BAR_EM * min(abs(value), 1)
    bar = f'<div style="width:{width:.2f}em;height:.8em;background:{"#c43" if value < 0 else "#47a"}"></div>'
    number = f"{100 * value:+.1f}" if signed else f"{100 * value:.1f}"
    return (
        f'<tr><th scope="row" style="text-align:left;font-weight:normal">{_text(name)}</th>'
        f'<td style="text-align:right">{number} %</td><td style="text-align:left">{bar}</td></tr>'
    )


def _heading(text: str) -> str:
    return f'<div style="overflow-wrap:anywhere"><b>{_text(text)}</b></div>'


def _side_by_side(parts: Iterable[str]) -> str:
    columns = "".join(f"<div>{part}</div>" for part in parts)
    return f'<div style="display:flex;flex-wrap:wrap;gap:1em;align-items:flex-start">{columns}</div>'


def _text(text: str) -> str:
    return escape(printable(text))
