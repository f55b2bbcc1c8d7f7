from __future__ import annotations

import contextlib
import http.server
import json
import os
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path
from typing import ClassVar

import pytest
from playwright.sync_api import expect

import imagemood
from imagemood.models import model_directory
from imagemood.pictures.samples import FOLDER
from imagemood.tables.messages_pb2 import Image, ImageTagSet
from imagemood.tables.tag_set import TagSet
from tests.cli.commands import run
from tests.serve.serving import TOKEN, serving
from tests.web.conftest import choose, drop
from tests.web.static_files import serving_requests

PROTO = Path(__file__).parents[2] / "proto" / "imagemood.proto"


@pytest.fixture(scope="module")
def sample_files(tmp_path_factory):
    folder = tmp_path_factory.mktemp("samples")
    assert run("samples", "-o", folder).returncode == 0
    return folder


@pytest.fixture
def view(page):
    page.get_by_role("link", name="Developers").click()
    expect(page.get_by_role("heading", name="Developers")).to_be_visible()
    page.get_by_role("tab", name="Protobuf").click()
    return page


def download(page, button):
    with page.expect_download() as pending:
        page.get_by_role("button", name=button).click()
    return Path(pending.value.path()).read_bytes(), pending.value.suggested_filename


def rows_of(content):
    return [(row.image, row.tag, row.score) for row in ImageTagSet.FromString(content).ImageTags]


@pytest.mark.parametrize("method", ["mood", "tag"])
def test_picture_as_protobuf_message(view, cascade, photos, method):
    path = photos["chelsea.png"]
    choose(view, "Choose a picture", path)
    view.get_by_label("Method").select_option(method)
    view.get_by_role("button", name="Send").click()
    expect(view.locator(".message h2")).to_contain_text("ImageTagSet")

    request, name = download(view, "Save request")
    assert name == f"{method}.request.bin"
    assert Image.FromString(request) == Image(mime_type="image/png", image_binary=path.read_bytes())
    response, name = download(view, "Save response")
    assert name == f"{method}.response.bin"
    result = cascade.classify(path)
    scores = result.moods if method == "mood" else result.tags
    assert {tag: score for _, tag, score in rows_of(response)} == pytest.approx(scores, abs=1e-6)
    assert view.locator(".message tbody tr").count() == min(20, len(scores))
    assert view.locator(".message tbody tr").first.inner_text().split("\t")[1] == next(iter(scores))
    proto, name = download(view, "Save .proto")
    assert name == "imagemood.proto"
    assert proto == PROTO.read_bytes()


def test_tag_rows_as_protobuf_message(view):
    view.get_by_label("Method").select_option("classify")
    view.get_by_role("button", name="Send").click()
    expect(view.locator(".message h2")).to_contain_text("8 rows")
    request, _ = download(view, "Save request")
    assert rows_of(request) == [(0, "lakeside, lakeshore", 0.7), (0, "pier", 0.2)]
    response, _ = download(view, "Save response")
    classifier = model_directory.load("tags")
    tags = TagSet.from_rows([0, 0], ["lakeside, lakeshore", "pier"], [0.7, 0.2])
    expected = classifier.predict(tags.to_matrix(classifier.vocabulary).values)
    scores = {mood: score for _, mood, score in rows_of(response)}
    assert [scores[mood] for mood in classifier.labels] == pytest.approx(expected[0].tolist(), abs=1e-6)


