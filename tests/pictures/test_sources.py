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
from imagemood.pictures import limits, retries
from imagemood.pictures.picture import Picture
from imagemood.pictures.sources import find_pictures


@pytest.fixture
def folder(tmp_path, monkeypatch):
    for name in ("b.jpg", "a.PNG", "sub/c.jpeg", "sub/deep/d.webp", "notes.txt", ".hidden.jpg", ".git/e.jpg"):
        path = tmp_path / "photos" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(name.encode())
    monkeypatch.chdir(tmp_path)
    return tmp_path


def names(*paths):
    return [picture.name.replace(os.sep, "/") for picture in find_pictures(paths)]


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
    (picture,) = find_pictures(["photos/[1].jpg"])
    assert picture.read() == b"one"


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("absent.jpg", "No such file or directory"),
        ("photos/*.bmp", "matches no file"),
        ("empty", "contains no pictures"),
        ("photos/b.jpg/x", "Not a directory"),
    ],
)
def test_what_stands_for_no_picture_fails_when_read(folder, path, reason):
    (folder / "empty").mkdir()
    first, second = find_pictures([path, "photos/b.jpg"])
    with pytest.raises(InputError, match=reason) as caught:
        first.read()
    assert str(caught.value).startswith(path)
    assert second.read() == b"b.jpg"


def test_standard_input(monkeypatch):
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"bytes")))
    (picture,) = find_pictures(["-"])
    assert picture.read() == b"bytes"


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


@pytest.fixture(autouse=True)
def no_delay(monkeypatch):
    monkeypatch.setattr(retries, "DELAY_S", 0.001)


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
    (picture,) = find_pictures([server + path])
    assert picture.name == server + path
    assert picture.read() == b"picture"


def test_url_that_is_not_there(server):
    with pytest.raises(RemoteError, match=r"/none\.jpg: the server responded with 404 Not Found") as caught:
        Picture.from_address(server + "/none.jpg").read()
    assert type(caught.value) is RemoteError


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("/silent.jpg", "cannot be fetched: Server disconnected without sending a response"),
        ("/cut.jpg", r"cannot be fetched: peer closed connection .*received 7 bytes, expected 8"),
        ("/busy.jpg", "the server responded with 503 Service Unavailable"),
    ],
)
def test_server_that_may_do_better_later(server, path, message):
    with pytest.raises(UnavailableError, match=f"{path}: {message}"):
        Picture.from_address(server + path).read()


def test_server_that_is_not_there():
    with pytest.raises(UnavailableError, match="cannot be fetched: .*refused"):
        Picture.from_address("http://127.0.0.1:1/x.jpg").read()


def test_server_that_says_nothing(monkeypatch):
    monkeypatch.setattr(limits, "TIMEOUT_S", 0.05)
    mute = socket.create_server(("127.0.0.1", 0))
    with mute, pytest.raises(UnavailableError, match="cannot be fetched: timed out"):
        Picture.from_address(f"http://127.0.0.1:{mute.getsockname()[1]}/x.jpg").read()


def test_invalid_url():
    with pytest.raises(InputError, match="not a valid URL"):
        Picture.from_address("http://127.0.0.1:port/x.jpg").read()


def test_too_many_bytes(server, monkeypatch):
    monkeypatch.setattr(limits, "MAX_BYTES", 3)
    with pytest.raises(InputError, match="has more than 3 bytes"):
        Picture.from_address(server + "/ok.jpg").read()
