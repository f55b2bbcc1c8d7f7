from __future__ import annotations

import bz2
import gzip
import http.server
import io
import os
import sys
from collections.abc import Iterator
from functools import partial
from types import SimpleNamespace

import pyarrow as pa
import pytest

from imagemood.errors import InputError, RemoteError
from imagemood.pictures.finding import listing
from imagemood.pictures.reading import limits, storage
from tests.servers import http_server


class FileHandler(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *arguments):
        pass


FILES = {
    "plain.csv": b"path\n",
    "a.csv.gz": gzip.compress(b"path\n"),
    "a.csv.bz2": bz2.compress(b"path\n"),
    "a.csv.zst": pa.Codec("zstd").compress(b"path\n", asbytes=True),
    "long.bin": bytes(range(256)) * 5000,
}


@pytest.fixture(params=["local", "s3"])
def writable(request, tmp_path) -> str:
    """The address of an empty folder, or of an empty bucket."""
    if request.param == "s3":
        request.getfixturevalue("s3")
    return {"local": str(tmp_path), "s3": "s3://photos"}[request.param]


@pytest.fixture(params=["local", "s3", "web"])
def root(request, tmp_path) -> Iterator[str]:
    """The same files in a folder, in a store or on a web server."""
    if request.param == "s3":
        request.getfixturevalue("s3")
    folder = "s3://photos" if request.param == "s3" else str(tmp_path)
    for name, content in FILES.items():
        storage.write(f"{folder}/{name}", content)
    if request.param == "web":
        with http_server(partial(FileHandler, directory=folder)) as server:
            yield f"http://127.0.0.1:{server.server_port}"
    else:
        yield folder


def test_a_file_is_read_unchanged(root):
    assert storage.read(f"{root}/plain.csv") == b"path\n"
    assert gzip.decompress(storage.read(f"{root}/a.csv.gz")) == b"path\n"


@pytest.mark.parametrize("name", ["plain.csv", "a.csv.gz", "a.csv.bz2", "a.csv.zst"])
def test_an_open_file_is_decompressed(root, name):
    with storage.open_file(f"{root}/{name}") as file:
        assert file.read() == b"path\n"


def test_an_open_file_is_read_in_parts(root):
    with storage.open_file(f"{root}/long.bin") as file:
        assert file.size() == 1_280_000
        file.seek(1_000_000)
        assert bytes(file.read(3)) == bytes([64, 65, 66])
        assert file.tell() == 1_000_003
        file.seek(-2, 2)
        assert bytes(file.read(10)) == bytes([254, 255])
        assert bytes(file.read(10)) == b""


@pytest.mark.parametrize("read", [storage.read, storage.open_file])
def test_missing_files(tmp_path, s3, read):
    for address in (str(tmp_path / "absent"), "s3://photos/absent", "s3://no-bucket/absent"):
        with pytest.raises(InputError, match=f"^{address}: No such file or directory$"):
            read(address)


@pytest.mark.parametrize(
    ("name", "message"),
    [("file/below", "Not a directory"), ("", "Is a directory"), ("x" * 300, "File name too long"), ("\0", "null")],
)
def test_files_that_cannot_be_read(tmp_path, name, message):
    (tmp_path / "file").touch()
    with pytest.raises(InputError, match=message):
        storage.read(f"{tmp_path}/{name}")


def test_a_missing_path():
    with pytest.raises(InputError, match=r"^missing path$"):
        storage.read("")


def test_standard_input(monkeypatch):
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"bytes")))
    assert storage.read("-") == b"bytes"


def test_standard_input_has_a_limit(monkeypatch):
    monkeypatch.setattr(limits, "MAX_BYTES", 4)
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"bytes")))
    with pytest.raises(InputError, match=r"^-: too large: more than 4 bytes$"):
        storage.read("-")


def test_standard_input_that_cannot_be_read(tmp_path, monkeypatch):
    monkeypatch.setattr(sys, "stdin", None)
    with pytest.raises(InputError, match=r"^-: is closed$"):
        storage.read("-")
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=open(tmp_path / "file", "wb")))  # noqa: PTH123, SIM115
    with sys.stdin.buffer, pytest.raises(InputError, match=r"^-: cannot be read: read$"):
        storage.read("-")


def test_objects_have_a_limit(s3, monkeypatch):
    storage.write("s3://photos/a.jpg", b"bytes")
    monkeypatch.setattr(limits, "MAX_BYTES", 4)
    with pytest.raises(InputError, match=r"^s3://photos/a\.jpg: too large: more than 4 bytes$"):
        storage.read("s3://photos/a.jpg")


def test_special_files_are_not_read_unless_the_user_names_them(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    os.mkfifo("pipe.csv")
    for read in (storage.open_file, partial(storage.read, allow_special=False)):
        with pytest.raises(InputError, match=r"^pipe\.csv: a named pipe, not a file$"):
            read("pipe.csv")
    with pytest.raises(InputError, match=r"^-: No such file or directory$"):
        storage.read("-", allow_special=False)


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("-", False),
        ("https://example.org/a.jpg", False),
        ("/dev/null", False),
        ("s3://a/b.jpg", True),
        ("a.jpg", True),
    ],
)
def test_whether_content_can_be_read_again(address, expected):
    assert storage.is_rereadable(address) is expected
    assert storage.is_rereadable(address, allow_special=False) is not address.startswith("https")


def test_files_are_written_read_listed_and_removed(writable):
    address = f"{writable}/a/ü b.bin"
    storage.write(address, b"one")
    storage.write(address, b"another")
    assert storage.read(address) == b"another"
    assert listing.entries(f"{writable}/a") == [("ü b.bin", False)]
    storage.remove(address)
    storage.remove(address)
    assert listing.entries(f"{writable}/a") == []


@pytest.mark.parametrize(
    "name", ["a#b?.bin", "100%.bin", "%20.bin", "[1].bin", "*.bin", "a&b=c;d.bin", "日本.bin"]
)
def test_names_may_have_special_characters(writable, name):
    storage.write(f"{writable}/{name}", b"content")
    assert storage.read(f"{writable}/{name}") == b"content"
    assert listing.entries(writable) == [(name, False)]


def test_files_that_cannot_be_written_or_removed(tmp_path, s3):
    (tmp_path / "file").touch()
    with pytest.raises(InputError, match=r"/file/below: cannot be written: "):
        storage.write(str(tmp_path / "file" / "below"), b"")
    with pytest.raises(InputError, match=r"cannot be removed: "):
        storage.remove(str(tmp_path))
    with pytest.raises(RemoteError, match=r"^s3://no-bucket/a: cannot be written: No such file or directory$"):
        storage.write("s3://no-bucket/a", b"")


def test_no_temporary_file_is_left(tmp_path):
    storage.write(str(tmp_path / "new" / "a"), b"1")
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["a"]