def test_dropped_messages_are_decoded(view, photos, tmp_path):
    rows = ImageTagSet()
    rows.ImageTags.add(image=2**53 + 1, tag="pier", score=0.25)
    (tmp_path / "rows.bin").write_bytes(rows.SerializeToString())
    photo = photos["rocket.jpg"].read_bytes()
    (tmp_path / "image.bin").write_bytes(Image(mime_type="image/jpeg", image_binary=photo).SerializeToString())
    (tmp_path / "invalid.bin").write_bytes(b"\xff\xff\xff not a message")

    drop(view, ".decode", tmp_path / "rows.bin")
    expect(view.locator(".message h2")).to_have_text("rows.bin: ImageTagSet, 1 row")
    assert view.locator(".message tbody tr").inner_text().split("\t") == [
        "9007199254740993",
        "pier",
        "0.2500",
    ]
    drop(view, ".decode", tmp_path / "image.bin")
    expect(view.locator(".message h2")).to_contain_text(f"image/jpeg, {len(photo):,} bytes")
    expect(view.locator(".message img")).to_have_js_property("naturalWidth", 640)
    drop(view, ".decode", tmp_path / "invalid.bin")
    expect(view.get_by_role("alert")).to_contain_text("invalid.bin: not an Image or ImageTagSet message")


def send(page):
    page.get_by_role("button", name="Send").click()


def test_the_address_in_the_url_is_used_exactly(open_page, service):
    page = open_page(f"{service}?url-image={service}classify")
    expect(page.get_by_label("Service")).to_have_value(f"{service}classify")
    expect(page.get_by_label("Message")).to_have_value("ImageTagSet")  # as the service describes it
    expect(page.get_by_label("Method")).to_have_count(0)
    with page.expect_request("**/classify") as request:
        send(page)
    assert (request.value.method, request.value.url) == ("POST", f"{service}classify")
    expect(page.locator(".message h2")).to_contain_text("8 rows")
    page.get_by_label("Service").fill(f"{service}model/methods/tag?x=1")
    expect(page.locator("form code")).to_have_text(f"{service}model/methods/tag?x=1")
    expect(page.get_by_label("Message")).to_have_value("Image")
    page.get_by_label("Service").fill(f"{service}nowhere")
    page.get_by_label("Message").select_option("ImageTagSet")
    send(page)
    expect(page.get_by_role("alert")).to_have_text("no such route")


@pytest.mark.parametrize("address", ["file:///etc/passwd", "javascript:alert(1)", "http://", "not a url"])
def test_an_address_that_is_not_one_of_a_service_is_refused(open_page, service, address):
    page = open_page(f"{service}?url-image={address}")
    expect(page.get_by_label("Service")).to_have_value(address)
    page.locator("form").evaluate("form => form.noValidate = true")
    send(page)
    expect(page.get_by_role("alert")).to_be_visible()


def test_the_kind_of_message_can_be_chosen(open_page, service, cascade, photos):
    page = open_page(f"{service}?url-image={service}classify")
    expect(page.get_by_label("Message")).to_have_value("ImageTagSet")
    choose(page, "Choose a picture", photos["chelsea.png"])
    expect(page.get_by_label("Message")).to_have_value("Image")
    send(page)
    expect(page.locator(".message h2")).to_contain_text("8 rows")
    response, name = download(page, "Save response")
    assert name == "classify.response.bin"
    moods = cascade.classify(photos["chelsea.png"]).moods
    assert {mood: score for _, mood, score in rows_of(response)} == pytest.approx(moods, abs=1e-6)


@pytest.mark.parametrize("suffix", [".Image.bin", ".ImageTagSet.bin"])
def test_a_dropped_message_is_sent_unchanged(open_page, service, sample_files, tmp_path, suffix):
    path = sample_files / "awe" / f"alps{suffix}"
    sent = path.read_bytes() + b"\x1a\x01x"  # a field that the .proto file does not have
    (tmp_path / "own.bin").write_bytes(sent)
    page = open_page(f"{service}?url-image={service}classify")
    drop(page, ".decode", tmp_path / "own.bin")
    expect(page.locator("form")).to_contain_text("the message in own.bin")
    expect(page.get_by_label("Message")).to_have_value(suffix.split(".")[1])
    send(page)
    expect(page.locator(".message h2")).to_have_text("Response: ImageTagSet, 8 rows")
    assert download(page, "Save request")[0] == sent
    response, _ = download(page, "Save response")
    assert rows_of(response)[0][1] == "awe"
    page.get_by_role("button", name="Remove").click()
    expect(page.locator("form")).not_to_contain_text("own.bin")


