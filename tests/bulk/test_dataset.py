"""A dataset in a local folder; tests/bulk/test_s3.py has one in an object store."""

from __future__ import annotations

import os

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from imagemood.bulk.dataset import Dataset
from imagemood.bulk.dataset_info import parse_info
from imagemood.errors import InputError
from tests.bulk.test_dataset_info import FIRST_FORMAT

FIRST, SECOND = "part-00000000-0123456789abcdef.parquet", "part-00000001-0123456789abcdef.parquet"


@pytest.fixture
def folder(tmp_path):
    """Two files, a description, and a temporary file of a killed run."""
    rows = {"path": ["a", "b"], "mood": ["awe", None], "error": [None, "cannot be decoded: it is cut off"]}
    pq.write_table(pa.table(rows), tmp_path / FIRST)
    rows = {
        "path": ["c", "d", "e"],
        "mood": ["fear", "awe", None],
        "error": [None, None, "not available for now: x"],
    }
    pq.write_table(pa.table(rows), tmp_path / SECOND)
    (tmp_path / "_imagemood.json").write_text(FIRST_FORMAT, "utf-8")
    (tmp_path / f".{FIRST}.1234.part").write_bytes(b"unfinished")
    return tmp_path


def test_the_files_and_the_description(folder):
    dataset = Dataset(f"{folder}/")
    assert dataset.address == str(folder)
    assert dataset.file_names() == [FIRST, SECOND]
    assert dataset.read_info() == parse_info(FIRST_FORMAT.encode(), "x")
    dataset.check_usable()


def test_a_missing_folder_is_an_empty_dataset(tmp_path):
    dataset = Dataset(str(tmp_path / "absent"))
    dataset.check_usable()
    assert dataset.read_info() is None
    assert dataset.file_names() == []
    dataset.write_info(parse_info(FIRST_FORMAT.encode(), "x"))
    assert (tmp_path / "absent" / "_imagemood.json").read_text("utf-8") == FIRST_FORMAT


def test_an_interrupted_first_run_leaves_a_usable_folder(folder):
    (folder / "_imagemood.json").unlink()
    Dataset(str(folder)).check_usable()


@pytest.mark.parametrize(
    "name",
    [
        "._imagemood.json.1234.part",
        f"_imagemood.lock.{'0' * 32}.json",
        f"._imagemood.lock.{'0' * 32}.json.1234.part",
    ],
)
def test_a_run_that_was_killed_at_once_leaves_a_usable_folder(tmp_path, name):
    (tmp_path / name).touch()
    Dataset(str(tmp_path)).check_usable()


def test_a_description_that_is_not_a_file_is_an_error(tmp_path):
    os.mkfifo(tmp_path / "_imagemood.json")
    with pytest.raises(InputError, match="_imagemood.json: "):
        Dataset(str(tmp_path)).read_info()


def test_other_files_and_folders_are_not_overwritten(folder):
    (folder / "letter.txt").touch()
    Dataset(str(folder)).check_usable()
    (folder / "_imagemood.json").unlink()
    message = "the folder is neither empty nor a dataset: it contains letter.txt .choose a new or empty folder"
    with pytest.raises(InputError, match=message):
        Dataset(str(folder)).check_usable()
    with pytest.raises(InputError, match="is a file, not a folder"):
        Dataset(str(folder / "letter.txt")).check_usable()


def test_files_are_removed(folder):
    dataset = Dataset(str(folder))
    dataset.remove_temporary_files()
    assert sorted(path.name for path in folder.iterdir()) == ["_imagemood.json", FIRST, SECOND]
    dataset.remove([FIRST])
    assert dataset.file_names() == [SECOND]


def test_columns_are_read_in_the_order_of_the_request(folder):
    tables = list(Dataset(str(folder)).read_tables(["mood", "path"]))
    assert [table.column_names for table in tables] == [["mood", "path"]] * 2
    assert [table["path"].to_pylist() for table in tables] == [["a", "b"], ["c", "d", "e"]]
    (only,) = Dataset(str(folder)).read_tables(["path"], [SECOND])
    assert only["path"].to_pylist() == ["c", "d", "e"]


@pytest.mark.parametrize("content", [b"", b"PAR1 damaged PAR1"])
def test_a_damaged_file_is_an_error(folder, content):
    (folder / SECOND).write_bytes(content)
    with pytest.raises(InputError, match=f"{SECOND}: not a Parquet file of moods .remove it and run the command"):
        Dataset(str(folder)).summary()


def test_the_summary(folder):
    summary = Dataset(str(folder)).summary()
    assert (summary.n, summary.n_failed) == (5, 2)
    assert list(summary.moods.items()) == [("awe", 2), ("fear", 1)]
    assert summary.errors == {"cannot be decoded": 1, "temporarily unavailable": 1}
    assert summary.examples == {"cannot be decoded": "b", "temporarily unavailable": "e"}
    assert Dataset(str(folder)).summary([FIRST]).moods == {"awe": 1}
