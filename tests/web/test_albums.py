"""Albums while they are classified, and the files and addresses that are opened."""

from __future__ import annotations

import base64
import gzip
import re

import numpy as np
import PIL.Image
import pytest
from playwright.sync_api import expect

from tests.web.conftest import choose, displayed, displayed_moods, drop, last_upload

N_PHOTOS = 24
# Counts the tiles that are added and removed, and the frames in which the progress changes.
OBSERVE_TILES = """() => {
    window.changes = { tiles: 0, draws: 0 };
    new MutationObserver(records => {
        for (const record of records) changes.tiles += record.addedNodes.length + record.removedNodes.length;
    }).observe(document.querySelector(".tiles"), { childList: true });
    new MutationObserver(() => changes.draws++)
        .observe(document.querySelector(".gallery .progress"), { characterData: true, subtree: true });
}"""
IS_UNLOAD_QUESTIONED = """() => {
    const event = new Event("beforeunload", { cancelable: true });
    dispatchEvent(event);
    return event.defaultPrevented;
}"""
PASTE_TEXT = """text => {
    const data = new DataTransfer();
    data.setData("text/plain", text);
    document.body.dispatchEvent(new ClipboardEvent("paste", { clipboardData: data, bubbles: true }));
}"""


class Held:
    """Holds the requests for moods of a page until they are released."""

    def __init__(self, page):
        self.page, self.routes, self.is_open = page, [], False
        page.route("**/v1/moods*", self._hold)

    def _hold(self, route):
        if self.is_open:
            route.continue_()
        else:
            self.routes.append(route)

    def release(self):
        while not self.routes:
            self.page.wait_for_timeout(20)
        self.routes.pop(0).continue_()

    def open(self):
        self.is_open = True
        while self.routes:
            self.release()


@pytest.fixture
def folder(photos, tmp_path):
    """Photos whose names and moods are not in the same order, among them one that is broken."""
    sources = [photos[name] for name in ("rocket.jpg", "chelsea.png", "coffee.png")]
    folder = tmp_path / "photos"
    folder.mkdir()
    for i in range(N_PHOTOS - 1):
        source = sources[i % len(sources)]
        (folder / f"{i:02d}{source.suffix}").write_bytes(source.read_bytes())
    (folder / "99.jpg").write_bytes(b"\xff\xd8 not a picture")
    return folder


def names(page):
    return page.locator(".tiles .file").all_inner_texts()


def test_an_album_can_be_stopped_left_and_continued(page, folder):
    held = Held(page)
    choose(page, "Folder", folder)
    status = page.get_by_role("status")
    expect(status).to_have_text("0 of 24 pictures processed")
    expect(page.locator(".tiles li")).to_have_count(N_PHOTOS)
    page.evaluate(OBSERVE_TILES)
    before = names(page)
    held.release()
    expect(status).to_have_text("8 of 24 pictures processed")
    assert names(page) == before
    assert page.evaluate("changes.tiles") == 0
    assert page.evaluate("changes.draws") <= 2  # of eight results

    dialog = page.get_by_role("dialog", name="Stop classifying the album?")
    assert page.evaluate(IS_UNLOAD_QUESTIONED)
    page.get_by_role("link", name="Live").click()
    dialog.get_by_role("button", name="Stay").click()
    assert page.evaluate("location.hash") == "#/album"
    page.evaluate("location.hash = '#/compare/1/2'")  # a view of the same album, which is not left by opening it
    expect(page.locator(".side-view")).to_have_count(2)
    assert page.evaluate(IS_UNLOAD_QUESTIONED)
    page.go_back()
    expect(page.get_by_role("heading", name="24 pictures")).to_be_visible()
    page.go_back()
    expect(dialog).to_be_visible()
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    assert page.evaluate("location.hash") == "#/album"
    page.locator(".tiles button:enabled").first.click()  # a picture of the album is opened without a question
    expect(page.get_by_role("button", name="Next picture")).to_be_visible()
    page.keyboard.press("Escape")

    page.go_back()
    dialog.get_by_role("button", name="Stop and leave").click()
    expect(page.get_by_role("heading", name="What mood")).to_be_visible()
    page.go_forward()
    expect(status).to_have_text("Stopped: 8 classified, 16 left")
    assert not page.evaluate(IS_UNLOAD_QUESTIONED)
    held.routes.clear()
    page.get_by_role("button", name="Continue").click()
    page.get_by_role("button", name="Stop", exact=True).click()
    expect(status).to_have_text("Stopped: 8 classified, 16 left")
    held.open()
    page.get_by_role("button", name="Continue").click()
    expect(status).to_have_text("23 classified, 1 failed")
    assert names(page) != before  # sorted by mood at the end
    page.get_by_role("button", name="Failed 1").click()
    assert names(page) == ["99.jpg"]
    assert page.evaluate("location.hash") == "#/album?show=failed"


def test_one_picture_that_the_service_fails_on_costs_no_other(page, folder):
    def answer(route):
        body = route.request.post_data_buffer or b""
        is_alone = body.count(b"form-data") == 1
        route.fulfill(status=500, json={"detail": "internal error"}) if not is_alone else route.continue_()

    page.route("**/v1/moods*", answer)
    for path in sorted(folder.iterdir())[8:]:
        path.unlink()
    choose(page, "Folder", folder)
    expect(page.get_by_role("status")).to_have_text("8 classified")


