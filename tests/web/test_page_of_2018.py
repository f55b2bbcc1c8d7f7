"""Replays the requests of the web page of 2018 in Chromium, from other origins than that of the service."""

from __future__ import annotations

import base64

import pytest

from imagemood.tables.messages_pb2 import Image, ImageTagSet
from tests.serve.serving import serving
from tests.web.static_files import serving_files

# What demo-framework.js does: it draws the picture on a canvas, and posts it in a protobuf message with jQuery.
SEND = """([url, message]) => new Promise((resolve) => {
    const request = new XMLHttpRequest();
    request.open("POST", url);
    request.setRequestHeader("Content-type", "text/plain;charset=UTF-8");
    request.setRequestHeader("Accept", "*/*");
    request.responseType = "arraybuffer";
    const encode = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer)));
    request.onload = () => resolve([request.status, encode(request.response)]);
    request.onerror = () => resolve([0, ""]);
    request.send(Uint8Array.from(atob(message), (letter) => letter.charCodeAt(0)));
})"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("page_of_2018")
    (folder / "index.html").write_text("<!doctype html><link rel=icon href=data:,><title>Image Mood</title>")
    return folder


@pytest.fixture(scope="module")
def origin(folder):
    with serving_files(folder) as address:
        yield address


@pytest.fixture(scope="module")
def open_service(folder, origin):
    """A service that allows the page's origin, and pages that are opened as files."""
    with serving(folder, "--cors", origin, "--cors", "null") as running:
        yield running.address


def send(page, url, message):
    status, body = page.evaluate(SEND, [url, base64.b64encode(message.SerializeToString()).decode()])
    rows = ImageTagSet.FromString(base64.b64decode(body)).ImageTags if status == 200 else []
    return status, {row.tag: row.score for row in rows}


@pytest.mark.parametrize("opened_as", ["file", "site"])
def test_the_page_sends_a_picture_to_classify_and_shows_its_moods(
    open_anywhere, open_service, origin, folder, photos, cascade, opened_as
):
    page = open_anywhere(f"{origin}/" if opened_as == "site" else (folder / "index.html").as_uri())
    photo = photos["rocket.jpg"].read_bytes()
    message = Image(mime_type="image/jpeg", image_binary=photo)
    status, moods = send(page, f"{open_service}/classify", message)
    assert status == 200
    assert moods == pytest.approx(cascade.classify(photo).moods, abs=1e-6)


def test_the_page_cannot_use_a_service_that_does_not_allow_it(open_anywhere, service, origin, photos):
    message = Image(mime_type="image/jpeg", image_binary=photos["rocket.jpg"].read_bytes())
    assert send(open_anywhere(f"{origin}/"), f"{service}classify", message) == (0, {})
