from __future__ import annotations

import pytest

from imagemood.errors import InputError, RemoteError
from imagemood.pictures import listing, reading, storage


@pytest.fixture(params=["local", "s3"])
def root(request, tmp_path, s3) -> str:
    return str(tmp_path) if request.param == "local" else "s3://photos"


def test_files_are_written_read_listed_and_removed(root):
    address = f"{root}/a/ü b.bin"
    storage.write(address, b"one")
    storage.write(address, b"another")
    assert reading.read(address) == b"another"
    assert listing.entries(f"{root}/a") == [("ü b.bin", False)]
    storage.remove(address)
    storage.remove(address)
    assert listing.entries(f"{root}/a") == []


@pytest.mark.parametrize(
    "name", ["a#b?.bin", "100%.bin", "%20.bin", "[1].bin", "*.bin", "a&b=c;d.bin", "日本.bin"]
)
def test_any_name_is_possible(root, name):
    storage.write(f"{root}/{name}", b"content")
    assert reading.read(f"{root}/{name}") == b"content"
    assert listing.entries(root) == [(name, False)]


def test_what_cannot_be_written_or_removed_is_an_error(tmp_path, s3):
    (tmp_path / "file").touch()
    with pytest.raises(InputError, match=r"/file/below: cannot be written: "):
        storage.write(str(tmp_path / "file" / "below"), b"")
    with pytest.raises(InputError, match=r"cannot be removed: "):
        storage.remove(str(tmp_path))
    with pytest.raises(RemoteError, match=r"^s3://no-bucket/a: cannot be written: No such file or directory$"):
        storage.write("s3://no-bucket/a", b"")


def test_nothing_is_left_beside_a_written_file(tmp_path):
    storage.write(str(tmp_path / "new" / "a"), b"1")
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["a"]
