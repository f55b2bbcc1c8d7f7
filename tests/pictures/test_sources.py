from __future__ import annotations

import http.server
import io
import os
import socket
import sys
import threading
from pathlib import Path

import pytest

from imagemood.errors import InputError, RemoteError, UnavailableError
from imagemood.pictures import sources
from imagemood.pictures.sources import Source


@pytest.fixture
def folder(tmp_path, monkeypatch):
    for name in ("b.jpg", "a.PNG", "sub/c.jpeg", "sub/deep/d.webp", "notes.txt", ".hidden.jpg", ".git/e.jpg"):
        path = tmp_path / "photos" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(name.encode())
    monkeypatch.chdir(tmp_path)
    return tmp_path


def names(*paths):
    return [source.name.replace(os.sep, "/") for source in sources.find(paths)]


def test_folder_gives_all_pictures_below_it_sorted(folder):
    assert names("photos") == ["photos/a.PNG", "photos/b.jpg", "photos/sub/c.jpeg", "photos/sub/deep/d.webp"]


def test_order_of_input_is_kept(folder):
    assert names("photos/b.jpg", "photos/sub", Path("photos/a.PNG")) == [
        "photos/b.jpg",
        "photos/sub/c.jpeg",
        "photos/sub/deep/d.webp",
        "photos/a.PNG",
    ]


def test_globs(folder):
    assert names("photos/*.jpg") == ["photos/b.jpg"]
    assert names("photos/**/*.jpeg") == ["photos/sub/c.jpeg"]


def test_a_file_whose_name_looks_like_a_glob(folder):
    (folder / "photos" / "[1].jpg").write_bytes(b"one")
    (source,) = sources.find(["photos/[1].jpg"])
    assert source.read() == b"one"


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("absent.jpg", "No such file or directory"),
        ("photos/*.bmp", "matches no file"),
        ("empty", "is a folder without pictures"),
        ("photos/b.jpg/x", "Not a directory"),
    ],
)
def test_what_stands_for_no_picture_fails_when_read(folder, path, reason):
    (folder / "empty").mkdir()
    first, second = sources.find([path, "photos/b.jpg"])
    with pytest.raises(InputError, match=reason) as caught:
        first.read()
    assert str(caught.value).startswith(path)
    assert second.read() == b"b.jpg"


def test_standard_input(monkeypatch):
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"bytes")))
    (source,) = sources.find(["-"])
    assert source.read() == b"bytes"


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        if self.path == "/ok.jpg":
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b"picture")
        elif self.path == "/moved.jpg":
            self.send_response(302)
            self.send_header("Location", "/ok.jpg")
            self.end_headers()
        elif self.path == "/silent.jpg":
            self.close_connection = True
        elif self.path == "/cut.jpg":
            self.send_response(200)
            self.send_header("Content-Length", "8")
            self.end_headers()
            self.wfile.write(b"picture")
        elif self.path == "/busy.jpg":
            self.send_error(503)
        else:
            self.send_error(404)

    def log_message(self, *arguments):
        pass


@pytest.fixture(scope="module")
def server():
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as running:
        thread = threading.Thread(target=running.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{running.server_address[1]}"
        running.shutdown()
        thread.join()


@pytest.mark.parametrize("path", ["/ok.jpg", "/moved.jpg"])
def test_url(server, path):
    (source,) = sources.find([server + path])
    assert source.name == server + path
    assert source.read() == b"picture"


def test_url_that_is_not_there(server):
    with pytest.raises(RemoteError, match=r"/none\.jpg: the server says 404 Not Found") as caught:
        Source(server + "/none.jpg").read()
    assert type(caught.value) is RemoteError


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("/silent.jpg", "cannot be fetched: Remote end closed connection"),
        ("/cut.jpg", r"cannot be fetched: IncompleteRead\(7 bytes read, 1 more expected\)"),
        ("/busy.jpg", "the server says 503 Service Unavailable"),
    ],
)
def test_server_that_may_do_better_later(server, path, message):
    with pytest.raises(UnavailableError, match=f"{path}: {message}"):
        Source(server + path).read()


def test_server_that_is_not_there():
    with pytest.raises(UnavailableError, match="cannot be fetched: .*refused"):
        Source("http://127.0.0.1:1/x.jpg").read()


def test_server_that_says_nothing(monkeypatch):
    monkeypatch.setattr(sources, "TIMEOUT_S", 0.05)
    mute = socket.create_server(("127.0.0.1", 0))
    with mute, pytest.raises(UnavailableError, match="cannot be fetched: timed out"):
        Source(f"http://127.0.0.1:{mute.getsockname()[1]}/x.jpg").read()


def test_url_that_is_none():
    with pytest.raises(RemoteError, match="cannot be fetched"):
        Source("http://[/x.jpg").read()


def test_too_many_bytes(server, monkeypatch):
    monkeypatch.setattr(sources, "MAX_BYTES", 3)
    with pytest.raises(InputError, match="has more than 3 bytes"):
        Source(server + "/ok.jpg").read()
