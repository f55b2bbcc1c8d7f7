from __future__ import annotations

import dataclasses
import html
import json
import re
import sys
from html.parser import HTMLParser

import pytest
from axe_playwright_python.sync_playwright import Axe

from imagemood.errors import InputError, MissingExtraError
from imagemood.evaluation.metrics import evaluate_predictions
from imagemood.report import check_report_folder, write_report
from imagemood.report.plots import PLOTS
from imagemood.report.values import report_values
from tests.chromium import chromium, open_standalone
from tests.report.conftest import MISSING

VOID_ELEMENTS = {"meta", "img"}


@pytest.fixture(scope="module")
def report(report_data, tmp_path_factory):
    folder = tmp_path_factory.mktemp("out") / "report"
    write_report(report_data, folder)
    return folder


@pytest.fixture(scope="module")
def page(report):
    return (report / "index.html").read_text("utf-8")


class Outline(HTMLParser):
    """Collects the texts of a page by element, and checks that elements are closed in order."""

    def __init__(self, page):
        super().__init__()
        self.open, self.texts, self.attributes = [], {}, []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.attributes.append((tag, dict(attrs)))
        if tag not in VOID_ELEMENTS:
            self.open.append(tag)
            self.texts.setdefault(tag, []).append("")

    def handle_startendtag(self, tag, attrs):
        self.attributes.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if self.open:
            self.texts[self.open[-1]][-1] += data


def rows(page, label):
    """Return the cells of the table in the region with the given label, row by row."""
    table = page[page.index(f'aria-label="{label}"') :]
    table = table[: table.index("</table>")]
    found = [re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row) for row in table.split("<tr>")[1:]]
    return [[html.unescape(cell) for cell in row] for row in found]


def test_json_has_all_values_that_the_page_shows(report, report_data, training_set):
    values = json.loads((report / "report.json").read_text("utf-8"))
    assert values == json.loads(json.dumps(report_values(report_data)))
    assert set(values["precision_recall"]) == set(values["per_class"]) == set(values["top_tags"])
    assert sum(values["reliability"]["count"]) == 240
    assert values["learning_curve"][1]["n_images"] == 1600
    assert values["resolution_curve"]["tags"] == [
        {"size_px": 16, "accuracy": 0.25},
        {"size_px": 224, "accuracy": 0.6},
    ]
    (mistake,) = (m for m in values["mistakes"] if m["image"].endswith(f"/{MISSING}.jpg"))
    assert mistake["probability"] == 1
    assert mistake["mood"] == training_set.moods[MISSING]


def test_json_is_readable_by_people(report):
    text = (report / "report.json").read_text("utf-8")
    assert "Große Freude" in text
    assert text.startswith('{\n "algorithm": "logistic",\n')
    assert text.endswith("}\n")


def test_page_loads_no_other_files(report, page):
    assert sorted(path.name for path in report.iterdir()) == ["index.html", "report.json"]
    links = re.findall(r"""(?:src|href|url)\s*[=(]\s*["']?([^"')\s>]+)""", page)
    assert {link.split(":")[0] for link in links if not link.startswith("#")} <= {"data", "http"}
    assert all(link.startswith("http://www.w3.org/1999/xlink") for link in links if link.startswith("http"))
    assert page.count("data:image/jpeg") == len(re.findall("<img", page)) > 5
    assert "&lt;pictures&gt; &amp; co" in page
    assert "Große Freude" in page
    assert "default-src 'none'" in page
    assert "<script" not in page


def test_elements_are_nested_correctly(page):
    outline = Outline(page)
    assert outline.open == []
    assert len(outline.texts["h1"]) == 1
    assert dict(outline.attributes)["html"]["lang"] == "en"


def test_headings_are_in_order_and_each_plot_has_one(page):
    assert Outline(page).texts["h2"] == [
        "Results by mood",
        "Confusion matrix",
        *(plot.title for plot in PLOTS),
        "Most confident mistakes",
        "Strongest tags of each mood",
    ]


def test_each_plot_has_a_caption_and_a_description(page):
    labels = [attributes["aria-label"] for _, attributes in Outline(page).attributes if "aria-label" in attributes]
    for plot in PLOTS:
        assert f"<p>{html.escape(plot.caption)}</p>" in page
        assert plot.alternative in labels
    assert len(re.findall("<svg", page)) == len(PLOTS)


