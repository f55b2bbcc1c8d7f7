"""Fixtures for tests of the web page in Chromium, against a running service."""

from __future__ import annotations

import base64
import io
import os
from pathlib import Path
from urllib.parse import urlsplit

import PIL.Image
import pytest
from playwright.sync_api import expect

import imagemood
from imagemood.pictures.samples import FOLDER
from tests.chromium import chromium
from tests.serve.serving import serving

PAGE = Path(imagemood.__file__).parent / "serve" / "static" / "index.html"
# Playwright cannot read a request body that is a Blob.
RECORD_LAST_UPLOAD = """{
    const fetch = window.fetch;
    window.fetch = (url, options) => {
        if (options?.body instanceof Blob) window.lastUpload = options.body;
        return fetch(url, options);
    };
}"""
expect.set_options(timeout=15_000)


@pytest.fixture(scope="session")
def service(tmp_path_factory):
    if not PAGE.is_file() and os.environ.get("IMAGEMOOD_WITHOUT_PAGE") == "1":
        pytest.skip("IMAGEMOOD_WITHOUT_PAGE=1: the package has no page")
    assert PAGE.is_file(), "the web page is not built; run `make page`"
    with serving(tmp_path_factory.mktemp("serve"), "--no-access-log") as served:
        yield f"{served.address}/"


# Package scope: while Playwright is running, other tests of this process cannot run an event loop.
@pytest.fixture(scope="package")
def browser():
    local_names = "--host-resolver-rules=MAP *.example 127.0.0.1"  # websites whose names resolve to this machine
    with chromium("--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream", local_names) as started:
        yield started


@pytest.fixture
def open_page(browser):
    """Open pages, and check at the end that none logged an error or sent a request to another host."""
    contexts, requests, errors = [], [], []

    def open_at(address, **options):
        options = {"viewport": {"width": 1280, "height": 900}, **options}
        context = browser.new_context(permissions=["clipboard-read", "clipboard-write", "camera"], **options)
        contexts.append(context)
        context.add_init_script(RECORD_LAST_UPLOAD)
        page = context.new_page()
        page.on("request", lambda request: requests.append((page, request.url)))
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
        page.goto(address)
        return page

    yield open_at
    for page, url in requests:
        assert urlsplit(url).scheme in {"data", "blob"} or urlsplit(url).netloc == urlsplit(page.url).netloc
    # Chromium logs responses such as 422, which the page handles.
    assert [text for text in errors if not text.startswith("Failed to load resource")] == []
    for context in contexts:
        context.close()


@pytest.fixture
def open_anywhere(browser):
    """Open pages that send requests to other origins, and check at the end that none failed."""
    context = browser.new_context(accept_downloads=True)
    errors = []

    def open_at(address):
        page = context.new_page()
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.goto(address)
        return page

    yield open_at
    context.close()
    assert errors == []


@pytest.fixture
def page(open_page, service):
    return open_page(service)


@pytest.fixture(scope="session")
def cascade():
    """The cascade that computes the expected predictions."""
    return imagemood.Cascade.load()


@pytest.fixture(scope="session")
def photos(sample_photos):
    """Photos of several formats and sizes, by name."""
    names = ("chelsea.png", "coffee.png", "rocket.jpg", "hubble_deep_field.jpg", "astronaut.png")
    return {name: sample_photos / name for name in names}


@pytest.fixture(scope="session")
def cat(cascade):
    """The prediction for the sample picture of the cat."""
    return cascade.classify(FOLDER / "cat.jpg")


def drop(page, target, *paths):
    """Drop files or folders onto an element through the browser's input events."""
    box = page.locator(target).bounding_box()
    session = page.context.new_cdp_session(page)
    data = {"items": [], "files": [str(path) for path in paths], "dragOperationsMask": 1}
    x, y = box["x"] + box["width"] / 2, box["y"] + min(box["height"] / 2, 20)
    for kind in ("dragEnter", "dragOver", "drop"):
        session.send("Input.dispatchDragEvent", {"type": kind, "x": x, "y": y, "data": data})


def last_upload(page):
    """Return the picture that the page uploaded last."""
    encoded = page.evaluate(
        """() => new Promise(resolve => {
            const reader = new FileReader();
            reader.onload = () => resolve(reader.result.split(",")[1]);
            reader.readAsDataURL(lastUpload);
        })"""
    )
    return PIL.Image.open(io.BytesIO(base64.b64decode(encoded)))


def choose(page, button, path):
    """Choose a file or folder in the file chooser that a button opens."""
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name=button, exact=True).click()
    chooser.value.set_files(path)


def displayed_moods(page):
    """Return the percentage that each mood's bar displays, in the order on the page."""
    expect(page.locator(".bars li").first).to_be_visible()
    return {
        bar.get_attribute("data-mood"): bar.locator(".probability").inner_text().split("%")[0]
        for bar in page.locator(".bars li").all()
    }


def displayed(moods):
    """Return probabilities as percentages in the page's format."""
    return {
        mood: "<1" if 0 < probability < 0.005 else str(int(100 * probability + 0.5))
        for mood, probability in moods.items()
    }
