from __future__ import annotations

import re
import sys
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from imagemood._text import short_label
from imagemood.bulk import engine
from imagemood.bulk.dataset_info import DatasetInfo
from imagemood.bulk.gallery import write_gallery
from imagemood.bulk.run import run
from imagemood.bulk.settings import BulkRequest, RunSettings
from imagemood.errors import InputError, MissingExtraError
from tests.bulk.conftest import rows_of, write_photos
from tests.chromium import chromium, open_standalone
from tests.hostile_labels import LABELS


@pytest.fixture(scope="module")
def dataset(tmp_path_factory):
    """A dataset of 30 pictures, one of which has failed and one was removed afterwards."""
    folder = tmp_path_factory.mktemp("<gallery> & co")
    write_photos(folder / "photos", 30)
    (folder / "photos" / "broken.jpg").write_bytes(b"not a picture")
    engine.start()
    run(BulkRequest(str(folder / "photos")), RunSettings(str(folder / "moods")))
    best = rows_of(folder / "moods").sort_by([("awe", "descending")])["path"][0].as_py()
    Path(best).unlink()
    return folder / "moods"


@pytest.fixture(scope="module")
def page(dataset):
    path = dataset.parent / "page.html"
    assert write_gallery(str(dataset), path, n_per_mood=4) >= 1
    return path


def test_the_page_has_the_most_probable_pictures_of_each_mood(dataset, page):
    text = page.read_text("utf-8")
    rows = rows_of(dataset)
    for mood in ("awe", "fear", "sadness"):
        section = text.partition(f'<h2 id="{mood}">')[2].partition("</section>")[0]
        shown = re.findall(r"<b>([\d.]+) %</b>", section)
        best = sorted((value for value in rows[mood].to_pylist() if value is not None), reverse=True)[:4]
        assert shown == [f"{100 * value:.1f}" for value in best]
    assert "no longer readable" in text
    assert "unsupported image format" in text
    assert "<dt>Classified</dt><dd>30</dd>" in text
    assert "<dt>Failed</dt><dd>1</dd>" in text


def test_the_page_loads_nothing_else(page):
    text = page.read_text("utf-8")
    links = re.findall(r"""(?:src|href|url)\s*[=(]\s*["']?([^"')\s>]+)""", text)
    assert {link.split(":")[0] for link in links if not link.startswith("#")} == {"data"}
    assert "&lt;gallery&gt; &amp; co" in text


def test_selected_moods(dataset, tmp_path):
    write_gallery(str(dataset), tmp_path / "page.html", moods=["awe"], n_per_mood=2)
    text = (tmp_path / "page.html").read_text("utf-8")
    assert re.findall('<h2 id="([^"]+)"', text) == ["awe"]
    with pytest.raises(InputError, match="unknown mood 'joy'"):
        write_gallery(str(dataset), tmp_path / "other.html", moods=["joy"])
    assert not (tmp_path / "other.html").exists()


def test_pictures_in_a_table(tmp_path):
    photos = write_photos(tmp_path / "photos", 3)
    contents = [path.read_bytes() for path in sorted(photos.iterdir())]
    pq.write_table(pa.table({"image": contents}), tmp_path / "table.parquet")
    engine.start()
    run(BulkRequest(str(tmp_path / "table.parquet"), "image"), RunSettings(str(tmp_path / "moods")))
    assert write_gallery(str(tmp_path / "moods"), tmp_path / "page.html", moods=["awe"]) == 0
    assert (tmp_path / "page.html").read_text("utf-8").count("data:image/jpeg") == 3


def test_a_missing_extra_is_an_error(dataset, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "jinja2", None)
    with pytest.raises(MissingExtraError, match=r"jinja2 is not installed .*\[bulk\]"):
        write_gallery(str(dataset), tmp_path / "page.html")


@pytest.fixture(scope="module")
def browser():
    with chromium() as started:
        yield started


@pytest.mark.parametrize(("width", "scheme"), [(390, "dark"), (1280, "light")])
def test_the_page_in_a_browser(browser, page, width, scheme):
    tab = open_standalone(browser, page, width, scheme)
    assert tab.locator("h2").count() == 9
    tab.locator("nav a").last.click()
    tab.evaluate("document.querySelectorAll('img').forEach(i => i.loading = 'eager')")
    tab.wait_for_function("[...document.images].every(i => i.complete && i.naturalWidth > 0)")
    assert tab.locator("img").count() > 20
    tab.close()


def test_hostile_labels_and_names_are_shown_as_text(browser, tmp_path):
    moods = [label for label in LABELS if label.strip()]
    folder = tmp_path / "moods"
    folder.mkdir()
    info = DatasetInfo(
        source="<b>source\n</b>" * 50,
        column=None,
        names_are_rows=False,
        folder=str(tmp_path),
        labels=moods,
        model="0" * 64,
        options={},
        n_pictures=len(moods),
        n_files=1,
    )
    (folder / "_imagemood.json").write_bytes(info.to_json())
    columns = {"path": [f"{mood[:200]}.jpg" for mood in moods], "mood": moods}
    for mood in moods:
        columns[mood] = [float(other == mood) for other in moods]
    columns |= {name: pa.nulls(len(moods), pa.float64()) for name in ("valence", "arousal")}
    table = pa.table({**columns, "error": pa.nulls(len(moods), pa.string())})
    pq.write_table(table, folder / "part-00000000-0123456789abcdef.parquet")
    write_gallery(str(folder), tmp_path / "page.html", n_per_mood=1)
    page = browser.new_page(viewport={"width": 390, "height": 800})
    messages = []
    page.on("console", lambda message: messages.append(message.text))
    page.goto((tmp_path / "page.html").as_uri())
    assert messages == []
    assert page.title().startswith("Moods of <b>source")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert page.locator("h2").all_text_contents() == [short_label(mood) for mood in moods]
    for link in page.locator("nav a").all():
        assert page.locator(f'[id="{link.get_attribute("href")[1:]}"]').count() == 1
    assert page.locator("script, img, li b b").count() == 0
