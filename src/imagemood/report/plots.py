"""The plots of a report: each is one entry of `PLOTS`, from which the page and report.json are derived."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from imagemood._text import short_label
from imagemood.evaluation.diagnostics import precision_recall, reliability
from imagemood.report.report_data import ReportData
from imagemood.report.svg import COLOURS, LINE_COLOUR, drawing, legend_below, line_style

_MAX_LABEL = 24


@dataclass(frozen=True)
class Plot:
    """One plot of the report.

    Attributes
    ----------
    key : str
        Key of the data in report.json.
    title : str
        Heading of the section.
    caption : str
        Text below the heading, which says how to read the plot.
    alternative : str
        Description of the plot for readers who cannot see it.
    data : callable
        Function that returns the data of the plot, as values that JSON can represent. The page leaves out a plot
        whose data are empty.
    draw : callable
        Function that returns the data as an SVG element.
    """

    key: str
    title: str
    caption: str
    alternative: str
    data: Callable[[ReportData], Any]
    draw: Callable[[Any], str]


def _reliability_data(report: ReportData) -> dict[str, Any]:
    evaluation = report.evaluation
    return asdict(reliability(report.training_set.moods, evaluation.probabilities, evaluation.labels))


def _draw_reliability(bins: Mapping[str, Any]) -> str:
    """Draw accuracy against confidence; ``bins`` holds ``confidence``, ``accuracy`` and ``count`` of each bin."""
    with drawing(4.6, 4.0) as result:
        axes = result.axes
        axes.plot([0, 1], [0, 1], color=LINE_COLOUR, linewidth=1.5)
        counts = np.array(bins["count"], dtype=float)
        axes.plot(bins["confidence"], bins["accuracy"], color=COLOURS[0])
        axes.scatter(
            bins["confidence"],
            bins["accuracy"],
            s=20 + 180 * counts / counts.max(),
            color=COLOURS[0],
            alpha=0.8,
        )
        axes.set(xlim=(0, 1), ylim=(0, 1), xlabel="confidence", ylabel="accuracy")
    return result.svg


def _precision_recall_data(report: ReportData) -> dict[str, Any]:
    evaluation = report.evaluation
    curves = precision_recall(report.training_set.moods, evaluation.probabilities, evaluation.labels)
    return {mood: asdict(curve) for mood, curve in curves.items()}


def _draw_precision_recall(curves: Mapping[str, Mapping[str, Any]]) -> str:
    """Draw a curve for each mood, from its ``recall``, ``precision`` and ``average_precision``."""
    with drawing(4.6, 4.8) as result:
        lines = []
        for index, (mood, curve) in enumerate(curves.items()):
            (line,) = result.axes.plot(curve["recall"], curve["precision"], **line_style(index))
            lines.append((f"{short_label(mood, _MAX_LABEL)} ({curve['average_precision']:.2f})", line))
        result.axes.set(xlim=(0, 1), ylim=(0, 1.02), xlabel="recall", ylabel="precision")
        legend_below(result.axes, lines, gap=0.15)
    return result.svg


def _learning_data(report: ReportData) -> list[dict[str, Any]]:
    return [asdict(point) for point in report.learning_curve]


def _draw_learning(points: Sequence[Mapping[str, Any]]) -> str:
    """Draw accuracy and macro F1 against the number of training pictures, from the fields of `LearningPoint`."""
    with drawing(4.6, 3.6) as result:
        axes = result.axes
        sizes = [point["n_images"] for point in points]
        lines = []
        for index, (metric, label) in enumerate((("accuracy", "accuracy"), ("macro_f1", "macro F1"))):
            means = [point[metric] for point in points]
            spreads = [point[f"{metric}_spread"] for point in points]
            bars = axes.errorbar(sizes, means, spreads, marker="o", capsize=3, **line_style(index))
            lines.append((label, bars))
        axes.set_xscale("log")
        axes.set_xticks(sizes, [f"{size:,}" for size in sizes], rotation=45, ha="right")
        axes.minorticks_off()
        axes.set(xlabel="training pictures", ylim=(0, None))
        legend_below(axes, lines)
    return result.svg


def _resolution_data(report: ReportData) -> dict[str, Any]:
    return {
        inputs: [{"size_px": size_px, "accuracy": accuracy} for size_px, accuracy in points]
        for inputs, points in report.resolution_curves.items()
    }


def _draw_resolution(curves: Mapping[str, Sequence[Mapping[str, Any]]]) -> str:
    """Draw accuracy against picture size, with a curve for each combination of inputs."""
    with drawing(4.6, 3.6) as result:
        axes = result.axes
        lines = []
        for index, (inputs, points) in enumerate(curves.items()):
            sizes = [point["size_px"] for point in points]
            accuracies = [point["accuracy"] for point in points]
            (line,) = axes.plot(sizes, accuracies, marker="o", **line_style(index))
            lines.append((inputs, line))
            axes.set_xticks(sizes, [str(size) for size in sizes], rotation=45, ha="right")
        axes.set(xlabel="side of the picture in pixels", ylabel="accuracy", ylim=(0, None))
        legend_below(axes, lines)
    return result.svg


PLOTS = (
    Plot(
        key="reliability",
        title="Reliability",
        caption="On the grey line, confidence equals accuracy: of the predictions with a confidence of 70 %, 70 % "
        "are correct. Below the line, the model is overconfident. Larger dots stand for more predictions.",
        alternative="Plot of accuracy against confidence",
        data=_reliability_data,
        draw=_draw_reliability,
    ),
    Plot(
        key="precision_recall",
        title="Precision and recall",
        caption="The higher a curve, the fewer wrong pictures a search for the mood returns. The legend shows the "
        "average precision of each mood.",
        alternative="Plot of precision against recall, with a curve for each mood",
        data=_precision_recall_data,
        draw=_draw_precision_recall,
    ),
    Plot(
        key="learning_curve",
        title="Learning curve",
        caption="Where the curves still rise, more labelled pictures would improve the model. The bars show the "
        "standard deviation over the folds.",
        alternative="Plot of accuracy and macro F1 against the number of training pictures",
        data=_learning_data,
        draw=_draw_learning,
    ),
    Plot(
        key="resolution_curve",
        title="Accuracy by resolution",
        caption="Accuracy on pictures that were not used for training, reduced to each size and enlarged again.",
        alternative="Plot of accuracy against the size of the pictures",
        data=_resolution_data,
        draw=_draw_resolution,
    ),
)
"""The plots of a report, in the order of the page."""
