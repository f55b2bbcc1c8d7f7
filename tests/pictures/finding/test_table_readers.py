"""Tables that are damaged, truncated or hostile: each is one clear error, in bounded time and memory."""

from __future__ import annotations

import random
import re

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from imagemood.errors import InputError, MoodError
from imagemood.pictures.finding import table_columns, table_readers

KIND = pa.struct([("bytes", pa.binary()), ("path", pa.string())])


def base_table():
    pictures = [{"bytes": bytes([n]) * n, "path": f"{n}.jpg"} if n % 3 else None for n in range(40)]
    return pa.table(
        {
            "image": pa.array(pictures, KIND),
            "list": pa.array([[picture] for picture in pictures], pa.list_(KIND)),
            "file": pa.array([picture and picture["bytes"] for picture in pictures], pa.binary()),
            "path": pa.array([f"{n % 7}.jpg" for n in range(40)]).dictionary_encode(),
        }
    )


def encoded(extension, **options):
    sink = pa.BufferOutputStream()
    if extension == "parquet":
        pq.write_table(base_table(), sink, row_group_size=15, **options)
    else:
        make = pa.ipc.new_stream if options.pop("stream", False) else pa.ipc.new_file
        with make(sink, base_table().schema, options=pa.ipc.IpcWriteOptions(**options)) as writer:
            writer.write_table(base_table(), max_chunksize=15)
    return bytes(sink.getvalue())


def use_column(address, column):
    """Read a column as the commands do, and return the number of rows that can be read."""
    n_read = 0
    if not table_columns.holds_files([address], column):
        return sum(1 for _ in table_columns.addresses_in([address], column))
    for row in table_columns.contents(list(table_columns.row_names([address], column))[:100], column):
        try:
            row.read()
            n_read += 1
        except MoodError:
            continue
    return n_read


