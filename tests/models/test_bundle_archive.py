"""The archives that cannot be used are in `tests.corpus.hostile_archives`."""

from __future__ import annotations

import os
import tracemalloc
import zipfile

import pytest

from imagemood.errors import ModelDirectoryError
from imagemood.models.bundle_archive import open_archive
from tests.corpus.hostile_archives import archives

FILES = {"model.onnx": b"network" * 100, "metadata.json": b"{}" * 100}


def write(path, content, compression=zipfile.ZIP_DEFLATED):
    with zipfile.ZipFile(path, "w", compression) as archive:
        archive.writestr("scripts/user_provided/file", content)
    return path


@pytest.mark.parametrize("compression", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_a_file_is_read_up_to_the_limit(tmp_path, compression):
    content = os.urandom(3 * 2**20)
    with open_archive(write(tmp_path / "model.zip", content, compression)) as archive:
        assert archive.read("file", max_bytes=len(content)) == content
        assert archive.place_of("file") == f"{tmp_path}/model.zip/scripts/user_provided/file"
        with pytest.raises(ModelDirectoryError, match="file: too large: more than 99 bytes"):
            archive.read("file", max_bytes=99)
        with pytest.raises(ModelDirectoryError, match="other: cannot be read: No such file in the archive"):
            archive.read("other", max_bytes=99)


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("encrypted", "encrypted"),
        ("bzip2", "unsupported compression method 12"),
        ("names twice", "the archive contains 2 files of this name"),
        ("bomb of metadata", "compressed to less than 1/100 of its size"),
        ("wrong checksum", "damaged in the archive: Bad CRC-32"),
        ("size below the truth", "damaged in the archive"),
    ],
)
def test_a_file_that_cannot_be_read(tmp_path, name, message):
    (tmp_path / "model.zip").write_bytes(archives(FILES)[name])
    expected = pytest.raises(ModelDirectoryError, match=f"metadata.json: .*{message}")
    with open_archive(tmp_path / "model.zip") as archive, expected:
        archive.read("metadata.json", max_bytes=10**9)


@pytest.mark.parametrize("name", ["empty", "text", "truncated at the end", "only the end", "many files"])
def test_a_file_that_is_not_an_archive(tmp_path, name):
    (tmp_path / "model.zip").write_bytes(archives(FILES)[name])
    expected = pytest.raises(ModelDirectoryError, match=r"model\.zip: not a valid zip file: ")
    with expected, open_archive(tmp_path / "model.zip"):
        pass


def test_a_file_larger_than_declared_is_not_decompressed_as_a_whole(tmp_path):
    content = bytearray(write(tmp_path / "model.zip", b" " * 10**8).read_bytes())
    for signature, offset in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        position = content.index(signature) + offset
        content[position : position + 4] = (1000).to_bytes(4, "little")
    (tmp_path / "model.zip").write_bytes(content)
    tracemalloc.start()
    try:
        expected = pytest.raises(ModelDirectoryError, match="damaged in the archive")
        with open_archive(tmp_path / "model.zip") as archive, expected:
            archive.read("file", max_bytes=10**9)
        assert tracemalloc.get_traced_memory()[1] < 10**7
    finally:
        tracemalloc.stop()
