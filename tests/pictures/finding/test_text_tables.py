from __future__ import annotations

import gzip
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imagemood.errors import InputError, MoodError
from imagemood.pictures.finding import table_columns, text_tables


def found(path, column="path"):
    """Return the addresses and the errors of a table."""
    errors = []
    texts = [text for _, text in text_tables.addresses_in(str(path), column, errors.append)]
    return texts, [error.what for error in errors]


@pytest.mark.parametrize(
    ("content", "addresses"),
    [
        (b"path\na.jpg\n\n\nb.jpg\n", ["a.jpg", "b.jpg"]),
        (b"\xef\xbb\xbfpath,n\r\na.jpg,1\r\nb.jpg,2", ["a.jpg", "b.jpg"]),
        (
            b'n,path\n1,"a, b.jpg"\n2,"say ""x"".jpg"\n3,"two\nlines.jpg"\n',
            ["a, b.jpg", 'say "x".jpg', "two\nlines.jpg"],
        ),
        (b"path,n\nNA,1\nnull,2\n,3\n007,4\n", ["NA", "null", "", "007"]),
        (b"path,other\ncaf\xe9.jpg,\xff\n", ["caf\udce9.jpg"]),
        (b"path\n", []),
    ],
)
def test_csv(tmp_path, content, addresses):
    path = tmp_path / "list.csv"
    path.write_bytes(content)
    text_tables.check_column(str(path), "path")
    assert found(path) == (addresses, [])


@pytest.mark.parametrize(
    ("content", "addresses", "errors"),
    [
        (b'{"path": "a.jpg"}\r\n\n{"n": 1}\n{"path": null}', ["a.jpg", "", ""], []),
        (b'\xef\xbb\xbf{"path": "gr\\u00f6\xc3\x9fe.jpg", "path2": "x"}', ["größe.jpg"], []),
        (b'{"path": true}\n{"path": 1.5}\n{"path": ["a"]}', [], ["a truth value", "a number", "a list"]),
        (b'["a.jpg"]\n{"path": "b.jpg"}', ["b.jpg"], ["Expected `object`, got `array`"]),
        (b'{"path": ' + b"[" * 100_000 + b'\n{"path": "b.jpg"}', ["b.jpg"], ["maximum recursion depth exceeded"]),
    ],
)
def test_json_lines(tmp_path, content, addresses, errors):
    path = tmp_path / "list.jsonl"
    path.write_bytes(content)
    names, whats = found(path)
    assert names == addresses
    assert len(whats) == len(errors)
    assert all(error in what for error, what in zip(errors, whats, strict=True))


def test_long_lines(tmp_path, monkeypatch):
    monkeypatch.setattr(text_tables, "_BLOCK_BYTES", 1000)
    lines = [json.dumps({"path": "x" * length}) for length in (10, 980, 987, 988, 3000, 20)]
    (tmp_path / "list.jsonl").write_text("\n".join(lines))
    names, errors = found(tmp_path / "list.jsonl")
    assert [len(name) for name in names] == [10, 980, 987, 20]
    assert errors == ["longer than 1,000 bytes"] * 2


def test_a_compressed_line_without_end(tmp_path):
    (tmp_path / "list.jsonl.gz").write_bytes(gzip.compress(b'{"path": "' + b"x" * 100_000_000, 1))
    assert found(tmp_path / "list.jsonl.gz") == ([], ["longer than 33,554,432 bytes"])
    (tmp_path / "list.csv.gz").write_bytes(gzip.compress(b"path\n" + b"x" * 100_000_000, 1))
    with pytest.raises(InputError, match=r"list.csv.gz: cannot be read: "):
        list(table_columns.addresses_in([str(tmp_path / "list.csv.gz")], "path"))


@pytest.mark.parametrize("name", ["list.csv", "list.jsonl"])
def test_missing_columns(tmp_path, name):
    path = tmp_path / name
    path.write_text("a,b\n1,2\n" if name == "list.csv" else '{"a": 1}\n{"b": 2}\n')
    with pytest.raises(InputError, match=r"missing column 'path' \(the columns are a, b\)"):
        text_tables.check_column(str(path), "path")


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize(("name", "text"), [("list.csv", "path\na.jpg\n"), ("list.jsonl", '{"path": "a.jpg"}\n')])
def test_other_encodings(tmp_path, name, text, encoding):
    path = tmp_path / name
    path.write_text(text, encoding=encoding)
    with pytest.raises(InputError) as error:
        table_columns.holds_files([str(path)], "path")
    assert str(error.value) == f"{path}: not valid UTF-8 text (save the table in UTF-8)"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("path,label,path\na.jpg,awe,b.jpg\n", "2 columns are called 'path' (rename the others)"),
        ("path;label\na.jpg;awe\n", "the fields are separated by semicolons (separate them by commas)"),
        ("label\tpath\nawe\ta.jpg\n", "the fields are separated by tabs (separate them by commas)"),
        ("file|label\na.jpg|awe\n", "missing column 'path' (the columns are file|label)"),
    ],
)
def test_other_headers(tmp_path, content, message):
    path = tmp_path / "list.csv"
    path.write_text(content)
    with pytest.raises(InputError) as error:
        table_columns.holds_files([str(path)], "path")
    assert str(error.value) == f"{path}: {message}"


def test_other_columns_may_have_the_same_name(tmp_path):
    path = tmp_path / "list.csv"
    path.write_text("n,path,n\n1,a.jpg,2\n")
    text_tables.check_column(str(path), "path")
    assert found(path) == (["a.jpg"], [])


@given(st.binary(max_size=200), st.sampled_from(["list.csv", "list.jsonl", "list.csv.gz", "list.jsonl.zst"]))
def test_any_bytes_are_a_table_or_an_expected_error(tmp_path_factory, content, name):
    path = tmp_path_factory.getbasetemp() / name
    path.write_bytes(content)
    try:
        if not table_columns.holds_files([str(path)], "path"):
            assert all(isinstance(address, str) for address in table_columns.addresses_in([str(path)], "path"))
    except MoodError as error:
        message = str(error)
    else:
        return
    assert message.startswith(str(path))
