from __future__ import annotations

import gzip
import http.server
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from imagemood.errors import InputError
from imagemood.pictures.finding import opening, table_columns, text_tables
from imagemood.pictures.reading import storage
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


@pytest.mark.parametrize("missing", ["null", "absent", "empty"])
def test_missing_addresses_are_reported_with_their_row(tmp_path, missing):
    lines = {"null": '{"path": null}\n', "absent": '{"n": 1}\n', "empty": '{"path": ""}\n'}
    table = tmp_path / "list.jsonl"
    table.write_text('{"path": "a.jpg"}\n' + lines[missing] + '{"path": "b.jpg"}\n')
    errors = []
    assert list(table_columns.addresses_in([str(table)], "path", errors.append)) == ["a.jpg", "b.jpg"]
    assert [str(error) for error in errors] == [f"{table}, row 2, field 'path': missing path or URL"]


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


def read_all(names, column="image"):
    return [row.read() for row in table_columns.contents(names, column)]


def test_picture_files(picture_table):
    assert table_columns.holds_files([picture_table], "image")
    names = list(table_columns.row_names([picture_table], "image"))
    assert names == [f"{picture_table}#{row}" for row in range(40)]
    assert read_all(names) == CONTENTS
    assert read_all(names[15:33]) == CONTENTS[15:33]
    shuffled = [names[i] for i in (3, 4, 39, 0, 17, 18, 19)]
    assert read_all(shuffled) == [CONTENTS[i] for i in (3, 4, 39, 0, 17, 18, 19)]


@pytest.mark.parametrize("order", [range(40), range(39, -1, -1), [5, 39, 0, 20, 21, 5, 1], [0] * 5])
def test_rows_in_any_order(picture_table, order):
    read_row = table_columns.row_reader("image")
    assert [read_row(picture_table, row) for row in order] == [CONTENTS[row] for row in order]


def test_several_threads_read_rows(picture_table, tmp_path):
    other = str(tmp_path / "other.parquet")
    (tmp_path / "other.parquet").write_bytes(Path(picture_table).read_bytes())
    read_row = table_columns.row_reader("image")
    requests = [(table, row) for row in range(40) for table in (picture_table, other)]
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(lambda request: read_row(*request), requests)) == [
            CONTENTS[row] for _, row in requests
        ]


def test_missing_rows_are_errors_of_their_own(picture_table):
    rows = list(table_columns.contents([f"{picture_table}#{row}" for row in (38, 39, 40, 41)], "image"))
    assert [row.read() for row in rows[:2]] == CONTENTS[38:]
    for number, row in enumerate(rows[2:], start=40):
        with pytest.raises(InputError, match=rf"missing row {number} \(check whether the table has changed\)"):
            row.read()
    read_row = table_columns.row_reader("image")
    assert read_row(picture_table, 39) == CONTENTS[39]
    for row in (40, 1000):
        with pytest.raises(InputError, match=f"missing row {row}"):
            read_row(picture_table, row)


@pytest.mark.parametrize(
    ("column", "kind", "message"),
    [
        ("absent", pa.binary(), r"missing column 'absent' \(the columns are value\)"),
        ("value", pa.int64(), "expected paths or picture files, not int64"),
        ("value", pa.struct([("data", pa.binary())]), "expected paths or picture files, not struct"),
        ("value", pa.struct([("bytes", pa.string())]), "expected paths or picture files, not struct"),
        ("value", pa.list_(pa.int8()), "expected paths or picture files, not list"),
        ("value", pa.list_(pa.string()), "expected paths or picture files, not list"),
        ("value", pa.map_(pa.string(), pa.binary()), "expected paths or picture files, not map"),
    ],
)
def test_columns_of_other_types(tmp_path, column, kind, message):
    pq.write_table(pa.table({"value": pa.array([None], kind)}), tmp_path / "table.parquet")
    with pytest.raises(InputError, match=message):
        table_columns.holds_files([str(tmp_path / "table.parquet")], column)


