from __future__ import annotations

import gzip
import http.server
import io
import lzma
import sys
import zipfile
from types import SimpleNamespace

import pytest

from imagemood.errors import InputError, RemoteError, TableError
from imagemood.tables.compression import COMPRESSIONS
from imagemood.tables.files import format_of, is_address, name_of, read_bytes, read_table, write_bytes
from imagemood.tables.formats import FORMATS
from tests.servers import http_server


@pytest.mark.parametrize("table_format", FORMATS.values(), ids=FORMATS)
@pytest.mark.parametrize("compression", ["", *COMPRESSIONS])
def test_extension_determines_the_format(table_format, compression):
    for extension in table_format.extensions:
        assert format_of(f"folder.x/my tags{extension}{compression}") == table_format.name
        assert format_of(f"TAGS{extension}{compression}".upper()) == table_format.name


@pytest.mark.parametrize("name", ["tags", "tags.doc", "tags.gz", ".csv", "tags.csv.gz.gz", "tags.csv.doc", ""])
def test_unknown_extension(name):
    with pytest.raises(InputError) as caught:
        format_of(name)
    known = ".csv, .txt, .jsonl, .ndjson, .json, .parquet, .pq, .pb, .protobuf, .bin"
    assert caught.value.what == "unknown file name extension"
    assert caught.value.hint == f"use one of {known}"
    with pytest.raises(InputError) as caught:
        format_of(name, formats=["csv", "parquet"], option="--format")
    assert caught.value.hint == "use one of .csv, .txt, .parquet, .pq, or --format"


def test_format_takes_precedence_over_the_extension():
    assert format_of("tags.csv", "jsonl") == "jsonl"
    assert format_of("-", "parquet") == "parquet"


def test_standard_input_and_output_are_csv_by_default():
    assert format_of("-") == "csv"
    assert (name_of("-"), name_of("a.csv")) == ("standard input", "a.csv")


def test_unknown_format():
    message = r"^unknown format 'xml' \(use one of csv, jsonl, parquet, protobuf\)$"
    with pytest.raises(InputError, match=message):
        format_of("x.csv", "xml")


@pytest.mark.parametrize("extension", ["", *COMPRESSIONS])
def test_bytes_come_back(tmp_path, extension):
    path = tmp_path / f"rows.csv{extension}"
    write_bytes(b"image,tag,score\n" * 9, path)
    assert read_bytes(path) == read_bytes(str(path)) == b"image,tag,score\n" * 9
    compression = COMPRESSIONS.get(extension)
    content = path.read_bytes()
    assert (compression.decompress(content) if compression else content) == b"image,tag,score\n" * 9


def test_standard_streams(monkeypatch):
    sink = io.BytesIO()
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(b"rows")))
    monkeypatch.setattr(sys, "stdout", SimpleNamespace(buffer=sink))
    write_bytes(read_bytes("-"), "-")
    assert sink.getvalue() == b"rows"


def test_missing_file():
    with pytest.raises(TableError, match=r"^absent\.csv: cannot be read: No such file or directory$"):
        read_bytes("absent.csv")


def test_folder(tmp_path):
    with pytest.raises(TableError, match="cannot be read: Is a directory$"):
        read_bytes(tmp_path)
    with pytest.raises(InputError, match="is a folder, not a file"):
        write_bytes(b"", tmp_path)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("t.csv.gz", b"image,tag,score\n"),
        ("t.csv.bz2", b"image,tag,score\n"),
        ("t.csv.xz", b"image,tag,score\n"),
        ("t.csv.zst", b"image,tag,score\n"),
        ("t.csv.gz", gzip.compress(b"image,tag,score\n", mtime=0)[:-9]),
        ("t.csv.xz", lzma.compress(b"image,tag,score\n")[:-9]),
        ("t.csv.GZ", b""),
    ],
)
def test_file_without_the_compression_of_its_extension(write, name, content):
    path = write(name, content)
    if not content:  # an empty file is a valid gzip file of no members for Python
        assert read_bytes(path) == b""
        return
    with pytest.raises(TableError, match=rf"{name}: not a valid \.{name.split('.')[-1]} file$"):
        read_bytes(path)