def test_a_message_can_be_dropped_anywhere_on_the_page(page, sample_files):
    drop(page, ".chooser .drop", sample_files / "fear" / "ravine.Image.bin")
    expect(page.get_by_role("heading", name="Developers")).to_be_visible()
    expect(page.locator(".message h2")).to_contain_text("ravine.Image.bin: Image, image/jpeg")
    drop(page, "header", sample_files / "awe" / "alps.ImageTagSet.bin")
    expect(page.locator(".message h2")).to_have_text("alps.ImageTagSet.bin: ImageTagSet, 1,000 rows")
    page.get_by_label("Method").select_option("classify")
    send(page)
    expect(page.locator(".message h2")).to_have_text("Response: ImageTagSet, 8 rows")


class ServiceOf2018(http.server.BaseHTTPRequestHandler):
    """Answers as the runner of 2018 did: it has no metadata and answers no preflight requests."""

    requests: ClassVar[list[tuple[str, str, bytes]]] = []

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.requests.append((self.path, self.headers["Content-Type"], body))
        self.send_response(201)
        self.send_header("Content-Type", "text/plain;charset=UTF-8")
        self.send_header("Access-Control-Allow-Origin", "*")
        self.end_headers()
        self.wfile.write(ImageTagSet(ImageTags=[{"tag": "awe", "score": 1}]).SerializeToString())

    def log_message(self, *arguments):
        pass


def test_a_service_of_2018(open_anywhere, service, photos):
    with serving_requests(ServiceOf2018) as address:
        page = open_anywhere(f"{service}?url-image={address}/classify")
        choose(page, "Choose a picture", photos["rocket.jpg"])
        send(page)
        expect(page.locator(".message h2")).to_have_text("Response: ImageTagSet, 1 row")
        page.get_by_label("Message").select_option("ImageTagSet")
        with page.expect_response("**/classify"):
            send(page)
    (path, media_type, image), (_, _, rows) = ServiceOf2018.requests
    assert (path, media_type) == ("/classify", "text/plain;charset=UTF-8")
    assert Image.FromString(image).image_binary == photos["rocket.jpg"].read_bytes()
    assert rows_of(rows) == [(0, "lakeside, lakeshore", 0.7), (0, "pier", 0.2)]


class Proxy(http.server.BaseHTTPRequestHandler):
    """A reverse proxy that serves the service under the path /tools/mood/."""

    target: ClassVar[str]

    def do_GET(self):
        length = int(self.headers.get("Content-Length", 0))
        names = ("Authorization", "Content-Type", "Accept")
        request = urllib.request.Request(
            self.target + self.path.removeprefix("/tools/mood"),
            data=self.rfile.read(length) if self.command == "POST" else None,
            headers={name: self.headers[name] for name in names if self.headers[name]},
        )
        try:
            response = urllib.request.urlopen(request)
        except urllib.error.HTTPError as error:
            response = error
        with response:
            self.answer(response.status, response.headers["Content-Type"], response.read())

    do_POST = do_GET  # noqa: N815

    def answer(self, status, media_type, content):
        self.send_response(status)
        self.send_header("Content-Type", media_type)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *arguments):
        pass


def run_code(page, title, folder):
    """Run the code that the page displays, as somebody who copied it, and return what it prints."""
    page.get_by_role("button", name=f"Copy {title}").click()
    code = page.evaluate("navigator.clipboard.readText()")
    assert code == page.get_by_role("region", name=title).inner_text().replace("\xa0", " ")
    assert TOKEN not in code
    command = ["sh", "-c", code] if title == "curl" else [sys.executable, "-c", code]
    environment = {**os.environ, "TOKEN": TOKEN, "PYTHONPATH": str(Path(imagemood.__file__).parents[1])}
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return done.stdout


def printed_scores(output):
    return {line.split()[-2]: float(line.split()[-1]) for line in output.decode().splitlines()}