def mutations(content, rng):
    """Yield damaged versions of a file, most of them in its metadata at the end."""
    for _ in range(40):
        damaged = bytearray(content)
        for _ in range(rng.choice([1, 1, 3, 10])):
            distance = int(rng.expovariate(1 / 300)) if rng.random() < 0.7 else rng.randrange(len(damaged))
            place = max(0, len(damaged) - 1 - distance)
            kind = rng.randrange(4)
            if kind == 0:
                damaged[place] ^= 1 << rng.randrange(8)
            elif kind == 1:
                damaged[place : place + 4] = rng.choice([b"\xff" * 4, b"\xff\xff\xff\x7f", bytes(4)])
            elif kind == 2:
                del damaged[place : place + rng.randrange(1, 30)]
            else:
                damaged[place:place] = rng.randbytes(rng.randrange(1, 10))
        yield bytes(damaged)
    yield from (content[:length] for length in (0, 1, 4, 8, len(content) // 2, len(content) - 1))


@pytest.mark.parametrize(
    ("extension", "options"),
    [
        ("parquet", {"compression": "none"}),
        ("parquet", {"compression": "zstd", "data_page_version": "2.0", "write_page_index": True}),
        ("parquet", {"compression": "snappy", "use_dictionary": False}),
        ("arrow", {}),
        ("arrow", {"stream": True}),
        ("arrow", {"compression": "lz4"}),
    ],
    ids=str,
)
def test_damaged_tables_are_expected_errors(tmp_path, extension, options):
    content = encoded(extension, **options)
    path = tmp_path / f"table.{extension}"
    path.write_bytes(content)
    assert [use_column(str(path), name) for name in ("image", "list", "file", "path")] == [26, 26, 26, 40]
    messages = []
    for damaged in mutations(content, random.Random(str(options))):  # noqa: S311 (reproducible)
        path.write_bytes(damaged)
        for column in ("image", "list", "file", "path"):
            try:
                use_column(str(path), column)
            except MoodError as error:
                messages.append(str(error))
    assert len(messages) > 20
    assert all(message.startswith(str(path)) and "\n" not in message for message in messages)


def test_a_small_file_cannot_stand_for_billions_of_rows(tmp_path):
    path = tmp_path / "table.parquet"
    for kind, read in ((pa.binary(), table_columns.row_names), (pa.string(), table_columns.addresses_in)):
        pq.write_table(pa.table({"image": pa.nulls(3_000_000, kind)}), path)
        errors = []
        list(read([str(path)], "image", errors.append))
        assert re.search(r"000 rows or more, but its size suggests 1\d\d,\d\d\d at most", str(errors[-1]))
    path = tmp_path / "table.arrow"
    empty = pa.FixedSizeBinaryArray.from_buffers(pa.binary(0), 3_000_000, [None, pa.py_buffer(b"")])
    for column, read in ((pa.nulls(3_000_000), table_columns.addresses_in), (empty, table_columns.row_names)):
        batch = pa.record_batch([column], ["image"])
        with pa.ipc.new_file(path, batch.schema) as writer:
            writer.write_batch(batch)
        errors = []
        list(read([str(path)], "image", errors.append))
        assert "00 rows or more, but its size suggests 100,000 at most" in str(errors[-1])


def test_a_small_file_cannot_stand_for_gigabytes(tmp_path, monkeypatch):
    monkeypatch.setattr(table_readers, "_MIN_DECOMPRESSED_BYTES", 1 << 20)
    path = tmp_path / "table.parquet"
    pq.write_table(pa.table({"image": [bytes(20_000_000)]}), path, compression="zstd")
    (row,) = table_columns.contents([f"{path}#0"], "image")
    with pytest.raises(
        InputError, match=r"table.parquet: [\d,]+ bytes would be decompressed to 20,\d\d\d,\d\d\d$"
    ):
        row.read()


def test_a_value_that_a_small_file_repeats_is_in_memory_once(tmp_path):
    path = tmp_path / "table.parquet"
    text = "x" * 90_000
    column = pa.DictionaryArray.from_arrays(pa.array([0] * 50_000), pa.array([text]))
    pq.write_table(pa.table({"path": column}), path)
    before = pa.total_allocated_bytes()
    for number, address in enumerate(table_columns.addresses_in([str(path)], "path")):
        assert address == text
        if number % 1000 == 0:
            assert pa.total_allocated_bytes() - before < 20_000_000
    assert number == 49_999


@pytest.mark.parametrize("extension", ["parquet", "csv", "jsonl"])
def test_many_columns(tmp_path, extension):
    names = [f"column{number}" for number in range(20_000)]
    path = tmp_path / f"table.{extension}"
    if extension == "parquet":
        pq.write_table(pa.table([["a.jpg"]] * len(names), names), path, compression="none")
    elif extension == "csv":
        path.write_text(f"{','.join(names)}\n{','.join(['a.jpg'] * len(names))}\n")
    else:
        path.write_text("{" + ",".join(f'"{name}": "a.jpg"' for name in names) + "}\n")
    assert not table_columns.holds_files([str(path)], "column19999")
    assert list(table_columns.addresses_in([str(path)], "column19999")) == ["a.jpg"]
    with pytest.raises(
        InputError, match=r"missing column 'image' \(the columns are column0, .* and 19,980 more\)"
    ):
        table_columns.holds_files([str(path)], "image")


@pytest.mark.parametrize("extension", ["parquet", "arrow"])
def test_columns_with_the_same_name(tmp_path, extension):
    path = tmp_path / f"table.{extension}"
    table = pa.table([[b"a"], [b"b"]], ["image", "image"])
    if extension == "parquet":
        pq.write_table(table, path)
    else:
        with pa.ipc.new_file(path, table.schema) as writer:
            writer.write_table(table)
    with pytest.raises(InputError, match=r"2 columns are called 'image' \(rename the others\)"):
        table_columns.holds_files([str(path)], "image")
