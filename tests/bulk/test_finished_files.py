from __future__ import annotations

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from imagemood.bulk.chunks import split_into_chunks
from imagemood.bulk.finished_files import check_files, report_problems
from imagemood.bulk.rows import OptionalColumns, dataset_schema, encode
from imagemood.errors import ImageError, UnavailableError
from imagemood.prediction.result import Result

SCHEMA = dataset_schema(["awe", "fear"], OptionalColumns(n_tags=1, embedding=True))
CHUNKS = list(split_into_chunks(iter("abcde"), "key", 2))
COLUMNS = OptionalColumns(n_tags=1, embedding=True)


@pytest.fixture
def folder(tmp_path):
    """The files of three chunks; the rows of the second one are errors."""
    errors = {"c": UnavailableError("the server is down"), "d": ImageError("cannot be decoded: it is cut off")}
    for chunk in CHUNKS:
        results = [Result(name, error=errors.get(name, ImageError("empty file"))) for name in chunk.names]
        (tmp_path / chunk.file_name).write_bytes(encode(results, "model", SCHEMA, COLUMNS))
    return tmp_path


def problems(folder, schema=SCHEMA, model="model"):
    return [file.problem for file in check_files(str(folder), CHUNKS, schema, model)]


def test_files_that_can_be_kept(folder):
    files = check_files(str(folder), CHUNKS, SCHEMA, "model")
    assert [file.name for file in files] == [chunk.file_name for chunk in CHUNKS]
    assert [file.problem for file in files] == [None] * 3
    assert files[1].error_kinds == {"temporarily unavailable", "cannot be decoded"}


def test_missing_truncated_and_foreign_files(folder):
    first, second, third = (folder / chunk.file_name for chunk in CHUNKS)
    first.write_bytes(first.read_bytes()[:-10])
    second.write_bytes(third.read_bytes())
    third.unlink()
    found = problems(folder)
    assert found[0].startswith("it cannot be read: ")
    assert found[1:] == ["it has 1 rows instead of 2", "No such file or directory"]
    second.write_bytes(encode([Result("x", error=ImageError("a"))] * 2, "model", SCHEMA, COLUMNS))
    pq.write_table(pa.table({"path": ["e"]}), third)
    assert problems(folder)[1:] == [
        "its rows are those of other pictures or models",
        "its columns are those of another dataset",
    ]
    assert set(problems(folder, model="other")[1:2]) == {"its rows are those of other pictures or models"}


@pytest.mark.parametrize("content", [b"", b"PAR1", b"PAR1 damaged PAR1", bytes(1000)])
def test_what_is_not_a_parquet_file(folder, content):
    (folder / CHUNKS[0].file_name).write_bytes(content)
    assert problems(folder)[0].startswith("it cannot be read: ")


@pytest.mark.parametrize("name", ["path", "awe"])
def test_a_changed_byte_is_found_or_does_not_change_the_rows(folder, name):
    path = folder / CHUNKS[0].file_name
    content, rows = path.read_bytes(), pq.read_table(path)
    column = pq.read_metadata(path).row_group(0).column(SCHEMA.names.index(name))
    start = min(filter(None, (column.dictionary_page_offset, column.data_page_offset)))
    n_found = 0
    for position in range(start, start + column.total_compressed_size):
        changed = bytearray(content)
        changed[position] ^= 1
        path.write_bytes(changed)
        if problems(folder)[0] is None:
            assert pq.read_table(path).equals(rows)
        else:
            n_found += 1
    assert n_found > column.total_compressed_size / 2


def test_the_problems_are_reported_in_one_line(folder):
    warnings = []
    report_problems(check_files(str(folder), CHUNKS, SCHEMA, "model"), warnings.append)
    assert warnings == []
    (folder / CHUNKS[1].file_name).write_bytes(b"")
    report_problems(check_files(str(folder), CHUNKS, SCHEMA, "model"), warnings.append)
    (line,) = warnings
    assert line.startswith(
        f"1 of 3 finished files are damaged and computed again, such as {CHUNKS[1].file_name}: it cannot be read"
    )