def test_plots_follow_the_registered_order(page):
    positions = [page.index(plot.alternative) for plot in PLOTS]
    assert positions == sorted(positions)


def test_a_new_plot_needs_one_entry(report_data, tmp_path, monkeypatch):
    """The page and the JSON file contain a plot that is added to the list."""
    extra = dataclasses.replace(
        PLOTS[0],
        key="n_folds_plot",
        title="Folds <new>",
        data=lambda _: [3],
        draw="<svg>{}</svg>".format,
    )
    for module in ("page", "values"):
        monkeypatch.setattr(sys.modules[f"imagemood.report.{module}"], "PLOTS", (*PLOTS, extra))
    write_report(report_data, tmp_path / "report")
    page = (tmp_path / "report" / "index.html").read_text("utf-8")
    assert "<h2>Folds &lt;new&gt;</h2>" in page
    assert "<svg>[3]</svg>" in page
    assert json.loads((tmp_path / "report" / "report.json").read_text("utf-8"))["n_folds_plot"] == [3]


def test_results_by_mood_are_in_the_table(page, report_data):
    header, *body = rows(page, "Results by mood")
    assert header == ["mood", "precision", "recall", "F1", "pictures"]
    evaluation = report_data.evaluation
    expected = {**evaluation.per_class, **evaluation.averages}
    intervals = {**evaluation.intervals.per_class, **evaluation.intervals.averages}
    assert body == [
        [
            name,
            *(
                f"{row[key]:.2f}<small>{low:.2f} to {high:.2f}</small>"
                for key, (low, high) in intervals[name].items()
            ),
            f"{row['support']:,}",
        ]
        for name, row in expected.items()
    ]


def test_the_confusion_matrix_shows_percentages_of_rows(page, report_data):
    header, *body = rows(page, "Confusion matrix")
    labels = list(report_data.evaluation.labels)
    assert header[1:] == labels
    for label, row, counts in zip(labels, body, report_values(report_data)["confusions"], strict=True):
        assert row == [label, *(f"{100 * n / sum(counts):.0f}" for n in counts)]
    assert page.count('class="correct"') == len(labels)


def test_the_summary_shows_the_overall_metrics(page, report_data):
    evaluation = report_data.evaluation
    assert f"<dd>{100 * evaluation.accuracy:.1f} %<small>± {100 * evaluation.spread['accuracy']:.1f} %" in page
    assert f"<dd>{evaluation.macro_f1:.3f}<small>" in page
    overall = evaluation.intervals.overall
    for name in ("log_loss", "calibration_error"):
        low, high = overall[name]
        assert f"<dd>{getattr(evaluation, name):.3f}<small>{low:.3f} to {high:.3f}</small></dd>" in page
    low, high = overall["top_two_accuracy"]
    interval = f"<small>{100 * low:.1f} % to {100 * high:.1f} %</small>"
    assert f"<dd>{100 * evaluation.top_two_accuracy:.1f} %{interval}</dd>" in page
    assert "1,000 bootstrap resamples" in page
    assert "Valence" not in page  # two of the moods are not known
    assert "240 labelled pictures in 3 folds" in page
    assert "50.0 % of the pictures" in " ".join(page.split())  # 120 of 240 have the most frequent mood


def test_valence_is_shown_if_it_is_known(report_data, tmp_path):
    labels = ("anger", "awe", "fear")
    names = dict(zip(report_data.evaluation.labels, labels, strict=True))
    moods = [names[mood] for mood in report_data.training_set.moods]
    evaluation = evaluate_predictions(
        moods, report_data.evaluation.probabilities, labels, spread=report_data.evaluation.spread
    )
    training_set = dataclasses.replace(report_data.training_set, moods=moods)
    write_report(
        dataclasses.replace(report_data, evaluation=evaluation, training_set=training_set), tmp_path / "r"
    )
    page = (tmp_path / "r" / "index.html").read_text("utf-8")
    header, *body = rows(page, "Valence")
    assert header == ["", "predicted positive", "predicted negative"]
    assert [row[0] for row in body] == ["positive moods", "negative moods"]
    assert [[int(cell) for cell in row[1:]] for row in body] == evaluation.valence.confusions
    assert f"<dt>Valence accuracy</dt><dd>{100 * evaluation.valence.accuracy:.1f} %</dd>" in page
    assert "bootstrap" not in page  # no intervals were computed


