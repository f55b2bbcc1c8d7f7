from __future__ import annotations

import json
import re

import numpy as np
import PIL.Image
import pytest

from imagemood.errors import InputError, MissingExtraError
from imagemood.evaluation.diagnostics import confusions
from imagemood.evaluation.evaluate import cross_validate
from imagemood.evaluation.learning_curve import LearningPoint
from imagemood.learning import Recipe
from imagemood.report import Contents, write_report
from tests.chromium import chromium

LEARNING = [LearningPoint(100, 0.5, 0.4, 0.01, 0.01), LearningPoint(1600, 0.6, 0.5, 0.02, 0.02)]
RESOLUTION = {"tags+embedding": [(16, 0.3), (224, 0.7)], "tags": [(16, 0.25), (224, 0.6)]}


@pytest.fixture(scope="module")
def contents(training_set, tmp_path_factory):
    """A report of a weak model, which has mistakes, on pictures of which one is gone."""
    folder = tmp_path_factory.mktemp("<pictures> & co")
    paths = []
    for i in range(240):
        paths.append(str(folder / f"{i}.jpg"))
        if i != 7:
            PIL.Image.new("RGB", (64, 32), (i, 100, 255 - i)).save(paths[-1])
    recipe = Recipe("logistic", {"C": 0.001})
    evaluation = cross_validate(training_set.select(["embedding"]), recipe, n_folds=3)
    evaluation.probabilities[7] = [0, 0, 1] if training_set.moods[7] != "quiet fear" else [1, 0, 0]
    return Contents(evaluation, recipe, training_set, LEARNING, RESOLUTION, paths)


@pytest.fixture(scope="module")
def report(contents, tmp_path_factory):
    folder = tmp_path_factory.mktemp("out") / "report"
    write_report(contents, folder)
    return folder


def test_json_has_all_that_the_page_shows(report, contents, training_set):
    values = json.loads((report / "report.json").read_text("utf-8"))
    answers = contents.evaluation.probabilities
    assert values["accuracy"] == contents.evaluation.accuracy
    expected = confusions(training_set.moods, answers, contents.evaluation.labels)
    assert values["confusions"] == expected.tolist()
    assert set(values["precision_recall"]) == set(values["per_class"]) == set(values["top_tags"])
    assert sum(values["reliability"]["count"]) == 240
    assert values["learning_curve"][1]["n_images"] == 1600
    assert values["resolution_curve"]["tags"] == [
        {"size_px": 16, "accuracy": 0.25},
        {"size_px": 224, "accuracy": 0.6},
    ]
    (mistake,) = (m for m in values["mistakes"] if m["image"].endswith("/7.jpg"))
    assert mistake["probability"] == 1
    assert mistake["mood"] == training_set.moods[7]


def test_page_needs_nothing_from_anywhere(report):
    assert sorted(path.name for path in report.iterdir()) == ["index.html", "report.json"]
    page = (report / "index.html").read_text("utf-8")
    links = re.findall(r"""(?:src|href|url)\s*[=(]\s*["']?([^"')\s>]+)""", page)
    assert {link.split(":")[0] for link in links if not link.startswith("#")} <= {"data", "http"}
    assert all(link.startswith("http://www.w3.org/1999/xlink") for link in links if link.startswith("http"))
    assert page.count("data:image/jpeg") == len(re.findall("<img", page)) > 5
    assert "&lt;pictures&gt; &amp; co" in page
    assert "Große Freude" in page


def test_an_older_report_is_replaced_and_anything_else_is_not(contents, report, tmp_path):
    write_report(contents, report)
    (tmp_path / "letter.txt").touch()
    with pytest.raises(InputError, match="is a folder of something else"):
        write_report(contents, tmp_path)


def test_pictures_and_curves_may_be_missing(training_set, tmp_path):
    evaluation = cross_validate(training_set.select(["tags"]), "rf", n_folds=2)
    write_report(Contents(evaluation, Recipe("rf"), training_set.select(["tags"])), tmp_path / "report")
    page = (tmp_path / "report" / "index.html").read_text("utf-8")
    assert "<img" not in page
    assert "Smaller pictures" not in page
    assert "More training images" not in page


def test_a_missing_extra_is_named(contents, tmp_path, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "jinja2", None)
    with pytest.raises(MissingExtraError, match=r"image-mood-classifier\[report\]"):
        write_report(contents, tmp_path / "report")


@pytest.fixture(scope="module")
def browser():
    with chromium() as started:
        yield started


@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_page_in_a_browser(browser, report, width, scheme):
    page = browser.new_page(viewport={"width": width, "height": 800}, color_scheme=scheme)
    requested, complaints = [], []
    page.on("request", lambda request: requested.append(request.url))
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto((report / "index.html").as_uri())
    assert complaints == []
    assert {url.split(":")[0] for url in requested} <= {"file", "data"}
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    headings = page.locator("h2").all_inner_texts()
    assert len(headings) == 8
    assert page.locator("svg").count() == 4
    for plot in page.locator("svg").all():
        box = plot.bounding_box()
        assert box["width"] > 250
        assert box["height"] > 200
    ink, paper = page.evaluate("(s => [s.color, s.backgroundColor])(getComputedStyle(document.body))")
    levels = [np.mean([int(n) for n in re.findall(r"\d+", colour)[:3]]) for colour in (ink, paper)]
    assert abs(levels[0] - levels[1]) > 180
    broken = "[...document.images].filter(i => !i.complete || i.naturalWidth === 0).length"
    assert page.evaluate(broken) == 0
    page.close()
