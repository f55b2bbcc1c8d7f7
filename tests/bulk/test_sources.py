from __future__ import annotations

import glob
import http.server
import threading
from functools import partial

import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from imagemood.errors import InputError
from imagemood.pictures import table_columns
from imagemood.pictures.collections import find, matches
from imagemood.pictures.picture import Picture
from imagemood.pictures.prefetching import open_picture
from imagemood.pictures.sources import find_pictures


def test_a_folder_gives_what_classify_takes_from_it(photos):
    names = list(find(str(photos)).names)
    assert sorted(names) == [picture.name for picture in find_pictures([photos])]
    assert len(names) == 25
    assert names == list(find(str(photos)).names)


@pytest.mark.parametrize("pattern", ["*/*.jpg", "**/*.jpg", "a/00[1-3].*", "b*/**/0?0.jpg", "**/ü/*", "[ab]*"])
def test_a_glob_gives_what_classify_takes_of_it(photos, pattern, monkeypatch):
    monkeypatch.chdir(photos)
    for wanted in (pattern, f"{photos}/{pattern}"):
        assert sorted(find(wanted).names) == sorted({picture.name for picture in find_pictures([wanted])})


letters = st.sampled_from("ab")
words = st.text(letters, min_size=1, max_size=2)
patterns = st.lists(st.sampled_from(["*", "**", "a*", "?", "[ab]b", "ab"]), min_size=1, max_size=4)


@pytest.fixture(scope="module")
def tree(tmp_path_factory):
    """All paths of one to three names from a, b, ab, bb, where the last one is a file."""
    root = tmp_path_factory.mktemp("tree")
    names = ["a", "b", "ab", "bb"]
    for one in names:
        for two in names:
            (root / "d" / one / two).mkdir(parents=True)
            for three in names:
                (root / "d" / one / two / f"{three}x").touch()
    return root


@given(pattern=patterns)
def test_patterns_mean_what_they_mean_to_glob(tree, pattern):
    pattern = [*pattern, "*x"]
    expected = glob.glob("/".join(pattern), root_dir=tree / "d", recursive=True)  # noqa: PTH207 (what is to be equalled)
    paths = [path.relative_to(tree / "d") for path in (tree / "d").rglob("*x")]
    assert {str(path) for path in paths if matches(list(path.parts), pattern)} == set(expected)


def test_one_picture_is_a_source_too(photos):
    assert list(find(str(photos / "a" / "000.jpg")).names) == [str(photos / "a" / "000.jpg")]


@pytest.mark.parametrize(
    ("source", "column", "message"),
    [
        ("absent", None, "No such file"),
        ("*.nothing", None, "matches no file"),
        ("empty", None, "contains no pictures"),
        ("list.csv", None, "is a table .*--column"),
        ("list.csv", "place", "has no column 'place' .it has path, n"),
        ("photo.jpg", "path", "is no table"),
        ("absent.csv", "path", "No such file"),
        ("broken.parquet", "path", "cannot be read"),
        ("numbers.parquet", "n", "holds int64, neither paths nor picture files"),
        ("none.csv", "path", "without rows"),
        ("https://example.org/photos/", None, "do not list their files"),
    ],
)
def test_what_is_no_source_is_named(tmp_path, monkeypatch, source, column, message):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "empty").mkdir()
    (tmp_path / "photo.jpg").touch()
    (tmp_path / "list.csv").write_text("path,n\na.jpg,1\n")
    (tmp_path / "none.csv").write_text("path\n")
    (tmp_path / "broken.parquet").write_bytes(b"PAR1 nonsense PAR1")
    pq.write_table(pa.table({"n": [1]}), tmp_path / "numbers.parquet")
    with pytest.raises(InputError, match=message):
        list(find(source, column).names)


PATHS = ["a.jpg", "größe, 1.png", "https://example.org/c.jpg", "007"]


@pytest.mark.parametrize("name", ["list.csv", "list.csv.gz", "list.jsonl", "list.parquet"])
def test_tables_of_paths(tmp_path, name):
    table = pa.table({"n": [1, 2, 3, 4], "path": PATHS})
    if name.endswith("parquet"):
        pq.write_table(table, tmp_path / name)
    elif "csv" in name:
        with pa.output_stream(tmp_path / name) as stream:
            pa.csv.write_csv(table, stream)
    else:
        (tmp_path / name).write_text("".join(f'{{"n": 1, "path": "{path}"}}\n' for path in PATHS), "utf-8")
    found = find(str(tmp_path / name), "path")
    assert not found.holds_files
    assert list(found.names) == PATHS


def test_names_that_look_like_numbers_and_a_table_of_which_a_file_is_gone(tmp_path):
    (tmp_path / "list.csv").write_text("path\n007\n1e3\n")
    assert list(find(str(tmp_path / "list.csv"), "path").names) == ["007", "1e3"]
    with pytest.raises(InputError, match="^[^:]*gone.parquet: No such file or directory$"):
        list(table_columns.rows_of([str(tmp_path / "gone.parquet")]))


def test_a_row_without_path_keeps_its_place(tmp_path):
    pq.write_table(pa.table({"path": ["a.jpg", None]}), tmp_path / "list.parquet")
    assert list(find(str(tmp_path / "list.parquet"), "path").names) == ["a.jpg", ""]
    with pytest.raises(InputError, match="has no path"):
        Picture.from_address("").read()


@pytest.mark.parametrize(
    "kind", [pa.binary(), pa.large_binary(), pa.struct([("bytes", pa.binary()), ("path", pa.string())])]
)
@pytest.mark.parametrize("n_group", [1, 7, 1000])
def test_tables_of_picture_files(tmp_path, kind, n_group):
    contents = [bytes([i]) * i for i in range(40)]
    values = [{"bytes": c, "path": "x"} for c in contents] if pa.types.is_struct(kind) else contents
    table = pa.table({"image": pa.array(values, kind), "n": range(40)})
    folder = tmp_path / "table"
    folder.mkdir()
    for i in (0, 1):
        pq.write_table(table.slice(20 * i, 20), folder / f"{i}.parquet", row_group_size=n_group)
    for source in (str(folder), f"{folder}/*.parquet"):
        found = find(source, "image")
        assert found.holds_files
        names = list(found.names)
        assert names[20] == f"{folder}/1.parquet#0"
        assert list(table_columns.contents(names, "image")) == contents
        assert list(table_columns.contents(names[15:33], "image")) == contents[15:33]
        assert open_picture(names[37], folder="", column="image").read() == contents[37]
    with pytest.raises(InputError, match="has no row 20"):
        list(table_columns.contents([f"{folder}/0.parquet#20"], "image"))


def test_a_table_on_a_web_server(tmp_path):
    pq.write_table(pa.table({"path": PATHS}), tmp_path / "list.parquet")

    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *_):
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(tmp_path))) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        address = f"http://127.0.0.1:{server.server_port}/list.parquet"
        assert list(find(address, "path").names) == PATHS
        server.shutdown()
        thread.join()
