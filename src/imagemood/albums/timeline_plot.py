"""Draws the moods of a video over time, as an SVG file that adapts to light and dark backgrounds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape

from imagemood._text import printable, short_label

# The palette of Okabe and Ito, for colour-blind readers.
COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#8a8a8a", "#b8a000")
_LEFT, _TOP, _WIDTH, _HEIGHT = 50, 12, 730, 260
_STYLE = "text{font:13px system-ui,sans-serif;fill:#1b1f24}@media (prefers-color-scheme:dark){text{fill:#e8eaed}}"


def draw(labels: Sequence[str], moments: Sequence[tuple[float, Mapping[str, float]]], every_s: float) -> str:
    """Return an SVG file with the probabilities of the moods, one above the other, over time.

    Parameters
    ----------
    labels : sequence of str
        The moods.
    moments : sequence of (float, mapping of str to float)
        The times in seconds, and the probability of each mood from then on.
    every_s : float
        The difference between two times.

    Examples
    --------
    >>> draw(["awe", "fear"], [(0.0, {"awe": 0.25, "fear": 0.75})], 1.0)[:4]
    '<svg'
    """
    end = moments[-1][0] + every_s
    edges = [_LEFT + _WIDTH * time / end for time, _ in moments] + [_LEFT + _WIDTH]
    below = [0.0] * len(moments)
    parts = []
    for number, mood in enumerate(labels):
        above = [start + moods[mood] for start, (_, moods) in zip(below, moments, strict=True)]
        colour = COLOURS[number % len(COLOURS)]
        points = [*_steps(edges, above), *reversed(_steps(edges, below))]
        parts.append(
            f'<polygon fill="{colour}" points="{" ".join(points)}"><title>{_text(mood)}</title></polygon>'
        )
        x, y = _LEFT + 185 * (number % 4), _TOP + _HEIGHT + 50 + 22 * (number // 4)
        parts.append(f'<rect x="{x}" y="{y - 11}" width="12" height="12" fill="{colour}"/>')
        parts.append(f'<text x="{x + 18}" y="{y}">{_text(mood)}</text>')
        below = above
    for share in (0.0, 50.0, 100.0):
        baseline = _TOP + _HEIGHT * (1 - share / 100)
        parts.append(f'<text x="{_LEFT - 6}" y="{baseline + 4:.0f}" text-anchor="end">{share:.0f}%</text>')
    for fraction, anchor in ((0.0, "start"), (0.5, "middle"), (1.0, "end")):
        place, time = _LEFT + _WIDTH * fraction, _time(end * fraction)
        parts.append(f'<text x="{place:.0f}" y="{_TOP + _HEIGHT + 20}" text-anchor="{anchor}">{time}</text>')
    height = _TOP + _HEIGHT + 50 + 22 * ((len(labels) + 3) // 4)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 800 {height}" role="img" '
        f'aria-label="Probabilities of the moods over time"><style>{_STYLE}</style>{"".join(parts)}</svg>\n'
    )


def _steps(edges: Sequence[float], values: Sequence[float]) -> list[str]:
    """Return the corners of a line that keeps each value until the next edge."""
    heights = [_TOP + _HEIGHT * (1 - min(1.0, value)) for value in values]
    return [f"{edge:.2f},{height:.2f}" for i, height in enumerate(heights) for edge in (edges[i], edges[i + 1])]


def _text(mood: str) -> str:
    return escape(printable(short_label(mood)))


def _time(seconds: float) -> str:
    minutes, rest = divmod(round(seconds, 1), 60)
    return f"{int(minutes // 60)}:{int(minutes % 60):02d}:{rest:04.1f}"