def test_the_page_explains_a_service_that_fails_and_tries_again(open_page, service):
    page = open_page("about:blank")
    page.route("**/v1/labels", lambda route: route.abort())
    page.goto(service)
    expect(page.get_by_role("alert")).to_contain_text("Cannot reach")
    page.unroute("**/v1/labels")
    page.get_by_role("button", name="Retry").click()
    expect(page.get_by_role("heading", name="What mood")).to_be_visible()
    expect(page.get_by_role("alert")).to_have_count(0)


def test_files_are_opened_in_the_view_that_displays_them(page, photos, cascade, tmp_path):
    (tmp_path / "clip.dat").write_bytes(b"\x1aE\xdf\xa3" + bytes(60))  # the start of a WebM file
    choose(page, "Choose pictures", tmp_path / "clip.dat")
    expect(page.get_by_role("heading", name="Live")).to_be_visible()
    (tmp_path / "photo").write_bytes(photos["chelsea.png"].read_bytes())
    drop(page, ".live", tmp_path / "photo")
    expect(page.locator("figcaption").first).to_have_text("photo")
    assert displayed_moods(page) == displayed(cascade.classify(photos["chelsea.png"]).moods)

    page.get_by_role("link", name="imagemood").click()
    folder = tmp_path / "mixed"
    folder.mkdir()
    for i, name in enumerate(("chelsea.png", "rocket.jpg")):
        (folder / f"{i}{photos[name].suffix}").write_bytes(photos[name].read_bytes())
    for name in ("a.mp4", "b.mov", "notes.txt", "._0.png"):
        (folder / name).write_bytes(b"no picture")
    choose(page, "Folder", folder)
    expect(page.get_by_text("Left out: 2 videos and 2 files that are not pictures.")).to_be_visible()
    expect(page.get_by_role("status")).to_have_text("2 classified")


SVG = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 40 20"><style>rect{fill:#c22}</style>{}</svg>'


@pytest.mark.parametrize("extension", ["svg", "svgz"])
def test_vector_graphics_are_drawn_by_the_browser(page, tmp_path, extension):
    content = SVG.replace("{}", '<rect width="40" height="10"/>').encode()
    path = tmp_path / f"drawing.{extension}"
    path.write_bytes(gzip.compress(content) if extension == "svgz" else content)
    choose(page, "Choose pictures", path)
    expect(page.locator(".headline h2")).to_be_visible()
    upload = last_upload(page)
    assert upload.size == (1024, 512)
    pixels = upload.convert("RGB")
    assert np.allclose(pixels.getpixel((500, 100)), (204, 34, 34), atol=12)
    assert np.allclose(pixels.getpixel((500, 400)), (255, 255, 255), atol=12)


@pytest.mark.parametrize(("side", "has_noise"), [(1600, False), (900, True)])
def test_reducing_a_picture_hardly_changes_its_moods(page, cascade, photos, tmp_path, side, has_noise):
    """Pictures of many pixels, and pictures of many bytes."""
    picture = PIL.Image.open(photos["astronaut.png"]).convert("RGB").resize((side, side * 3 // 4))
    if has_noise:
        noise = np.random.default_rng(0).integers(-12, 13, (picture.height, picture.width, 1))
        picture = PIL.Image.fromarray((np.asarray(picture) + noise).clip(0, 255).astype(np.uint8))
    path = tmp_path / "picture.jpg"
    picture.save(path, quality=95 if has_noise else 50)
    assert (path.stat().st_size > 300_000) == has_noise
    with page.expect_response("**/v1/moods*") as response:
        choose(page, "Choose pictures", path)
    upload = last_upload(page)
    assert max(upload.size) == min(side, 1024)
    assert response.value.request.headers["content-type"] == "image/jpeg"
    moods = response.value.json()["results"][0]["moods"]
    exact = cascade.classify(path).moods
    assert sum(abs(moods[mood] - exact[mood]) for mood in exact) < 0.05


def test_addresses_of_pictures_can_be_pasted(open_page, service, photos, cascade):
    page = open_page(f"{service}#/nowhere")  # leads to the start
    expect(page.get_by_role("heading", name="What mood")).to_be_visible()
    page.evaluate(PASTE_TEXT, "https://pictures.example/cat.jpg")
    expect(page.get_by_role("alert")).to_contain_text("--allow-urls")
    data = base64.b64encode(photos["chelsea.png"].read_bytes()).decode()
    page.evaluate(PASTE_TEXT, f"data:image/png;base64,{data}")
    assert displayed_moods(page) == displayed(cascade.classify(photos["chelsea.png"]).moods)

    def allow(route):
        labels = route.fetch().json()
        labels["limits"]["accepts_urls"] = True
        route.fulfill(json=labels)

    page.route("**/v1/labels", allow)
    page.goto(service)
    expect(page.get_by_role("heading", name="What mood")).to_be_visible()
    with page.expect_request("**/v1/moods*") as request, page.expect_request("**/v1/preview") as preview:
        page.evaluate(PASTE_TEXT, " https://pictures.example/cat.jpg\n")
    for sent in (request.value, preview.value):
        assert sent.headers["content-type"] == "application/json"
    # This service does not really allow it.
    expect(page.locator(".answer").get_by_role("alert")).to_contain_text(re.compile("by URL is disabled"))
