"""Drawing with Matplotlib as SVG that takes its colours from the page around it."""

from __future__ import annotations

import io
import logging
import re
import sys
import tempfile
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from types import ModuleType
from typing import TYPE_CHECKING, Any

from imagemood._environment import environment
from imagemood.errors import InputError, first_line

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
    "text.parse_math": False,  # labels may contain dollar signs
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


def import_matplotlib() -> ModuleType:
    """Import Matplotlib, if that has not happened yet, with its own fonts only.

    To find the fonts of the machine, Matplotlib would start a program and write a cache below the home folder.
    Raises `InputError` if it cannot read the settings of the user, which `drawing` does not use.
    """
    if sys.modules.get("matplotlib") is None:
        with (
            tempfile.TemporaryDirectory() as folder,
            environment(MPLCONFIGDIR=folder, MPL_IGNORE_SYSTEM_FONTS="1"),
            _without_messages("matplotlib"),  # about the settings of the user
        ):
            try:
                # An optional dependency that only plots need. This module looks for fonts when it is imported.
                from matplotlib import font_manager, get_cachedir, get_configdir  # noqa: F401, PLC0415
            except (OSError, UnicodeDecodeError) as error:
                hint = "correct or remove matplotlibrc in this folder, or the file that MATPLOTLIBRC names"
                raise InputError(f"Matplotlib cannot read its settings: {first_line(error)}", hint=hint) from error

            get_cachedir()  # remembers its result, as the next function does
            get_configdir()
    return sys.modules["matplotlib"]


@contextmanager
def _without_messages(logger_name: str) -> Iterator[None]:
    logger = logging.getLogger(logger_name)
    previous = logger.disabled
    logger.disabled = True
    try:
        yield
    finally:
        logger.disabled = previous


@contextmanager
def drawing(width_in: float, height_in: float) -> Iterator[Drawing]:
    """Yield a drawing of the given size in inches, and render it as SVG at the end of the block."""
    mpl = import_matplotlib()
    from matplotlib.figure import Figure  # noqa: PLC0415

    with mpl.rc_context():
        mpl.rcdefaults()  # settings of the user could start LaTeX
        mpl.rcParams.update(_STYLE)
        figure = Figure(figsize=(width_in, height_in))
        result = Drawing(figure.add_subplot())
        yield result
        content = io.StringIO()
        with warnings.catch_warnings():
            # Matplotlib lacks the characters of some languages, but the browser draws the text.
            warnings.simplefilter("ignore", UserWarning)
            figure.savefig(content, format="svg", transparent=True, bbox_inches="tight", metadata={"Date": None})
    text = content.getvalue()
    text = text[text.index("<svg") :]  # without the XML declaration, which is not valid inside HTML
    result.svg = re.sub(r"<[^>]*>", _with_colours_of_page, text)


def _with_colours_of_page(element: re.Match[str]) -> str:
    return element[0].replace(TEXT_COLOUR, "currentColor").replace(LINE_COLOUR, "var(--line)")


def line_style(index: int) -> dict[str, Any]:
    """Return the style of one of several curves, as keyword arguments of `Axes.plot`."""
    return {
        "color": COLOURS[index % len(COLOURS)],
        "linestyle": _LINE_STYLES[index // 2 % len(_LINE_STYLES)],
        "linewidth": 2,
    }


def legend_below(axes: Axes, artists: Sequence[tuple[str, Any]] | None = None, *, gap: float = 0.3) -> None:
    """Add a legend below the axes; the gap holds the labels of the horizontal axis.

    The legend has pairs of labels and artists, or, by default, the artists that have a label.
    """
    if artists is None:
        handles, labels = axes.get_legend_handles_labels()
        artists = list(zip(labels, handles, strict=True))
    placeholders = ["-"] * len(artists)  # labels that begin with _ would be left out
    legend = axes.legend(
        [artist for _, artist in artists],
        placeholders,
        loc="upper center",
        bbox_to_anchor=(0.5, -gap),
        ncols=2,
        fontsize=10,
    )
    for text, (label, _) in zip(legend.get_texts(), artists, strict=True):
        text.set_text(label)
