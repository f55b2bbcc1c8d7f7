"""The page as `imagemood serve` serves it, in Chromium. Nothing here stands for something else."""

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
from imagemood.pictures.samples import all_samples
from tests.chromium import chromium
from tests.serve.serving import serving

PAGE = Path(imagemood.__file__).parent / "serve" / "static" / "index.html"
# Playwright does not know what a request's body is where it is a Blob.
KEEP_LAST_PICTURE = """{
    const send = window.fetch;
    window.fetch = (url, options) => {
        if (options?.body instanceof Blob) window.lastPicture = options.body;
        return send(url, options);
    };
}"""
expect.set_options(timeout=15_000)


@pytest.fixture(scope="session")
def service(tmp_path_factory):
    if not PAGE.is_file() and os.environ.get("IMAGEMOOD_WITHOUT_PAGE") == "1":
        pytest.skip("the package is to be without the page")
    assert PAGE.is_file(), "the page is not built: make page"
    with serving(tmp_path_factory.mktemp("serve"), "--no-access-log") as served:
        yield f"{served.address}/"


# Not for the session: while Playwright runs, no other test of this process could run an event loop.
@pytest.fixture(scope="package")
def browser():
    with chromium("--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream") as started:
        yield started


@pytest.fixture
def tab(browser):
    """Make tabs; in the end, none has complained, and none has asked another host for anything."""
    contexts, requested, complaints = [], [], []

    def make(address, **options):
        options = {"viewport": {"width": 1280, "height": 900}, **options}
        context = browser.new_context(permissions=["clipboard-read", "clipboard-write", "camera"], **options)
        contexts.append(context)
        context.add_init_script(KEEP_LAST_PICTURE)
        page = context.new_page()
        page.on("request", lambda request: requested.append((page, request.url)))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
        page.goto(address)
        return page

    yield make
    for page, url in requested:
        assert urlsplit(url).scheme in {"data", "blob"} or urlsplit(url).netloc == urlsplit(page.url).netloc
    # Chromium itself notes answers such as 422, which the page then says in its own words.
    assert [text for text in complaints if not text.startswith("Failed to load resource")] == []
    for context in contexts:
        context.close()


@pytest.fixture
def page(tab, service):
    return tab(service)


@pytest.fixture(scope="session")
def cascade():
    """What the page's answers are held against."""
    return imagemood.Cascade.load()


@pytest.fixture(scope="session")
def samples():
    return {sample.path.name: sample for sample in all_samples()}


@pytest.fixture(scope="session")
def chelsea(cascade, samples):
    """What is told of the cat."""
    return cascade.classify(samples["chelsea.png"].path)


def drop(page, target, *paths):
    """Drop files or folders onto an element, as the browser itself does it."""
    box = page.locator(target).bounding_box()
    session = page.context.new_cdp_session(page)
    data = {"items": [], "files": [str(path) for path in paths], "dragOperationsMask": 1}
    x, y = box["x"] + box["width"] / 2, box["y"] + min(box["height"] / 2, 20)
    for kind in ("dragEnter", "dragOver", "drop"):
        session.send("Input.dispatchDragEvent", {"type": kind, "x": x, "y": y, "data": data})


def last_picture(page):
    """Give the picture that the page sent last."""
    encoded = page.evaluate(
        """() => new Promise(resolve => {
            const reader = new FileReader();
            reader.onload = () => resolve(reader.result.split(",")[1]);
            reader.readAsDataURL(lastPicture);
        })"""
    )
    return PIL.Image.open(io.BytesIO(base64.b64decode(encoded)))


def choose(page, button, path):
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name=button, exact=True).click()
    chooser.value.set_files(path)


def shown_moods(page):
    """Read the bars: the share of each mood, as it is written, in the order on the page."""
    expect(page.locator(".bars li").first).to_be_visible()
    return {
        bar.get_attribute("data-mood"): bar.locator(".share").inner_text().split("%")[0].strip()
        for bar in page.locator(".bars li").all()
    }


def written(moods):
    """Write shares as the page does."""
    return {mood: "< 1" if 0 < share < 0.005 else str(int(100 * share + 0.5)) for mood, share in moods.items()}
