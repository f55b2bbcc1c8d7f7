from __future__ import annotations

import gzip

import pytest

from imagemood.errors import InputError, RemoteError
from imagemood.pictures import listing, storage


def test_files_appear_whole(tmp_path):
    address = str(tmp_path / "a" / "ü b.bin")
    storage.write(address, b"one")
    storage.write(address, b"another")
    assert storage.read(address) == b"another"
    assert list(listing.entries(str(tmp_path / "a"))) == [("ü b.bin", False)]
    storage.remove(address)
    storage.remove(address)
    assert list(listing.entries(str(tmp_path))) == [("a", True)]


def test_compressed_files_are_read_as_what_they_hold(tmp_path):
    (tmp_path / "list.csv.gz").write_bytes(gzip.compress(b"path\n"))
    assert storage.read(str(tmp_path / "list.csv.gz")) == b"path\n"


def test_links_to_folders_are_not_followed(tmp_path):
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "round").symlink_to(tmp_path, target_is_directory=True)
    assert list(listing.entries(str(tmp_path / "a"))) == [("round", False)]


def test_what_cannot_be_read_or_written_is_named(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(InputError, match="absent: No such file or directory"):
        storage.read(str(tmp_path / "absent"))
    with pytest.raises(InputError, match="cannot be written"):
        storage.write(str(tmp_path / "file" / "below"), b"")
    with pytest.raises(InputError, match="cannot be listed: Not a directory"):
        list(listing.entries(str(tmp_path / "file")))
    assert list(listing.entries(str(tmp_path / "absent"))) == []


def test_azure_as_its_own_tools_are_set_up(monkeypatch):
    for name in ("AZURE_STORAGE_CONNECTION_STRING", "AZURE_STORAGE_ACCOUNT", "AZURE_STORAGE_KEY"):
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(
        RemoteError, match="az://photos/a: cannot be reached: neither AZURE_STORAGE_CONNECTION_STRING"
    ):
        storage.resolve("az://photos/a")
    text = "AccountName=me;AccountKey=a2V5;BlobEndpoint=http://127.0.0.1:1/me;"
    monkeypatch.setenv("AZURE_STORAGE_CONNECTION_STRING", text)
    store, path = storage.resolve("az://photos/a")
    assert (store.type_name, path) == ("abfs", "photos/a")
