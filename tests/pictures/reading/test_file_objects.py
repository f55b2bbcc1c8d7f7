"""File objects of every kind: their content, or one clear error."""

from __future__ import annotations

import asyncio
import bz2
import gzip
import io
import os
import tempfile
import urllib.request
import zipfile
from pathlib import Path

import fsspec
import pytest

from imagemood.errors import ImageError, InputError, UnreadableError
from imagemood.pictures.reading import file_objects, limits

CONTENT = bytes(range(256)) * 4


@pytest.fixture
def path(tmp_path) -> Path:
    path = tmp_path / "photo.jpg"
    path.write_bytes(CONTENT)
    return path


def zip_file(tmp_path: Path, password: bool = False) -> zipfile.ZipFile:
    with zipfile.ZipFile(tmp_path / "photos.zip", "w") as archive:
        archive.writestr("folder/photo.jpg", CONTENT)
    return zipfile.ZipFile(tmp_path / "photos.zip")


def test_files_are_read_from_their_beginning_as_often_as_needed(path, tmp_path):
    temporary = tempfile.NamedTemporaryFile()  # noqa: SIM115
    temporary.write(CONTENT)
    with (
        path.open("rb") as buffered,
        path.open("rb", buffering=0) as raw,
        temporary,
        tempfile.SpooledTemporaryFile() as spooled,
        zip_file(tmp_path) as archive,
        archive.open("folder/photo.jpg") as member,
        fsspec.open(f"file://{path}") as remote,
        fsspec.filesystem("memory").open("/photo.jpg", "wb") as _,
    ):
        spooled.write(CONTENT)
        for file in (buffered, raw, temporary, spooled, member, remote, io.BytesIO(CONTENT)):
            assert file_objects.is_file(file)
            assert file_objects.read(file, where="file") == CONTENT
            assert file_objects.read(file, where="file") == CONTENT


def test_compressed_files_and_paths_in_archives(tmp_path):
    with gzip.open(tmp_path / "a.gz", "wb") as file:
        file.write(CONTENT)
    with bz2.open(tmp_path / "a.bz2", "wb") as file:
        file.write(CONTENT)
    with gzip.open(tmp_path / "a.gz") as compressed:
        assert file_objects.read(compressed, where="a") == CONTENT
    with bz2.open(tmp_path / "a.bz2") as compressed:
        assert file_objects.read(compressed, where="a") == CONTENT
    with zip_file(tmp_path) as archive:
        assert file_objects.read(zipfile.Path(archive, "folder/photo.jpg"), where="a") == CONTENT


def test_streams_that_cannot_be_rewound_are_read_from_their_position():
    reading, writing = os.pipe()
    os.write(writing, CONTENT)
    os.close(writing)
    with os.fdopen(reading, "rb") as file:
        assert file_objects.read(file, where="pipe") == CONTENT


def test_responses_are_files(path):
    with urllib.request.urlopen(path.as_uri()) as response:
        assert file_objects.read(response, where="response") == CONTENT

    class Response:
        def read(self) -> bytes:
            return CONTENT

    assert file_objects.read(Response(), where="response") == CONTENT


class Unusable:
    """A file whose method returns or raises something else."""

    def __init__(self, value: object) -> None:
        self.value = value

    def read(self, _size: int = -1) -> object:
        if isinstance(self.value, Exception):
            raise self.value
        return self.value


@pytest.mark.parametrize(
    ("value", "error_class", "message"),
    [
        ("text", ImageError, r"a\.jpg: the file is open in text mode \(open it with the mode 'rb'\)"),
        (None, UnreadableError, "has no data yet"),
        (7, UnreadableError, "contains int instead of bytes"),
        (OSError(5, "Input/output error"), UnreadableError, r"a\.jpg: cannot be read: Input/output error"),
        (ValueError("read of closed file"), UnreadableError, "cannot be read: read of closed file"),
        (KeyError("secret"), UnreadableError, "cannot be read"),
    ],
)
def test_unusable_files(value, error_class, message):
    with pytest.raises(error_class, match=message):
        file_objects.read(Unusable(value), where="a.jpg")


def test_text_files_closed_files_and_asynchronous_files(path):
    with path.open(encoding="utf-8") as file, pytest.raises(ImageError, match="text mode"):
        file_objects.read(file, where="a")
    with pytest.raises(ImageError, match="text mode"):
        file_objects.read(io.StringIO("text"), where="a")
    with pytest.raises(UnreadableError, match="cannot be read: .*closed file"):
        file_objects.read(file_objects_closed(path), where="a")

    class Upload:
        async def read(self, _size: int = -1) -> bytes:
            await asyncio.sleep(0)
            return b""

    with pytest.raises(ImageError, match=r"asynchronous \(await its content"):
        file_objects.read(Upload(), where="a")


def file_objects_closed(path: Path) -> io.BufferedReader:
    with path.open("rb") as file:
        return file


def test_the_size_is_limited(monkeypatch):
    monkeypatch.setattr(limits, "MAX_BYTES", 100)
    with (
        Path("/dev/zero").open("rb") as endless,
        pytest.raises(InputError, match="too large: more than 100 bytes"),
    ):
        file_objects.read(endless, where="zero")


def test_names(path):
    with path.open("rb") as file, path.open("rb", buffering=0) as raw, tempfile.TemporaryFile() as unnamed:
        assert file_objects.name_of(file) == file_objects.name_of(raw) == str(path)
        assert file_objects.name_of(unnamed) is None
    assert file_objects.name_of(io.BytesIO()) is None
