from __future__ import annotations

import re

import numpy as np
import pytest

from imagemood.evaluation.metrics import evaluate_predictions
from imagemood.learning import Recipe, TrainingSet
from imagemood.report import ReportData
from imagemood.report.plots import PLOTS
from imagemood.report.svg import COLOURS
from tests.report.conftest import parse_svg

SVG = "{http://www.w3.org/2000/svg}"
BY_KEY = {plot.key: plot for plot in PLOTS}
BINS = {"confidence": [0.35, 0.55, 0.95], "accuracy": [0.3, 0.6, 0.9], "count": [10, 40, 160]}
CURVES = {
    "awe": {"recall": [0.0, 0.5, 1.0], "precision": [1.0, 0.8, 0.4], "average_precision": 0.75, "prevalence": 0.4},
    "fear & joy": {"recall": [0.0, 1.0], "precision": [0.6, 0.6], "average_precision": 0.6, "prevalence": 0.6},
}
POINTS = [
    {"n_images": n, "accuracy": a, "macro_f1": f, "accuracy_spread": 0.05, "macro_f1_spread": 0.01}
    for n, a, f in ((100, 0.4, 0.3), (1000, 0.6, 0.5), (10000, 0.7, 0.65))
]
RESOLUTIONS = {
    "tags+embedding": [{"size_px": 16, "accuracy": 0.3}, {"size_px": 224, "accuracy": 0.7}],
    "tags": [{"size_px": 16, "accuracy": 0.2}, {"size_px": 224, "accuracy": 0.6}],
}
DATA = {
    "reliability": BINS,
    "precision_recall": CURVES,
    "learning_curve": POINTS,
    "resolution_curve": RESOLUTIONS,
}


def texts(svg):
    return ["".join(element.itertext()) for element in parse_svg(svg).iter(f"{SVG}text")]


def curves(svg, colour):
    """Return the points of each open path of the given colour, as arrays of shape (n_points, 2)."""
    paths = [
        element.get("d")
        for element in parse_svg(svg).iter(f"{SVG}path")
        if f"stroke: {colour}" in element.get("style", "") and "fill: none" in element.get("style", "")
    ]
    found = [np.array([float(n) for n in re.findall(r"-?[\d.]+", path)]).reshape(-1, 2) for path in paths]
    return [points for points in found if len(points) > 1]


def assert_affine(drawn, values):
    """Check that positions are the values, scaled and shifted."""
    slope, offset = np.polyfit(values, drawn, 1)
    np.testing.assert_allclose(slope * np.array(values) + offset, drawn, atol=0.01)


@pytest.fixture(scope="module")
def four_pictures():
    """Predictions for four pictures, of which the third is wrong."""
    moods = ["awe", "fear", "awe", "fear"]
    probabilities = np.array([[0.95, 0.05], [0.35, 0.65], [0.25, 0.75], [0.15, 0.85]])
    tags = TrainingSet(np.eye(4, dtype=np.float32), ("a", "b", "c", "d"), moods)
    return ReportData(evaluate_predictions(moods, probabilities, ("awe", "fear")), Recipe("rf"), tags)


def test_keys_and_titles_are_different():
    assert len(BY_KEY) == len({plot.title for plot in PLOTS}) == len(PLOTS)
    assert set(BY_KEY) == set(DATA)


@pytest.mark.parametrize("plot", PLOTS, ids=BY_KEY)
def test_captions_are_sentences_and_alternatives_are_phrases(plot):
    assert plot.caption.endswith(".")
    assert plot.caption[0].isupper()
    assert plot.alternative.startswith("Plot of ")
    assert not plot.alternative.endswith(".")
    assert not plot.title.endswith(".")


@pytest.mark.parametrize("plot", PLOTS, ids=BY_KEY)
def test_a_plot_is_valid_svg_and_always_the_same(plot):
    svg = plot.draw(DATA[plot.key])
    assert parse_svg(svg).tag == f"{SVG}svg"
    assert svg == plot.draw(DATA[plot.key])


@pytest.mark.parametrize("plot", PLOTS, ids=BY_KEY)
def test_a_plot_can_be_drawn_from_the_data_of_a_report(plot, report_data):
    assert "<svg" in plot.draw(plot.data(report_data))


@pytest.mark.parametrize(
    ("key", "labels"),
    [
        ("reliability", {"confidence", "accuracy"}),
        ("precision_recall", {"recall", "precision"}),
        ("learning_curve", {"training pictures", "accuracy", "macro F1"}),
        ("resolution_curve", {"side of the picture in pixels", "accuracy"}),
    ],
)
def test_axes_are_labelled(key, labels):
    assert labels <= set(texts(BY_KEY[key].draw(DATA[key])))


