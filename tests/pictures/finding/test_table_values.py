from __future__ import annotations

import itertools
import os

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from imagemood.errors import InputError
from imagemood.pictures.finding import table_columns, table_values
from imagemood.pictures.reading import limits

BINARY = {"binary": pa.binary(), "large": pa.large_binary(), "view": pa.binary_view(), "fixed size": pa.binary(7)}
TEXT = {"text": pa.string(), "large": pa.large_string(), "view": pa.string_view()}
CONTENTS = [b"picture", b"\xff\xd8\x00....", None, b"picture", bytes(7)]
PATHS = ["a.jpg", "größe, 1.png", None, "a.jpg", ""]


class Image(pa.ExtensionType):
    """A type of another package, such as a picture with metadata."""

    def __init__(self, storage_type=None):
        super().__init__(storage_type or pa.struct([("bytes", pa.binary()), ("path", pa.string())]), "test.image")

    def __arrow_ext_serialize__(self):
        return b""

    @classmethod
    def __arrow_ext_deserialize__(cls, storage_type, serialized):
        return cls(storage_type)


def write(folder, column, format_, name="pictures.v1"):
    """Write a table with one column, in several parts of which some are empty; return its address."""
    if format_.startswith("arrow"):
        path = folder / "table.arrow"
        batches = [pa.record_batch([column[i : i + 2]], [name]) for i in (0, 2, 4, 6)]
        make = pa.ipc.new_file if format_ == "arrow file" else pa.ipc.new_stream
        with make(path, batches[0].schema) as writer:
            for batch in batches:
                writer.write_batch(batch)
    else:
        path = folder / "table.parquet"
        n_rows = 100 if "view" in str(column.type) else 2  # pyarrow cannot write parts of nested views
        pq.write_table(pa.table([column], [name]), path, row_group_size=n_rows)
    return str(path)


def read(address, name="pictures.v1"):
    """Return the picture files, and None for rows without a picture."""
    assert table_columns.holds_files([address], name)
    names = list(table_columns.row_names([address], name))
    read_row = table_columns.row_reader(name)
    found = []
    for number, row in enumerate(table_columns.contents(names, name)):
        try:
            found.append(row.read())
            assert read_row(address, number) == found[-1]
        except InputError as caught:
            error = caught
        else:
            continue
        assert str(error) == f"{names[number]}: the row has no picture"
        found.append(None)
    return found


FORMATS = ["parquet", "arrow file", "arrow stream"]


def can_be_written(shape, kind, format_):
    """Return whether pyarrow can write columns of this kind."""
    if shape == "runs":
        return format_ != "parquet" and kind != "view"
    return (shape, kind, format_) != ("dictionary", "view", "parquet")


def writable(shapes, kinds):
    """Return the combinations of shapes, kinds of values and formats that pyarrow can write."""
    return [each for each in itertools.product(shapes, kinds, FORMATS) if can_be_written(*each)]


@pytest.mark.parametrize(
    ("shape", "kind", "format_"), writable(["plain", "dictionary", "struct", "list", "extension"], BINARY)
)
def test_picture_files(tmp_path, format_, kind, shape):
    column = pa.array(CONTENTS, BINARY[kind])
    if shape == "dictionary":
        values = pa.array([CONTENTS[0], CONTENTS[1], CONTENTS[4]], BINARY[kind])
        column = pa.DictionaryArray.from_arrays(pa.array([0, 1, None, 0, 2], pa.int8()), values)
    elif shape == "struct":
        column = pa.StructArray.from_arrays([pa.array(PATHS), column], ["path", "bytes"], mask=pc.is_null(column))
    elif shape == "list":
        values = [[] if content is None else [content] for content in CONTENTS]
        column = pa.array(values, pa.list_(BINARY[kind]))
    elif shape == "extension":
        struct = pa.StructArray.from_arrays([column.cast(pa.binary())], ["bytes"])
        column = pa.ExtensionArray.from_storage(Image(struct.type), struct)
    assert read(write(tmp_path, column, format_)) == CONTENTS


