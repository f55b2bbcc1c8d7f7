from __future__ import annotations

import gzip

import pytest
from fastapi import FastAPI

from imagemood.serve.app import public_routes
from imagemood.serve.routes import page
from tests.serve.serving import send_to

SCRIPT = b"console.log('mood');\n" * 100


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "assets").mkdir()
    (tmp_path / "index.html").write_text("<!doctype html><title>mood</title>")
    (tmp_path / "assets" / "main-1a2b.js").write_bytes(SCRIPT)
    (tmp_path / "standalone").mkdir()
    (tmp_path / "standalone" / "index.html").write_text("for the command page")
    (tmp_path.parent / "secret.txt").write_text("secret")
    return tmp_path


def get(folder, path, **headers):
    """Send a request to an application that has nothing but the page in a folder."""
    app = FastAPI()
    app.include_router(page.create_file_router(folder))

    return send_to(app, "GET", path, headers=headers)


def test_files_of_the_page(folder):
    index = get(folder, "/")
    assert index.headers["Content-Type"].startswith("text/html")
    assert index.headers["Cache-Control"] == "no-cache"
    assert "connect-src 'self' http: https:" in index.headers["Content-Security-Policy"]
    script = get(folder, "/assets/main-1a2b.js", **{"Accept-Encoding": "gzip"})
    assert script.content == SCRIPT  # decompressed by the client
    assert script.headers["Content-Encoding"] == "gzip"
    assert int(script.headers["Content-Length"]) == len(gzip.compress(SCRIPT, 9, mtime=0))
    assert "immutable" in script.headers["Cache-Control"]
    uncompressed = get(folder, "/assets/main-1a2b.js", **{"Accept-Encoding": "identity"})
    assert uncompressed.content == SCRIPT
    assert "Content-Encoding" not in uncompressed.headers


def test_a_file_that_the_browser_has_is_not_sent_again(folder):
    etag = get(folder, "/").headers["ETag"]
    response = get(folder, "/", **{"If-None-Match": etag})
    assert (response.status_code, response.content) == (304, b"")
    assert get(folder, "/", **{"If-None-Match": '"other"'}).status_code == 200


def test_only_the_files_of_the_page_are_served(folder):
    for path in (
        "/index.html",
        "/standalone/index.html",
        "/secret.txt",
        "/../secret.txt",
        "/assets/",
        "/assets/../../secret.txt",
    ):
        assert get(folder, path).status_code == 404, path


def test_every_file_of_the_page_is_public(folder):
    expected = {(method, path) for method in ("GET", "HEAD") for path in ("/", "/assets/main-1a2b.js")}
    assert public_routes([page.create_file_router(folder)]) == expected


def test_without_a_built_page_the_start_page_explains_how_to_build_it(tmp_path):
    response = get(tmp_path / "absent", "/")
    assert response.status_code == 200
    assert "make page" in response.text
    (tmp_path / "notes.txt").write_text("not the page")
    assert get(tmp_path, "/notes.txt").status_code == 404
