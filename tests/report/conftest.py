from __future__ import annotations

import xml.etree.ElementTree as ET

import PIL.Image
import pytest

from imagemood.evaluation.cross_validation import evaluate
from imagemood.evaluation.learning_curve import LearningPoint
from imagemood.learning import Recipe
from imagemood.report import ReportData

MISSING = 7
"""Index of the picture whose file does not exist."""
LEARNING_CURVE = [LearningPoint(100, 0.5, 0.4, 0.01, 0.03), LearningPoint(1600, 0.6, 0.5, 0.02, 0.04)]
RESOLUTION_CURVES = {"tags+embedding": [(16, 0.3), (224, 0.7)], "tags": [(16, 0.25), (224, 0.6)]}


def parse_svg(svg: str) -> ET.Element:
    return ET.fromstring(svg)  # noqa: S314 (the SVG is our own)


@pytest.fixture(scope="package")
def report_data(training_set, tmp_path_factory) -> ReportData:
    """An evaluation of a weak model, which makes mistakes, on pictures of which one is missing."""
    folder = tmp_path_factory.mktemp("<pictures> & co")
    paths = []
    for i in range(len(training_set.moods)):
        paths.append(str(folder / f"{i}.jpg"))
        if i != MISSING:
            PIL.Image.new("RGB", (64, 32), (i, 100, 255 - i)).save(paths[-1])
    recipe = Recipe("logistic", {"C": 0.001})
    evaluation = evaluate(training_set.select(["embedding"]), recipe, n_folds=3)
    mistake = [0, 0, 1] if training_set.moods[MISSING] != "quiet fear" else [1, 0, 0]
    evaluation.probabilities[MISSING] = mistake
    return ReportData(evaluation, recipe, training_set, LEARNING_CURVE, RESOLUTION_CURVES, paths)


@pytest.fixture(scope="package")
def bare_data(training_set) -> ReportData:
    """An evaluation on tags without pictures and without curves."""
    tags = training_set.select(["tags"])
    return ReportData(evaluate(tags, "rf", n_folds=2), Recipe("rf"), tags)