def test_reliability_data_by_hand(four_pictures):
    bins = BY_KEY["reliability"].data(four_pictures)
    assert bins["confidence"] == pytest.approx([0.65, 0.75, 0.85, 0.95])
    assert bins["accuracy"] == [1, 0, 1, 1]
    assert bins["count"] == [1, 1, 1, 1]


def test_reliability_curve_has_the_points_of_the_bins():
    svg = BY_KEY["reliability"].draw(BINS)
    (curve,) = curves(svg, COLOURS[0])
    assert len(curve) == 3
    assert_affine(curve[:, 0], BINS["confidence"])
    assert_affine(curve[:, 1], BINS["accuracy"])
    assert curve[0, 1] > curve[-1, 1]  # the vertical axis of SVG points down


def test_the_diagonal_of_the_reliability_plot_goes_from_corner_to_corner():
    svg = BY_KEY["reliability"].draw(BINS)
    diagonal = max(curves(svg, r"var(--line)"), key=lambda points: np.ptp(points[:, 0]) * np.ptp(points[:, 1]))
    (curve,) = curves(svg, COLOURS[0])
    for axis, name in enumerate(("confidence", "accuracy")):
        scale = (curve[-1, axis] - curve[0, axis]) / (BINS[name][-1] - BINS[name][0])
        assert np.diff(diagonal[:, axis]) == pytest.approx(scale, rel=1e-3)


def test_precision_recall_data_by_hand(four_pictures):
    """Sorted by their probability of fear, the pictures are fear, awe, fear, awe."""
    fear = BY_KEY["precision_recall"].data(four_pictures)["fear"]
    assert fear["average_precision"] == pytest.approx(0.5 * 1 + 0.5 * 2 / 3)
    assert fear["prevalence"] == 0.5
    at_recall = dict(zip(fear["recall"], fear["precision"], strict=True))
    assert at_recall[0.5] == 1
    assert at_recall[1.0] == pytest.approx(2 / 3)


def test_precision_recall_plot_has_a_curve_and_a_legend_for_each_mood():
    svg = BY_KEY["precision_recall"].draw(CURVES)
    assert {"awe (0.75)", "fear & joy (0.60)"} <= set(texts(svg))
    points = [max(curves(svg, colour), key=lambda found: np.ptp(found[:, 0])) for colour in COLOURS[:2]]
    assert_affine(points[0][:, 0], CURVES["awe"]["recall"])
    assert_affine(points[0][:, 1], CURVES["awe"]["precision"])
    assert np.ptp(points[1][:, 1]) == pytest.approx(0, abs=0.01)


def test_learning_data_are_the_fields_of_the_points(report_data):
    first, last = BY_KEY["learning_curve"].data(report_data)
    assert first == {
        "n_images": 100,
        "accuracy": 0.5,
        "macro_f1": 0.4,
        "accuracy_spread": 0.01,
        "macro_f1_spread": 0.03,
    }
    assert last["n_images"] == 1600


def test_learning_curve_has_a_logarithmic_axis_and_error_bars():
    svg = BY_KEY["learning_curve"].draw(POINTS)
    assert {"100", "1,000", "10,000"} <= set(texts(svg))
    found = curves(svg, COLOURS[0])
    (curve,) = (points for points in found if len(points) == 3)
    assert_affine(curve[:, 0], np.log10([100, 1000, 10000]))
    assert_affine(curve[:, 1], [0.4, 0.6, 0.7])
    bars = [points for points in found if len(points) == 2 and points[0, 0] in curve[:, 0]]
    assert len(bars) == 3
    scale = (curve[0, 1] - curve[-1, 1]) / 0.3
    for bar in bars:
        assert np.ptp(bar[:, 1]) == pytest.approx(2 * 0.05 * scale, rel=0.01)


def test_resolution_data_name_sizes_and_accuracies(report_data):
    assert BY_KEY["resolution_curve"].data(report_data)["tags"] == [
        {"size_px": 16, "accuracy": 0.25},
        {"size_px": 224, "accuracy": 0.6},
    ]


def test_resolution_plot_has_a_curve_for_each_combination_of_inputs():
    svg = BY_KEY["resolution_curve"].draw(RESOLUTIONS)
    assert {"16", "224", "tags+embedding", "tags"} <= set(texts(svg))
    first, second = (max(curves(svg, colour), key=lambda points: np.ptp(points[:, 1])) for colour in COLOURS[:2])
    assert (first[:, 1] < second[:, 1]).all()  # the first curve is higher, and the vertical axis points down


def test_plots_without_data_are_empty(bare_data):
    assert [plot.key for plot in PLOTS if not plot.data(bare_data)] == ["learning_curve", "resolution_curve"]