def test_tables_that_are_missing_or_damaged(tmp_path):
    (tmp_path / "damaged.parquet").write_bytes(b"PAR1 nonsense PAR1")
    (tmp_path / "damaged.arrow").write_bytes(b"ARROW1 nonsense")
    (tmp_path / "damaged.csv").write_bytes(b"path\n1,2\n3\n")
    (tmp_path / "damaged.jsonl").write_bytes(b'{"path": "a.jpg"}\n{"path"\n')
    for name in ("absent.parquet", "damaged.parquet", "absent.arrow", "damaged.arrow"):
        message = rf"{name}: {'No such file' if name.startswith('absent') else 'cannot be read: '}"
        with pytest.raises(InputError, match=message):
            list(table_columns.row_names([str(tmp_path / name)], "image"))
        (row,) = table_columns.contents([f"{tmp_path}/{name}#0"], "image")
        with pytest.raises(InputError, match=message):
            row.read()
    for name, message in (
        ("absent.csv", "absent.csv: No such file"),
        ("damaged.csv", "damaged.csv, row 1: wrong number of fields: 2 instead of 1"),
        ("absent.jsonl", "absent.jsonl: No such file"),
        ("damaged.jsonl", "damaged.jsonl, row 2: not a JSON object"),
    ):
        with pytest.raises(InputError, match=message):
            list(table_columns.addresses_in([str(tmp_path / name)], "path"))


def test_tables_that_cannot_be_read_do_not_affect_the_others(tmp_path):
    (tmp_path / "1.parquet").write_bytes(b"nonsense")
    pq.write_table(pa.table({"image": [b"a"]}), tmp_path / "2.parquet")
    pq.write_table(pa.table({"picture": [b"a"]}), tmp_path / "3.parquet")
    pq.write_table(pa.table({"image": ["a.jpg"]}), tmp_path / "4.parquet")
    pq.write_table(pa.table({"image": [b"b"]}), tmp_path / "5.parquet")
    files = [str(tmp_path / f"{number}.parquet") for number in range(1, 6)]
    errors = []
    assert table_columns.holds_files(files, "image")
    assert list(table_columns.row_names(files, "image", errors.append)) == [f"{files[1]}#0", f"{files[4]}#0"]
    whats = ["cannot be read: ", "missing column 'image'", "has addresses in column 'image', not picture files"]
    assert [error.where for error in errors] == [files[0], files[2], files[3]]
    assert all(error.what.startswith(what) for error, what in zip(errors, whats, strict=True))
    errors.clear()
    assert list(table_columns.addresses_in(files, "image", errors.append)) == ["a.jpg"]
    assert [error.where for error in errors] == [files[0], files[1], files[2], files[4]]


def test_a_damaged_part_of_a_table_does_not_affect_the_others(tmp_path):
    path = tmp_path / "table.parquet"
    values = [bytes([number]) * 5000 for number in range(40)]
    table = pa.table({"image": pa.array(values, pa.binary())})
    pq.write_table(table, path, row_group_size=10, compression="none", use_dictionary=False)
    start = pq.read_metadata(path).row_group(1).column(0).data_page_offset  # of rows 10 to 19
    content = path.read_bytes()
    path.write_bytes(content[:start] + b"\xff" * 10 + content[start + 10 :])
    names = list(table_columns.row_names([str(path)], "image"))
    read_row = table_columns.row_reader("image")
    for number, row in enumerate(table_columns.contents(names, "image")):
        if 10 <= number < 20:
            with pytest.raises(InputError, match=r"table\.parquet: cannot be read: "):
                row.read()
            with pytest.raises(InputError, match=r"table\.parquet: cannot be read: "):
                read_row(str(path), number)
        else:
            assert row.read() == read_row(str(path), number) == values[number]