def test_a_missing_picture_has_its_path_instead_of_a_thumbnail(page, report_data):
    assert f"<span>picture {html.escape(report_data.paths[MISSING])}</span>" in page
    images = [attributes for tag, attributes in Outline(page).attributes if tag == "img"]
    assert all(attributes["alt"] in report_data.paths for attributes in images)


def test_pictures_whose_extra_is_missing_have_their_path(report_data, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "obstore", None)
    paths = [f"s3://photos/{i}.jpg" for i in range(len(report_data.paths))]
    write_report(dataclasses.replace(report_data, paths=paths), tmp_path / "report")
    page = (tmp_path / "report" / "index.html").read_text("utf-8")
    assert f"<span>picture {paths[MISSING]}</span>" in page


def test_strongest_tags_have_bars_relative_to_the_first(page, report_data):
    for tags in report_values(report_data)["top_tags"].values():
        for tag, score in tags:
            width = f"{100 * score / tags[0][1]:.1f}"
            assert f'style="width: {width}%"></i><span>{tag}</span><span>{score:.1f}</span>' in page


def test_an_older_report_is_replaced_and_any_other_folder_is_not(report_data, report, tmp_path):
    write_report(report_data, report)
    (tmp_path / "letter.txt").touch()
    with pytest.raises(InputError):
        write_report(report_data, tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["letter.txt"]


def test_the_folder_can_be_checked_before_the_evaluation(report, tmp_path):
    check_report_folder(tmp_path / "new")
    check_report_folder(tmp_path)
    check_report_folder(report)
    assert list(tmp_path.iterdir()) == []
    (tmp_path / "index.html").touch()
    with pytest.raises(InputError, match=r"report\.json"):
        check_report_folder(tmp_path)
    with pytest.raises(InputError):
        check_report_folder(tmp_path / "index.html")


def test_the_same_evaluation_gives_the_same_files(report_data, report, tmp_path):
    write_report(report_data, tmp_path / "report")
    for name in ("index.html", "report.json"):
        assert (tmp_path / "report" / name).read_bytes() == (report / name).read_bytes()


def test_pictures_and_curves_may_be_missing(bare_data, tmp_path):
    write_report(bare_data, tmp_path / "report")
    page = (tmp_path / "report" / "index.html").read_text("utf-8")
    assert "<img" not in page
    assert "Accuracy by resolution" not in page
    assert "Learning curve" not in page
    assert page.count("<svg") == 2


def test_a_training_set_without_tags_has_no_section_about_them(bare_data, report_data, tmp_path):
    embedding = report_data.training_set.select(["embedding"])
    data = dataclasses.replace(bare_data, training_set=embedding, evaluation=report_data.evaluation)
    write_report(data, tmp_path / "report")
    page = (tmp_path / "report" / "index.html").read_text("utf-8")
    assert "Strongest tags" not in page
    assert "Most confident mistakes" in page
    assert f"<span>picture {MISSING}</span>" in page


@pytest.mark.parametrize("package", ["jinja2", "matplotlib"])
def test_a_missing_package_is_named_with_the_extra_that_installs_it(report_data, tmp_path, monkeypatch, package):
    monkeypatch.setitem(sys.modules, package, None)
    for attempt in (lambda path: write_report(report_data, path), check_report_folder):
        with pytest.raises(MissingExtraError, match=rf"{package} is not installed .*\[report\]"):
            attempt(tmp_path / "report")
    assert list(tmp_path.iterdir()) == []


@pytest.fixture(scope="module")
def browser():
    with chromium() as started:
        yield started


@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_page_in_a_browser(browser, report, width, scheme):
    page = open_standalone(browser, report / "index.html", width, scheme)
    headings = page.locator("h2").all_inner_texts()
    assert len(headings) == 8
    assert page.locator("svg").count() == 4
    for plot in page.locator("svg").all():
        box = plot.bounding_box()
        assert box["width"] > 250
        assert box["height"] > 200
    broken = "[...document.images].filter(i => !i.complete || i.naturalWidth === 0).length"
    assert page.evaluate(broken) == 0
    page.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_page_is_accessible(browser, report, scheme):
    """Checks of axe-core, which covers contrast, names of elements and their roles."""
    context = browser.new_context(color_scheme=scheme, bypass_csp=True)
    page = context.new_page()
    page.goto((report / "index.html").as_uri())
    found = Axe().run(page).response["violations"]
    context.close()
    assert [(rule["id"], [node["html"][:200] for node in rule["nodes"]][:3]) for rule in found] == []
