from __future__ import annotations

import gzip
import http.server
import itertools
from functools import partial

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from imagemood.errors import InputError
from imagemood.pictures import storage, table_columns
from tests.servers import http_server

PATHS = ["a.jpg", "größe, 1.png", "https://example.org/c.jpg", "007", "1e3", 'quo"te.jpg']


def write_table(path, kind: str) -> str:
    text = "n,path\n" + "".join('{},"{}"\n'.format(i, name.replace('"', '""')) for i, name in enumerate(PATHS))
    if kind == "csv":
        path.write_text(text, "utf-8")
    elif kind == "csv.gz":
        path.write_bytes(gzip.compress(text.encode()))
    elif kind == "jsonl":
        lines = (f'{{"n": {i}, "path": "{name}"}}\n' for i, name in enumerate(PATHS))
        path.write_text("".join(lines).replace('quo"te', 'quo\\"te'), "utf-8")
    else:
        column = pa.array(PATHS)
        if kind == "dictionary.parquet":
            column = column.dictionary_encode()
        elif kind == "large.parquet":
            column = column.cast(pa.large_string())
        pq.write_table(pa.table({"n": range(len(PATHS)), "path": column}), path)
    return str(path)


@pytest.mark.parametrize("kind", ["csv", "csv.gz", "jsonl", "parquet", "dictionary.parquet", "large.parquet"])
def test_addresses_are_text_in_the_order_of_the_table(tmp_path, kind):
    address = write_table(tmp_path / f"list.{kind}", kind)
    assert not table_columns.holds_files([address], "path")
    assert list(table_columns.addresses_in([address, address], "path")) == PATHS * 2


@pytest.mark.parametrize("kind", ["csv.gz", "parquet"])
def test_tables_in_stores_and_on_web_servers(tmp_path, s3, kind):
    write_table(tmp_path / f"list.{kind}", kind)
    storage.write(f"s3://photos/list.{kind}", (tmp_path / f"list.{kind}").read_bytes())

    class Handler(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *arguments):
            pass

    with http_server(partial(Handler, directory=str(tmp_path))) as server:
        for address in (f"s3://photos/list.{kind}", f"http://127.0.0.1:{server.server_port}/list.{kind}"):
            assert not table_columns.holds_files([address], "path")
            assert list(table_columns.addresses_in([address], "path")) == PATHS


@pytest.mark.parametrize("missing", ["null", "absent"])
def test_missing_addresses_are_empty(tmp_path, missing):
    lines = {"null": '{"path": null}\n', "absent": '{"n": 1}\n'}
    (tmp_path / "list.jsonl").write_text('{"path": "a.jpg"}\n' + lines[missing] + '{"path": "b.jpg"}\n')
    assert list(table_columns.addresses_in([str(tmp_path / "list.jsonl")], "path")) == ["a.jpg", "", "b.jpg"]


TYPES = {
    "binary": pa.binary(),
    "large_binary": pa.large_binary(),
    "struct": pa.struct([("bytes", pa.binary()), ("path", pa.string())]),
}
CONTENTS = [bytes([i]) * i for i in range(40)]


@pytest.fixture(params=[(kind, n) for kind in TYPES for n in (1, 7, 16, 1000)], ids=str)
def picture_table(request, tmp_path) -> str:
    """A table of 40 picture files, in row groups of several sizes."""
    kind, n_group = request.param
    values = [{"bytes": c, "path": "x"} for c in CONTENTS] if kind == "struct" else CONTENTS
    table = pa.table({"image": pa.array(values, TYPES[kind]), "n": range(40)})
    pq.write_table(table, tmp_path / "table.parquet", row_group_size=n_group)
    return str(tmp_path / "table.parquet")


def test_picture_files(picture_table):
    assert table_columns.holds_files([picture_table], "image")
    names = list(table_columns.row_names([picture_table]))
    assert names == [f"{picture_table}#{row}" for row in range(40)]
    assert list(table_columns.contents(names, "image")) == CONTENTS
    assert list(table_columns.contents(names[15:33], "image")) == CONTENTS[15:33]
    shuffled = [names[i] for i in (3, 4, 39, 0, 17, 18, 19)]
    assert list(table_columns.contents(shuffled, "image")) == [CONTENTS[i] for i in (3, 4, 39, 0, 17, 18, 19)]


def test_blocks_of_picture_files(picture_table):
    blocks = [table_columns.read_block(picture_table, "image", block) for block in range(4)]
    assert list(itertools.chain.from_iterable(blocks)) == CONTENTS
    assert blocks[3] == []


def test_missing_rows_are_errors(picture_table):
    with pytest.raises(InputError, match=r"missing row 40 \(check whether the table has changed\)"):
        list(table_columns.contents([f"{picture_table}#{row}" for row in (38, 39, 40)], "image"))

    read_row = table_columns.row_reader("image")
    assert read_row(picture_table, 39) == CONTENTS[39]
    for row in (40, 1000):
        with pytest.raises(InputError, match=f"missing row {row}"):
            read_row(picture_table, row)


def test_a_missing_picture_file_is_empty(tmp_path):
    pq.write_table(pa.table({"image": [b"a", None]}), tmp_path / "table.parquet")
    names = list(table_columns.row_names([str(tmp_path / "table.parquet")]))
    assert list(table_columns.contents(names, "image")) == [b"a", b""]


@pytest.mark.parametrize(
    ("column", "kind", "message"),
    [
        ("absent", pa.binary(), r"missing column 'absent' \(the columns are value\)"),
        ("value", pa.int64(), "expected paths or picture files, not int64"),
        ("value", pa.struct([("data", pa.binary())]), "expected paths or picture files, not struct"),
        ("value", pa.list_(pa.binary()), "expected paths or picture files, not list"),
    ],
)
def test_columns_of_other_types(tmp_path, column, kind, message):
    pq.write_table(pa.table({"value": pa.array([None], kind)}), tmp_path / "table.parquet")
    with pytest.raises(InputError, match=message):
        table_columns.holds_files([str(tmp_path / "table.parquet")], column)


def test_tables_that_are_missing_or_damaged(tmp_path):
    (tmp_path / "damaged.parquet").write_bytes(b"PAR1 nonsense PAR1")
    (tmp_path / "damaged.csv").write_bytes(b"path\n1,2\n3\n")
    for name, message in (("absent", "No such file"), ("damaged", "cannot be read: ")):
        with pytest.raises(InputError, match=rf"{name}\.parquet: {message}"):
            list(table_columns.row_names([str(tmp_path / f"{name}.parquet")]))
        with pytest.raises(InputError, match=rf"{name}\.csv: {message}"):
            list(table_columns.addresses_in([str(tmp_path / f"{name}.csv")], "path"))
        with pytest.raises(InputError, match=rf"{name}\.parquet: {message}"):
            list(table_columns.contents([f"{tmp_path}/{name}.parquet#0"], "image"))
