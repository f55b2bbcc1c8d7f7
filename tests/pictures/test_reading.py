from __future__ import annotations

import bz2
import gzip
import http.server
import io
import sys
from functools import partial

import pyarrow as pa
import pytest

from imagemood.errors import InputError
from imagemood.pictures import limits, reading, storage
from tests.servers import http_server


class FileHandler(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *arguments):
        pass


@pytest.fixture(params=["local", "s3", "web"])
def root(request, tmp_path, s3):
    """The same files in a folder, in a store and on a web server."""
    files = {
        "plain.csv": b"path\n",
        "a.csv.gz": gzip.compress(b"path\n"),
        "a.csv.bz2": bz2.compress(b"path\n"),
        "a.csv.zst": pa.Codec("zstd").compress(b"path\n", asbytes=True),
        "long.bin": bytes(range(256)) * 5000,
    }
    for name, content in files.items():
        (tmp_path / name).write_bytes(content)
        storage.write(f"s3://photos/{name}", content)
    with http_server(partial(FileHandler, directory=str(tmp_path))) as server:
        yield {"local": str(tmp_path), "s3": "s3://photos", "web": f"http://127.0.0.1:{server.server_port}"}[
            request.param
        ]


def test_a_file_is_read_as_it_is(root):
    assert reading.read(f"{root}/plain.csv") == b"path\n"
    assert gzip.decompress(reading.read(f"{root}/a.csv.gz")) == b"path\n"


@pytest.mark.parametrize("name", ["plain.csv", "a.csv.gz", "a.csv.bz2", "a.csv.zst"])
def test_an_open_file_is_decompressed(root, name):
    with reading.open_file(f"{root}/{name}") as file:
        assert file.read() == b"path\n"


def test_an_open_file_is_read_in_parts(root):
    with reading.open_file(f"{root}/long.bin") as file:
        assert file.size() == 1_280_000
        file.seek(1_000_000)
        assert bytes(file.read(3)) == bytes([64, 65, 66])
        assert file.tell() == 1_000_003
        file.seek(-2, 2)
        assert bytes(file.read(10)) == bytes([254, 255])
        assert bytes(file.read(10)) == b""


@pytest.mark.parametrize("read", [reading.read, reading.open_file])
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
        reading.read(f"{tmp_path}/{name}")


def test_a_missing_path():
    with pytest.raises(InputError, match=r"^missing path$"):
        reading.read("")


def test_standard_input(monkeypatch):
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"bytes")))
    assert reading.read("-") == b"bytes"


def test_standard_input_has_a_limit(monkeypatch):
    monkeypatch.setattr(limits, "MAX_BYTES", 4)
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"bytes")))
    with pytest.raises(InputError, match=r"^-: too large: more than 4 bytes$"):
        reading.read("-")


def test_what_should_not_be_read_twice():
    assert [reading.is_rereadable(address) for address in ("a.jpg", "s3://b/a.jpg", "-", "https://b/a.jpg")] == [
        True,
        True,
        False,
        False,
    ]