def test_failed_write_keeps_the_old_file(tmp_path, monkeypatch):
    path = tmp_path / "rows.csv.gz"
    path.write_bytes(b"old")

    def fail(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr("imagemood.tables.files.compress", fail)
    with pytest.raises(KeyboardInterrupt):
        write_bytes(b"new", path)
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


ROWS = b"image,tag,score\n0,cat,1\n"


def zipped(files):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return buffer.getvalue()


@pytest.mark.parametrize("name", ["tags.zip", "TAGS.ZIP", "tags.csv.zip"])
def test_a_zip_archive_contains_one_file(write, name):
    archive = zipped({"__MACOSX/._tags.csv": b"x", "data/": b"", "data/.DS_Store": b"x", "data/tags.csv": ROWS})
    assert read_table(write(name, archive)) == (ROWS, "csv")


def test_the_name_in_a_zip_archive_determines_the_format(write):
    assert read_table(write("tags.zip", zipped({"tags.jsonl": b"{}"}))) == (b"{}", "jsonl")
    assert read_table(write("tags.csv.zip", zipped({"tags.jsonl": ROWS}))) == (ROWS, "csv")
    assert read_table(write("tags.zip", zipped({"tags": ROWS})), "csv") == (ROWS, "csv")
    with pytest.raises(InputError, match="^notes: unknown file name extension"):
        read_table(write("tags.zip", zipped({"notes": ROWS})))


def test_a_folder_has_no_format(tmp_path):
    with pytest.raises(InputError, match="is a folder, not a file .give the name of a file"):
        format_of(tmp_path)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (zipped({}), "the archive contains 0 files instead of one"),
        (zipped({"a.csv": ROWS, "b.csv": ROWS}), "the archive contains 2 files instead of one"),
        (zipped({"a.csv": ROWS})[:-30], "not a valid .zip file"),
        (zipped({"a.csv": ROWS}).replace(b"cat", b"dog"), "not a valid .zip file"),
        (
            zipped({"a.csv": ROWS}).replace(b"PK\x01\x02\x14\x03\x14\0\0", b"PK\x01\x02\x14\x03\x14\0\1"),
            "not a valid",
        ),
        (ROWS, "not a valid .zip file"),
        (b"", "not a valid .zip file"),
    ],
    ids=["no file", "two files", "truncated", "damaged", "encrypted", "CSV", "empty"],
)
@pytest.mark.parametrize("name", ["t.zip", "t.csv.zip"])
def test_invalid_archives(write, name, content, message):
    with pytest.raises(TableError, match=rf"{name}: {message}"):
        read_table(write(name, content))


CONTENTS = {"/t.csv": ROWS, "/t.csv.gz": gzip.compress(ROWS), "/t.zip": zipped({"t.csv": ROWS}), "/t": ROWS}


class Tables(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        content = CONTENTS.get(self.path.partition("?")[0])
        self.send_response(404 if content is None else 200)
        self.end_headers()
        self.wfile.write(content or b"")

    def log_message(self, *_): ...


def test_tables_at_urls():
    with http_server(Tables) as server:
        root = f"http://127.0.0.1:{server.server_port}"
        for path in ("t.csv", "t.csv.gz?token=a.b", "t.zip", "t?id=3.4", "t.csv#top"):
            assert read_table(f"{root}/{path}") == (ROWS, "csv"), path
        with pytest.raises(RemoteError, match="404 Not Found"):
            read_table(f"{root}/absent.csv")


def test_addresses_are_not_paths(tmp_path):
    assert [is_address(source) for source in ("-", "a.csv", tmp_path, "data:,a", "file:///a.csv")] == [
        *(False, False, False),
        *(True, True),
    ]
    assert name_of("https://me:secret@example.org/a.csv") == "https://***@example.org/a.csv"
    (tmp_path / "t.csv").write_bytes(ROWS)
    assert read_table(f"file://{tmp_path}/t.csv") == (ROWS, "csv")