@pytest.mark.parametrize("format_", FORMATS)
@pytest.mark.parametrize("kind", TEXT)
@pytest.mark.parametrize("bytes_kind", [pa.binary(), pa.null(), None])
def test_paths_beside_missing_bytes(tmp_path, format_, kind, bytes_kind):
    (tmp_path / "größe, 1.png").write_bytes(b"second")
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "a.jpg").write_bytes(b"first")
    paths = ["sub/a.jpg", str(tmp_path / "größe, 1.png"), None, f"file://{tmp_path}/sub/../sub/a.jpg", ""]
    fields = {"path": pa.array(paths, TEXT[kind])}
    if bytes_kind is not None:
        fields["bytes"] = pa.nulls(5, bytes_kind)
    column = pa.StructArray.from_arrays(list(fields.values()), list(fields))
    address = write(tmp_path, column, format_)
    assert read(address) == [b"first", b"second", None, b"first", None]


def test_bytes_take_precedence_over_the_path(tmp_path):
    column = pa.array([{"bytes": b"picture", "path": "absent.jpg"}, {"bytes": b"", "path": "absent.jpg"}])
    assert read(write(tmp_path, column, "parquet")) == [b"picture", b""]


def test_a_path_that_cannot_be_read_is_an_error_of_its_row(tmp_path):
    column = pa.array(
        [{"path": "absent.jpg"}, {"path": "ftp://h/a.jpg"}, {"path": "."}, {"path": "table.parquet"}]
    )
    address = write(tmp_path, column, "parquet")
    absent, other, folder, table = table_columns.contents([f"{address}#{row}" for row in range(4)], "pictures.v1")
    for row, message in (
        (absent, f"{tmp_path}/absent.jpg: No such file or directory"),
        (other, "ftp://h/a.jpg: URLs with the scheme 'ftp' are not supported"),
        (folder, f"{tmp_path}/.: Is a directory"),
    ):
        with pytest.raises(InputError) as caught:
            row.read()
        assert str(caught.value).startswith(message)
    assert table.read()[:4] == b"PAR1"


@pytest.mark.parametrize(
    ("table", "path", "address"),
    [
        ("list.parquet", "a.jpg", "a.jpg"),
        ("photos/list.parquet", "../a.jpg", "photos/../a.jpg"),
        ("/photos/list.parquet", "/a.jpg", "/a.jpg"),
        ("s3://photos/2026/list.parquet", "may/a.jpg", "s3://photos/2026/may/a.jpg"),
        (
            "https://example.org/2026/list.parquet?download=true",
            "may/a b.jpg",
            "https://example.org/2026/may/a b.jpg",
        ),
        ("https://example.org/list.parquet", "https://other.org/a.jpg", "https://other.org/a.jpg"),
        ("list.parquet", "s3://photos/a.jpg", "s3://photos/a.jpg"),
    ],
)
def test_paths_are_relative_to_the_table(table, path, address, monkeypatch):
    monkeypatch.setattr("imagemood.pictures.reading.storage.read", lambda address, **_: address.encode())
    value = pa.scalar({"bytes": None, "path": path})
    assert table_values.picture(value, f"{table}#0", table).read() == address.encode()


def test_a_row_with_several_pictures_is_an_error_of_that_row(tmp_path):
    column = pa.array([[{"bytes": b"a"}], [{"bytes": b"a"}, {"bytes": b"b"}], None, [None]])
    address = write(tmp_path, column, "parquet")
    one, several, missing, null = table_columns.contents([f"{address}#{row}" for row in range(4)], "pictures.v1")
    assert one.read() == b"a"
    with pytest.raises(
        InputError, match=r"#1: the row has 2 pictures, not one \(write one row for each picture\)"
    ):
        several.read()
    for row in (missing, null):
        with pytest.raises(InputError, match="the row has no picture"):
            row.read()


def test_a_row_that_is_too_large_is_an_error_of_that_row(tmp_path, monkeypatch):
    monkeypatch.setattr(limits, "MAX_BYTES", 100)
    address = write(tmp_path, pa.array([bytes(100), bytes(101), bytes(99)]), "parquet")
    small, large, other = table_columns.contents([f"{address}#{row}" for row in range(3)], "pictures.v1")
    assert (small.read(), other.read()) == (bytes(100), bytes(99))
    with pytest.raises(InputError, match="#1: too large: more than 100 bytes"):
        large.read()


