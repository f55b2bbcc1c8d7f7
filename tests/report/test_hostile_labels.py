"""Labels are shown as text in plots, pages and tables, whatever they contain."""

from __future__ import annotations

import dataclasses
import json

import numpy as np
import pytest

from imagemood._text import short_label
from imagemood.evaluation.cross_validation import evaluate
from imagemood.learning import Recipe, TrainingSet
from imagemood.report import ReportData, format_evaluation, write_report
from imagemood.report.plots import PLOTS
from imagemood.report.values import report_values
from tests.chromium import chromium
from tests.hostile_labels import LABELS
from tests.report.conftest import parse_svg


@pytest.fixture(scope="module")
def data() -> ReportData:
    """An evaluation of four pictures for each label, with tags that have the same names, and without pictures."""
    moods = [label for label in LABELS for _ in range(4)]
    scores = np.random.default_rng(0).dirichlet(np.ones(len(LABELS)), len(moods)).astype(np.float32)
    training_set = TrainingSet(scores, LABELS, moods)
    return ReportData(evaluate(training_set, Recipe("logistic"), n_folds=2), Recipe("logistic"), training_set)


@pytest.fixture(scope="module")
def report(data, tmp_path_factory):
    folder = tmp_path_factory.mktemp("hostile") / "report"
    paths = [f"{label[:200]}.jpg" for label in data.training_set.moods]
    write_report(dataclasses.replace(data, paths=paths), folder)
    return folder


def test_the_legend_shows_all_labels(data):
    (plot,) = (plot for plot in PLOTS if plot.key == "precision_recall")
    texts = [
        "".join(text.itertext())
        for text in parse_svg(plot.draw(plot.data(data))).iter()
        if text.tag.endswith("text")
    ]
    for label in LABELS:
        assert any(text.startswith(f"{short_label(label, 24)} (") for text in texts), label


def test_the_text_has_a_line_for_each_label(data):
    lines = format_evaluation(data.evaluation).splitlines()
    assert [line for line in lines if line.startswith("$x^$")]
    assert len(lines) == 2 + len(LABELS) + 1 + 2 + 1 + 5 + 2
    assert max(map(len, lines)) < 130


def test_the_values_are_exact(report, data):
    values = json.loads((report / "report.json").read_text("utf-8"))
    assert values["labels"] == sorted(LABELS)
    assert values == json.loads(json.dumps(report_values(dataclasses.replace(data, paths=None)))) | {
        "mistakes": values["mistakes"]
    }


@pytest.mark.parametrize("width", [390, 1280])
def test_the_page_shows_the_labels_and_executes_nothing(report, width):
    with chromium() as browser:
        page = browser.new_page(viewport={"width": width, "height": 800})
        messages = []
        page.on("console", lambda message: messages.append(message.text))
        page.goto((report / "index.html").as_uri())
        assert messages == []
        assert page.title().startswith("Evaluation of logistic")
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        table = page.locator('[aria-label="Results by mood"] tbody th').all_text_contents()
        matrix = page.locator('[aria-label="Confusion matrix"] thead th').all_text_contents()
        assert table == matrix == [short_label(label) for label in sorted(LABELS)]
        assert page.locator("script, b b, img").count() == 0