def test_displayed_code_can_be_run(open_page, tmp_path, cascade):
    """The name of the picture needs quotation marks, and the service is under a path and requires a token."""
    picture = tmp_path / 'my cat\'s "photo" $HOME é.jpg'
    picture.write_bytes((FOLDER / "cat.jpg").read_bytes())
    moods = pytest.approx(cascade.classify(picture).moods, abs=1e-6)
    (tmp_path / "token").write_text(TOKEN)
    with serving(tmp_path, "--token-file", "token") as served:
        Proxy.target = served.address
        with serving_requests(Proxy) as address:
            page = open_page(f"{address}/tools/mood/#developers")
            page.get_by_label("This service requires an access token").fill(TOKEN)
            page.get_by_role("button", name="Continue").click()
            choose(page, "Choose a picture", picture)

            send(page)
            shown = json.loads(page.get_by_role("region", name="Response").inner_text())
            assert shown["results"][0]["moods"] == moods
            assert json.loads(run_code(page, "curl", tmp_path))["results"][0]["moods"] == moods
            assert printed_scores(run_code(page, "Python", tmp_path)) == moods

            page.get_by_role("tab", name="JSON").press("End")
            expect(page.get_by_role("tab", name="Open Inference Protocol")).to_be_focused()
            send(page)
            shown = json.loads(page.get_by_role("region", name="Response").inner_text())["outputs"]
            assert shown[0]["name"] == "probabilities"
            assert json.loads(run_code(page, "curl", tmp_path))["outputs"] == shown
            assert printed_scores(run_code(page, "Python", tmp_path)) == moods

            page.get_by_role("tab", name="Protobuf").click()
            request, name = download(page, "Save request")
            (tmp_path / name).write_bytes(request)
            run_code(page, "curl", tmp_path)
            rows = rows_of((tmp_path / "mood.response.bin").read_bytes())
            assert {mood: score for _, mood, score in rows} == moods
            assert printed_scores(run_code(page, "Python", tmp_path)) == moods


def test_errors_disappear_when_the_request_changes(open_anywhere, service, photos):
    view = open_anywhere(f"{service}#developers")
    for tab in ("JSON", "Protobuf", "Open Inference Protocol"):
        view.get_by_role("tab", name=tab).click()
        send(view)
        expect(view.get_by_role("alert")).to_have_text("Choose a picture first.")
    choose(view, "Choose a picture", photos["coffee.png"])
    expect(view.get_by_role("alert")).to_have_count(0)
    view.get_by_label("Service").fill("http://127.0.0.1:9/")
    send(view)
    expect(view.get_by_role("alert")).to_contain_text("Cannot reach http://127.0.0.1:9")
    view.get_by_label("Service").fill("http://127.0.0.1:9/other/")
    expect(view.get_by_role("alert")).to_have_count(0)


@contextlib.contextmanager
def methods_held_back(page):
    """Answer the page's request for the methods of a service only at the end of the block."""
    held = []

    def hold(route):
        held.append(route)

    page.route("**/model/artifacts/metadata", hold)
    yield
    while not held:
        page.wait_for_timeout(10)
    held.pop().continue_()


def test_nothing_is_saved_before_the_methods_are_known(open_page, service, photos):
    """Until then, the page cannot know the address of the method, nor the name of the file that the code reads."""
    page = open_page(f"{service}#developers")
    choose(page, "Choose a picture", photos["coffee.png"])
    code = page.get_by_role("region", name="curl")
    with methods_held_back(page):
        page.get_by_role("tab", name="Protobuf").click()
        expect(page.get_by_role("button", name="Save request")).to_be_disabled()
        expect(code).to_have_count(0)
    assert download(page, "Save request")[1] == "mood.request.bin"
    expect(code).to_contain_text("@mood.request.bin")
    expect(code).to_contain_text("model/methods/mood")


def test_a_request_is_sent_once_the_methods_are_known(open_page, service):
    """They change the message to the one that the method expects, which does not cancel the request."""
    page = open_page(service)
    with methods_held_back(page):
        page.goto(f"{service}?url-image={service}classify#developers")
        expect(page.get_by_label("Message")).to_have_value("Image")
        send(page)
    expect(page.locator(".message h2")).to_contain_text("8 rows")
