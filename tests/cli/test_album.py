from __future__ import annotations

import re

import PIL.Image
import pytest

from tests.bulk.conftest import write_photos
from tests.chromium import chromium
from tests.cli.commands import run, run_failing


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    """The page of 20 photos, of which one has a hostile name, three have dates, and one cannot be read."""
    folder = tmp_path_factory.mktemp("album")
    write_photos(folder / "photos", 20)
    (folder / "photos" / "000.jpg").rename(folder / "photos" / "<img src=x onerror=alert(1)>.jpg")
    for name, date in (
        ("001", "2026:05:01 10:00:00"),
        ("002", "2026:05:03 10:00:00"),
        ("003", "2026:05:03 11:00:00"),
    ):
        path = folder / "photos" / f"{name}.jpg"
        exif = PIL.Image.Exif()
        exif.get_ifd(0x8769)[0x9003] = date
        PIL.Image.open(path).save(path, exif=exif)
    (folder / "photos" / "empty.jpg").touch()
    done = run("album", "photos", "-o", "album.html", "--title", "A <b>title</b>", cwd=folder)
    assert done.returncode == 1
    assert done.stderr == b"error: photos/empty.jpg: empty file\n"
    return folder / "album.html"


def test_the_page_is_complete_and_escaped(page):
    text = page.read_text("utf-8")
    assert "A &lt;b&gt;title&lt;/b&gt;" in text
    assert "&lt;img src=x onerror=alert(1)&gt;.jpg" in text
    assert not re.search(r"<b>title|<img src=x|<script|https?:", text)
    for part in (
        "Valence and arousal",
        "17 pictures state no date",
        "2026-05-01",
        "2026-05-03",
        "Unlike the others",
    ):
        assert part in text
    assert re.search(r"Classified</dt><dd>20<", text)
    assert re.search(r"Failed</dt><dd>1<", text)
    assert text.count("<circle") == 20


@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_page_fits_the_window(page, width, scheme):
    with chromium() as browser:
        shown = browser.new_page(viewport={"width": width, "height": 800}, color_scheme=scheme)
        messages = []
        shown.on("console", lambda message: messages.append(message.text))
        shown.on("request", lambda request: messages.append(request.url) if request.url[:4] == "http" else None)
        shown.goto(page.as_uri())
        assert shown.evaluate("document.documentElement.scrollWidth") == width
        assert messages == []


def test_a_dataset_needs_embeddings(dataset_folder, tmp_path):
    message = "the dataset contains no embeddings"
    run_failing("album", dataset_folder / "moods", "-o", tmp_path / "a.html", code=2, message=message)
    run_failing("album", tmp_path, "-o", tmp_path / "a.html", code=2, message="contains no pictures")
    assert not (tmp_path / "a.html").exists()


def test_a_folder_without_usable_pictures_has_no_page(tmp_path):
    (tmp_path / "empty.jpg").touch()
    assert run("album", tmp_path, "-o", tmp_path / "a.html").returncode == 1
    assert not (tmp_path / "a.html").exists()