def test_errors_have_the_numbers_of_their_rows_in_the_order_of_the_table(tmp_path, monkeypatch):
    lines = ["path,n", "a.jpg,1", ",2", "b,c.jpg,3", "", '"two\nlines.jpg",4', "5", ",6", "d.jpg,7", "e,f.jpg,8"]
    (tmp_path / "list.csv").write_text("\n".join(lines))
    (tmp_path / "list.jsonl").write_text('7\n{"path": "a.jpg"}\n\n{"path": null}\n[]\n{"path": ""}\n')
    for block_bytes in (1 << 20, 40):
        monkeypatch.setattr(text_tables, "_BLOCK_BYTES", block_bytes)
        found = []
        for address in table_columns.addresses_in([str(tmp_path / "list.csv")], "path", found.append):
            found.append(address)  # noqa: PERF402 (the errors are appended between)
        where = f"{tmp_path}/list.csv, "
        assert [one if isinstance(one, str) else one.where.removeprefix(where) for one in found] == [
            "a.jpg",
            "row 2, field 'path'",
            "row 3",
            "two\nlines.jpg",
            "row 5",
            "row 6, field 'path'",
            "d.jpg",
            "row 8",
        ]
    errors = []
    assert list(table_columns.addresses_in([str(tmp_path / "list.jsonl")], "path", errors.append)) == ["a.jpg"]
    assert [error.where.removeprefix(f"{tmp_path}/list.jsonl, ") for error in errors] == [
        "row 1",
        "row 4, field 'path'",
        "row 5",
        "row 6, field 'path'",
    ]


def test_rows_that_cannot_be_parsed_do_not_affect_the_others(tmp_path):
    (tmp_path / "list.csv").write_bytes(b'path,n\na.jpg,1\nb,c.jpg,2\n"two\nlines.jpg",3\ncaf\xe9.jpg,4\n5\n')
    (tmp_path / "list.jsonl").write_bytes(
        b'\xef\xbb\xbf{"path": "a.jpg"}\n{"path": 7}\n\n[1]\n{"path": "\xe9"}\n{"path": {}}\n{"path": "b.jpg"}'
    )
    errors = []
    found = list(table_columns.addresses_in([str(tmp_path / "list.csv")], "path", errors.append))
    assert found == ["a.jpg", "two\nlines.jpg", "caf\udce9.jpg"]
    assert [str(error).removeprefix(f"{tmp_path}/") for error in errors] == [
        "list.csv, row 2: wrong number of fields: 3 instead of 2 (put quotes around text with a comma)",
        "list.csv, row 5: wrong number of fields: 1 instead of 2 (put quotes around text with a comma)",
    ]
    errors.clear()
    assert list(table_columns.addresses_in([str(tmp_path / "list.jsonl")], "path", errors.append)) == [
        "a.jpg",
        "b.jpg",
    ]
    assert [(error.where.rpartition("/")[2], error.what[:40]) for error in errors] == [
        ("list.jsonl, row 2, field 'path'", "expected a path or URL, not a number"),
        ("list.jsonl, row 4", "not a JSON object: Expected `object`, go"),
        ("list.jsonl, row 5", "not a JSON object: 'utf-8' codec can't d"),
        ("list.jsonl, row 6, field 'path'", "expected a path or URL, not an object"),
    ]


def test_an_address_that_is_too_long_is_an_error_of_its_row(tmp_path):
    long, data = "x" * 100_001, "data:," + "x" * 100_001
    (tmp_path / "list.csv").write_text(f'path\na.jpg\n{long}\n"{data}"\n')
    pq.write_table(pa.table({"path": ["a.jpg", long, data]}), tmp_path / "list.parquet")
    for name in ("list.csv", "list.parquet"):
        errors = []
        assert list(table_columns.addresses_in([str(tmp_path / name)], "path", errors.append)) == ["a.jpg", data]
        (error,) = errors
        assert error.where == f"{tmp_path}/{name}, row 2, field 'path'"
        assert error.what == "a path or URL of 100,001 characters"


def test_the_name_of_a_table_is_an_error(tmp_path):
    (tmp_path / "damaged.parquet").write_bytes(b"nonsense")
    pq.write_table(pa.table({"image": [b"a"]}), tmp_path / "good.parquet")
    names = [f"{tmp_path}/damaged.parquet", f"{tmp_path}/good.parquet#0", f"{tmp_path}/good.parquet"]
    damaged, row, table = table_columns.contents(names, "image")
    assert row.read() == b"a"
    with pytest.raises(InputError, match=r"damaged\.parquet: cannot be read: "):
        damaged.read()
    with pytest.raises(InputError, match=r"good\.parquet: could not be read when the pictures were listed"):
        table.read()
    open_picture = opening.opener(column="image")
    with pytest.raises(InputError, match=r"damaged\.parquet: cannot be read: "):
        open_picture(names[0]).read()
