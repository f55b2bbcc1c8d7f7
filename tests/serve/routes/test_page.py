from __future__ import annotations

import asyncio
import gzip

import httpx
import pytest
from fastapi import FastAPI

from imagemood.serve.routes import page

SCRIPT = b"console.log('mood');\n" * 100


@pytest.fixture
def ask(tmp_path):
    """Ask an application that has nothing but the page of a folder."""
    (tmp_path / "assets").mkdir()
    (tmp_path / "index.html").write_text("<!doctype html><title>mood</title>")
    (tmp_path / "assets" / "main-1a2b.js").write_bytes(SCRIPT)
    (tmp_path.parent / "secret.txt").write_text("secret")

    def get(path, folder=tmp_path, **headers):
        app = FastAPI()
        app.include_router(page.router(folder))

        async def answer():
            transport = httpx.ASGITransport(app=app)
            async with httpx.AsyncClient(transport=transport, base_url="http://page") as client:
                return await client.get(path, headers=headers)

        return asyncio.run(answer())

    return get


def test_files_of_the_page(ask):
    front = ask("/")
    assert front.headers["Content-Type"].startswith("text/html")
    assert front.headers["Cache-Control"] == "no-cache"
    assert "connect-src 'self' http: https:" in front.headers["Content-Security-Policy"]
    script = ask("/assets/main-1a2b.js", **{"Accept-Encoding": "gzip"})
    assert script.content == SCRIPT  # unpacked by the client
    assert script.headers["Content-Encoding"] == "gzip"
    assert int(script.headers["Content-Length"]) == len(gzip.compress(SCRIPT, 9, mtime=0))
    assert "immutable" in script.headers["Cache-Control"]
    plain = ask("/assets/main-1a2b.js", **{"Accept-Encoding": "identity"})
    assert plain.content == SCRIPT
    assert "Content-Encoding" not in plain.headers


def test_what_a_browser_has_is_not_sent_again(ask):
    tag = ask("/").headers["ETag"]
    again = ask("/", **{"If-None-Match": tag})
    assert (again.status_code, again.content) == (304, b"")


def test_there_is_nothing_but_these_files(ask):
    for path in ("/index.html", "/secret.txt", "/../secret.txt", "/assets/", "/assets/../../secret.txt"):
        assert ask(path).status_code == 404, path


def test_without_a_page_the_front_says_how_to_build_it(ask, tmp_path):
    answer = ask("/", tmp_path / "absent")
    assert answer.status_code == 200
    assert "make page" in answer.text
