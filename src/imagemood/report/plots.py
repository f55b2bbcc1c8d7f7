"""Plots as SVG that takes its colours from the page around it."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

_INK = "#010203"  # replaced by the colour of the page's text
_FAINT = "#040506"  # … and by that of its lines
_STYLE = {
    "svg.fonttype": "none",
    "svg.hashsalt": "imagemood",
    "font.family": "sans-serif",
    "font.size": 11,
    "text.color": _INK,
    "axes.labelcolor": _INK,
    "axes.edgecolor": _FAINT,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "axes.axisbelow": True,
    "grid.color": _FAINT,
    "grid.alpha": 0.4,
    "xtick.color": _INK,
    "ytick.color": _INK,
    "legend.frameon": False,
}
# Okabe and Ito's colours, which colour-blind people tell apart, with line styles for those who see none.
_COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#8a8a8a", "#b8a000")
_LINES = ("-", "--", "-.", ":")


def reliability_diagram(values: Mapping[str, Any]) -> str:
    """Plot the share of right answers against confidence.

    Parameters
    ----------
    values : mapping
        ``confidence``, ``accuracy`` and ``count`` of each bin.

    Returns
    -------
    str
        SVG.
    """
    with _axes(4.6, 4.0) as (axes, svg):
        axes.plot([0, 1], [0, 1], color=_FAINT, linewidth=1.5)
        sizes = np.array(values["count"], dtype=float)
        axes.plot(values["confidence"], values["accuracy"], color=_COLOURS[0])
        axes.scatter(
            values["confidence"],
            values["accuracy"],
            s=20 + 180 * sizes / sizes.max(),
            color=_COLOURS[0],
            alpha=0.8,
        )
        axes.set(xlim=(0, 1), ylim=(0, 1), xlabel="confidence", ylabel="share of right answers")
    return svg[0]


def precision_recall_plot(curves: Mapping[str, Mapping[str, Any]]) -> str:
    """Plot precision against recall, a line for each mood.

    Parameters
    ----------
    curves : mapping of str to mapping
        ``recall``, ``precision`` and ``average_precision`` by mood.

    Returns
    -------
    str
        SVG.
    """
    with _axes(4.6, 4.8) as (axes, svg):
        for number, (mood, curve) in enumerate(curves.items()):
            axes.plot(
                curve["recall"],
                curve["precision"],
                **_look(number),
                label=f"{mood} ({curve['average_precision']:.2f})",
            )
        axes.set(xlim=(0, 1), ylim=(0, 1.02), xlabel="recall", ylabel="precision")
        _legend_below(axes, gap=0.15)
    return svg[0]


def learning_plot(points: Sequence[Mapping[str, Any]]) -> str:
    """Plot accuracy and macro F1 against the number of training images.

    Parameters
    ----------
    points : sequence of mapping
        The fields of `LearningPoint`.

    Returns
    -------
    str
        SVG.
    """
    with _axes(4.6, 3.6) as (axes, svg):
        sizes = [point["n_images"] for point in points]
        for number, (figure, title) in enumerate((("accuracy", "accuracy"), ("macro_f1", "macro F1"))):
            means = [point[figure] for point in points]
            spreads = [point[f"{figure}_spread"] for point in points]
            axes.errorbar(sizes, means, spreads, marker="o", capsize=3, label=title, **_look(number))
        axes.set_xscale("log")
        axes.set_xticks(sizes, [f"{size:,}" for size in sizes], rotation=45, ha="right")
        axes.minorticks_off()
        axes.set(xlabel="training images", ylim=(0, None))
        _legend_below(axes)
    return svg[0]


def resolution_plot(curves: Mapping[str, Sequence[Mapping[str, Any]]]) -> str:
    """Plot accuracy against the side of the pictures.

    Parameters
    ----------
    curves : mapping of str to sequence of mapping
        ``size_px`` and ``accuracy``, by what the model learned from.

    Returns
    -------
    str
        SVG.
    """
    with _axes(4.6, 3.6) as (axes, svg):
        for number, (name, points) in enumerate(curves.items()):
            sizes = [point["size_px"] for point in points]
            axes.plot(sizes, [p["accuracy"] for p in points], marker="o", label=name, **_look(number))
            axes.set_xticks(sizes, [str(size) for size in sizes], rotation=45, ha="right")
        axes.set(xlabel="side of the picture in pixels", ylabel="accuracy", ylim=(0, None))
        _legend_below(axes)
    return svg[0]


def _look(number: int) -> dict[str, Any]:
    return {
        "color": _COLOURS[number % len(_COLOURS)],
        "linestyle": _LINES[number // 2 % len(_LINES)],
        "linewidth": 2,
    }


def _legend_below(axes: Axes, *, gap: float = 0.3) -> None:
    axes.legend(loc="upper center", bbox_to_anchor=(0.5, -gap), ncols=2, fontsize=10)


@contextmanager
def _axes(width_in: float, height_in: float) -> Iterator[tuple[Axes, list[str]]]:
    """Give axes to draw on; once the block ends, the list holds the SVG."""
    svg: list[str] = []
    with mpl.rc_context(_STYLE):  # type: ignore[arg-type]
        figure = Figure(figsize=(width_in, height_in))
        axes = figure.add_subplot()
        yield axes, svg
        content = io.StringIO()
        figure.savefig(content, format="svg", transparent=True, bbox_inches="tight", metadata={"Date": None})
    text = content.getvalue()
    text = text[text.index("<svg") :]
    svg.append(text.replace(_INK, "currentColor").replace(_FAINT, "var(--line)"))
