from __future__ import annotations

import threading
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from imagemood.errors import InputError
from imagemood.pictures.finding import opening, table_readers
from imagemood.pictures.reading import storage


@pytest.fixture
def folder(tmp_path) -> Path:
    for i in range(40):
        (tmp_path / f"{i}.jpg").write_bytes(b"%d" % i)
        storage.write(f"s3://photos/{i}.jpg", b"%d" % i)
    return tmp_path


@pytest.fixture(autouse=True)
def _store(s3): ...


def read_all(names, **options) -> list[bytes | str]:
    contents: list[bytes | str] = []
    with opening.open_pictures(names, **options) as pictures:
        for name, picture in zip(names, pictures, strict=True):
            assert picture.name == name
            try:
                contents.append(picture.read())
            except InputError as error:
                contents.append(str(error))
    return contents


def test_relative_paths_start_from_the_folder(folder):
    names = ["0.jpg", str(folder / "1.jpg"), "./2.jpg", "gone.jpg", ""]
    assert read_all(names, folder=str(folder)) == [
        b"0",
        b"1",
        b"2",
        f"{folder}/gone.jpg: No such file or directory",
        "missing path",
    ]
    open_picture = opening.opener(folder=str(folder))
    assert open_picture("3.jpg").read() == b"3"
    assert open_picture("3.jpg").name == "3.jpg"


def test_pictures_in_stores_keep_their_order(folder):
    names = [f"s3://photos/{i}.jpg" for i in range(40)]
    assert read_all(names) == [b"%d" % i for i in range(40)]
    mixed = ["s3://photos/7.jpg", "8.jpg", "s3://photos/gone.jpg", "", "s3://photos/9.jpg"]
    assert read_all(mixed, folder=str(folder)) == [
        b"7",
        b"8",
        "s3://photos/gone.jpg: No such file or directory",
        "missing path",
        b"9",
    ]


def test_pictures_on_other_machines_are_read_ahead_but_not_all_at_once(monkeypatch):
    started: list[str] = []
    enough = threading.Event()

    def read(address, *, allow_special):
        started.append(address)
        if len(started) == 16:
            enough.set()
        return b""

    monkeypatch.setattr(storage, "read", read)
    with opening.open_pictures([f"https://example.org/{i}.jpg" for i in range(1000)]) as pictures:
        next(pictures)
        assert enough.wait(30)
        assert len(started) <= 17


def test_rows_of_tables_in_any_order(tmp_path):
    contents = [b"%d" % i for i in range(50)]
    pq.write_table(pa.table({"image": contents}), tmp_path / "t.parquet", row_group_size=9)
    names = [f"t.parquet#{row}" for row in range(50)]
    assert read_all(names, folder=str(tmp_path), column="image") == contents
    open_picture = opening.opener(folder=str(tmp_path), column="image")
    assert [open_picture(name).read() for name in reversed(names)] == contents[::-1]
    with pytest.raises(InputError, match="missing row 50"):
        open_picture("t.parquet#50").read()


def test_neighbouring_rows_are_read_together(tmp_path, monkeypatch):
    pq.write_table(pa.table({"image": [b"%d" % i for i in range(64)]}), tmp_path / "t.parquet")
    starts = []
    real = table_readers.sections

    def sections(address, column, start):
        starts.append(start)
        return real(address, column, start)

    monkeypatch.setattr(table_readers, "sections", sections)
    open_picture = opening.opener(column="image")
    for row in range(64):
        assert open_picture(f"{tmp_path}/t.parquet#{row}").read() == b"%d" % row
    assert starts == [0]


def test_a_picture_is_recognised_by_all_its_names(tmp_path, monkeypatch):
    photos = tmp_path / "photos"
    photos.mkdir()
    (tmp_path / "linked").symlink_to(photos)
    monkeypatch.chdir(tmp_path)
    names = ["a.jpg", "./a.jpg", "../linked/a.jpg", str(photos / "a.jpg"), f"file://{photos}/%61.jpg"]
    for address in ["photos/a.jpg", "linked/a.jpg", f"file://{photos}/a.jpg", str(tmp_path / "linked" / "a.jpg")]:
        recognises = opening.recogniser(address, folder=str(photos))
        assert all(map(recognises, names))
        assert not any(map(recognises, ["ba.jpg", "b/a.jpg", "A.jpg", "https://example.org/photos/a.jpg", ""]))


def test_a_url_is_recognised_by_its_name():
    recognises = opening.recogniser(" https://me:secret@example.org/a.jpg")
    assert recognises("https://***@example.org/a.jpg")
    assert not recognises("https://example.org/a.jpg")
