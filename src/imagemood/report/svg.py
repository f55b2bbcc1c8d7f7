"""Drawing with Matplotlib as SVG that takes its colours from the page around it."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.axes import Axes

TEXT_COLOUR = "#010203"
"""Placeholder for the text colour of the page."""
LINE_COLOUR = "#040506"
"""Placeholder for the colour of the page's lines."""
# The palette of Okabe and Ito, for colour-blind readers; line styles also distinguish the curves without colours.
COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#8a8a8a", "#b8a000")
_LINE_STYLES = ("-", "--", "-.", ":")
_STYLE = {
    "svg.fonttype": "none",
    "svg.hashsalt": "imagemood",
    "font.family": "sans-serif",
    "font.size": 11,
    "text.color": TEXT_COLOUR,
    "axes.labelcolor": TEXT_COLOUR,
    "axes.edgecolor": LINE_COLOUR,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "axes.axisbelow": True,
    "grid.color": LINE_COLOUR,
    "grid.alpha": 0.4,
    "xtick.color": TEXT_COLOUR,
    "ytick.color": TEXT_COLOUR,
    "legend.frameon": False,
}


class Drawing:
    """Axes to draw on, and the SVG that results.

    Attributes
    ----------
    axes : matplotlib.axes.Axes
        The axes.
    svg : str
        The SVG element; empty until the block of `drawing` ends.
    """

    def __init__(self, axes: Axes) -> None:
        self.axes = axes
        self.svg = ""


@contextmanager
def drawing(width_in: float, height_in: float) -> Iterator[Drawing]:
    """Yield a drawing of the given size in inches, and render it as SVG at the end of the block."""
    import matplotlib as mpl  # noqa: PLC0415 (an optional dependency that only plots need)
    from matplotlib.figure import Figure  # noqa: PLC0415

    with mpl.rc_context(_STYLE):  # type: ignore[arg-type]
        figure = Figure(figsize=(width_in, height_in))
        result = Drawing(figure.add_subplot())
        yield result
        content = io.StringIO()
        figure.savefig(content, format="svg", transparent=True, bbox_inches="tight", metadata={"Date": None})
    text = content.getvalue()
    text = text[text.index("<svg") :]  # without the XML declaration, which is not valid inside HTML
    result.svg = text.replace(TEXT_COLOUR, "currentColor").replace(LINE_COLOUR, "var(--line)")


def line_style(index: int) -> dict[str, Any]:
    """Return the style of one of several curves, as keyword arguments of `Axes.plot`."""
    return {
        "color": COLOURS[index % len(COLOURS)],
        "linestyle": _LINE_STYLES[index // 2 % len(_LINE_STYLES)],
        "linewidth": 2,
    }


def legend_below(axes: Axes, *, gap: float = 0.3) -> None:
    """Add a legend below the axes; the gap holds the labels of the horizontal axis."""
    axes.legend(loc="upper center", bbox_to_anchor=(0.5, -gap), ncols=2, fontsize=10)