@pytest.mark.parametrize(
    ("shape", "kind", "format_"), writable(["plain", "dictionary", "runs", "extension"], TEXT)
)
def test_addresses(tmp_path, format_, kind, shape):
    column = pa.array(PATHS, TEXT[kind])
    if shape == "dictionary":
        values = pa.array([PATHS[0], PATHS[1], PATHS[4]], TEXT[kind])
        column = pa.DictionaryArray.from_arrays(pa.array([0, 1, None, 0, 2], pa.int8()), values)
    elif shape == "runs":
        column = pc.run_end_encode(column)
    elif shape == "extension":
        column = pa.ExtensionArray.from_storage(Image(column.type), column)
    address = write(tmp_path, column, format_)
    assert not table_columns.holds_files([address], "pictures.v1")
    errors = []
    assert list(table_columns.addresses_in([address], "pictures.v1", errors.append)) == list(filter(None, PATHS))
    rows = [row for row, path in enumerate(PATHS, start=1) if not path]
    assert [error.where for error in errors] == [f"{address}, row {row}, field 'pictures.v1'" for row in rows]


def test_text_that_is_not_utf8_is_the_name_of_a_file(tmp_path):
    text = pa.array([b"caf\xe9.jpg", b"a.jpg"]).view(pa.string())
    assert list(table_values.texts(text)) == [os.fsdecode(b"caf\xe9.jpg"), "a.jpg"]
    assert list(table_values.texts(text.dictionary_encode())) == [os.fsdecode(b"caf\xe9.jpg"), "a.jpg"]


@pytest.mark.parametrize("format_", FORMATS)
def test_missing_values_and_empty_tables(tmp_path, format_):
    address = write(tmp_path, pa.nulls(3), format_)
    errors = []
    assert list(table_columns.addresses_in([address], "pictures.v1", errors.append)) == []
    assert len(errors) == 3
    address = write(tmp_path, pa.array([], pa.binary()), format_)
    assert list(table_columns.row_names([address], "pictures.v1")) == []
    assert list(table_columns.contents([], "pictures.v1")) == []
    address = write(tmp_path, pa.array([], pa.string()), format_)
    assert list(table_columns.addresses_in([address], "pictures.v1")) == []


def test_a_column_of_the_library_datasets(tmp_path):
    """Its metadata describe the column, and its files have several parts."""
    kind = pa.struct([("bytes", pa.binary()), ("path", pa.string())])
    metadata = {
        "huggingface": '{"info": {"features": {"image": {"_type": "Image"}, "label": {"dtype": "int64"}}}}'
    }
    schema = pa.schema([("image", kind), ("label", pa.int64())], metadata)
    values = [{"bytes": b"a", "path": "a.jpg"}, {"bytes": None, "path": "b.jpg"}, {"bytes": b"c", "path": None}]
    (tmp_path / "b.jpg").write_bytes(b"b")
    table = pa.table({"image": pa.array(values, kind), "label": [0, 1, 2]}, schema=schema)
    pq.write_table(table, tmp_path / "train-00000-of-00001.parquet")
    with pa.ipc.new_stream(tmp_path / "data-00000-of-00001.arrow", schema) as writer:
        writer.write_table(table, max_chunksize=1)
    for name in ("train-00000-of-00001.parquet", "data-00000-of-00001.arrow"):
        assert read(str(tmp_path / name), "image") == [b"a", b"b", b"c"]


@pytest.mark.parametrize("format_", FORMATS)
def test_a_name_with_dots_is_one_column(tmp_path, format_):
    nested = pa.array([{"b": b"nested"}])
    table = pa.table({"a": nested, "a.b": [b"with dot"], "a.b.c": [b"longer"]})
    path = tmp_path / ("t.parquet" if format_ == "parquet" else "t.arrow")
    if format_ == "parquet":
        pq.write_table(table, path)
    else:
        with pa.ipc.new_file(path, table.schema) as writer:
            writer.write_table(table)
    assert read(str(path), "a.b") == [b"with dot"]
    assert read(str(path), "a.b.c") == [b"longer"]
    with pytest.raises(InputError, match="missing column 'a.c'"):
        table_columns.holds_files([str(path)], "a.c")
