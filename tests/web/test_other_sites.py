"""Sends requests to a running service from pages of other sites, in Chromium."""

from __future__ import annotations

import json
from urllib.parse import urlsplit

import pytest

from tests.serve.serving import serving
from tests.web.static_files import serving_files

POST_IN_EVERY_WAY = """async (target) => {
    const types = ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"];
    const post = (options) => fetch(target, {method: "POST", body: "--x--", ...options}).catch(() => {});
    for (const type of types) {
        for (const mode of ["no-cors", "cors"]) await post({mode, headers: {"Content-Type": type}});
    }
    await post({mode: "no-cors", referrerPolicy: "no-referrer"});
    navigator.sendBeacon(target, new Blob(["{}"], {type: "text/plain"}));
}"""
SUBMIT_FORM = """([target, enctype]) => {
    const form = document.createElement("form");
    Object.assign(form, {method: "post", action: target, enctype});
    document.body.append(form);
    form.submit();
}"""
READ = """(url) => fetch(url).then((response) => response.text()).catch((error) => error.name)"""
READ_STATUS = """async (method) => {
    const response = await fetch("/v1/labels", {method});
    return [response.status, await response.text()];
}"""
LOAD_IMAGE = """(url) => new Promise((resolve) => {
    const image = new Image();
    image.onload = () => resolve("loaded");
    image.onerror = () => resolve("refused");
    image.src = url;
})"""
OPEN_WEB_SOCKET = """(url) => new Promise((resolve) => {
    const socket = new WebSocket(url);
    socket.onopen = () => resolve("open");
    socket.onerror = () => resolve("refused");
})"""
POST_FROM_FRAME = """(target) => new Promise((resolve) => {
    const frame = document.createElement("iframe");
    frame.sandbox = "allow-scripts";
    frame.srcdoc = `<script>fetch("${target}", {method: "POST", mode: "no-cors", body: "x"})
        .catch(() => {}).then(() => parent.postMessage("sent", "*"))</script>`;
    addEventListener("message", resolve, {once: true});
    document.body.append(frame);
})"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("other_sites")
    (folder / "index.html").write_text("<!doctype html><link rel=icon href=data:,><title>Elsewhere</title><p>")
    return folder


@pytest.fixture(scope="module")
def other_port(folder):
    """The port of a web server with a page of another site."""
    with serving_files(folder) as address:
        yield urlsplit(address).port


@pytest.fixture(scope="module")
def running(folder):
    """A service that is also known by the name of a reverse proxy."""
    with serving(folder, "--allowed-hosts", "proxy.example") as running:
        yield running


@pytest.fixture
def open_site(browser):
    """Open a page, whose requests are expected to fail."""
    context = browser.new_context()

    def open_at(address):
        page = context.new_page()
        page.goto(address)
        return page

    yield open_at
    context.close()


def statuses(running, path):
    """Return the statuses of the POST requests to a path with a query that identifies the test."""
    lines = [json.loads(line) for line in running.log.read_text().splitlines() if line.startswith("{")]
    return [line["status"] for line in lines if line["method"] == "POST" and line["path"] == path]


@pytest.mark.parametrize("site", ["another port", "another host name", "another site", "a file"])
def test_pages_of_other_sites_cannot_post(open_site, running, other_port, folder, site):
    address = {
        "another port": f"http://127.0.0.1:{other_port}/",
        "another host name": f"http://localhost:{other_port}/",
        "another site": f"http://attacker.example:{other_port}/",
        "a file": (folder / "index.html").as_uri(),
    }[site]
    page = open_site(address)
    path = f"/v1/moods/{site.replace(' ', '-')}"  # does not exist; a request that passes has status 404
    target = running.address + path
    page.evaluate(POST_IN_EVERY_WAY, target)
    page.evaluate(POST_FROM_FRAME, target)
    for enctype in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data"):
        page.goto(address)
        with page.expect_navigation() as navigation:
            page.evaluate(SUBMIT_FORM, [target, enctype])
        assert navigation.value.status == 403
    found = statuses(running, path)
    assert set(found) == {403}
    assert len(found) >= 10


def test_pages_of_other_sites_cannot_read(open_site, running, other_port):
    page = open_site(f"http://attacker.example:{other_port}/")
    assert page.evaluate(READ, f"{running.address}/v1/labels") == "TypeError"
    assert page.evaluate(LOAD_IMAGE, f"{running.address}/v1/samples/cat.jpg") == "refused"
    assert page.evaluate(OPEN_WEB_SOCKET, running.address.replace("http", "ws")) == "refused"


def test_links_of_other_sites_open_the_page(open_site, running, other_port):
    page = open_site(f"http://attacker.example:{other_port}/")
    with page.expect_navigation() as navigation:
        page.evaluate("(url) => { location.href = url; }", running.address)
    assert navigation.value.status == 200


def test_a_name_that_resolves_to_this_machine_does_not_help(open_site, running, other_port):
    """The page is loaded from a server of the attacker, or from the service itself after the name was rebound."""
    site = f"http://attacker.example:{running.port}"
    page = open_site(f"http://attacker.example:{other_port}/")
    assert page.evaluate(READ, f"{site}/v1/labels") == "TypeError"
    page = open_site(f"{site}/v1/labels")
    assert "awe" not in page.content()
    for method in ("GET", "POST"):
        status, text = page.evaluate(READ_STATUS, method)
        assert status == 421
        assert json.loads(text)["detail"].startswith("this service has no host 'attacker.example'")


def test_pages_behind_a_reverse_proxy_can_use_the_service(open_site, running):
    page = open_site(f"http://proxy.example:{running.port}/healthz")
    post = "async (url) => (await fetch(url, {method: 'POST', body: new Blob(['x'])})).status"
    assert page.evaluate(post, "/v1/moods") == 422
    assert "awe" in page.evaluate(READ, "/v1/labels")
    assert page.evaluate(LOAD_IMAGE, "/v1/samples/cat.jpg") == "loaded"
