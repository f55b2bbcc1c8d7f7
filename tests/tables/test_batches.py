from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from imagemood import tables
from imagemood.errors import InputError, TableError
from imagemood.tables.batches import batches_to_matrix
from imagemood.tables.tag_set import TagSet


@pytest.fixture
def small_parts(monkeypatch):
    monkeypatch.setattr("imagemood.tables.arrow_csv._BLOCK_BYTES", 200)
    monkeypatch.setattr("imagemood.tables.formats.parquet._ROWS_PER_BATCH", 7)


@pytest.mark.parametrize(
    ("extension", "in_parts"),
    [
        ("csv", True),
        ("csv.gz", True),
        ("csv.bz2", True),
        ("csv.zst", True),
        ("csv.xz", False),
        ("jsonl", False),
        ("parquet", True),
        ("parquet.gz", False),
        ("pb", False),
    ],
)
def test_parts_have_the_rows_of_the_whole(tmp_path, small_parts, extension, in_parts):
    rows = [(i // 3, f'tag "{i % 5}", x', (i % 4) / 4) for i in range(90)]
    tables.write(TagSet.from_rows(*zip(*rows, strict=True)), tmp_path / f"tags.{extension}")
    parts = list(tables.read_batches(tmp_path / f"tags.{extension}"))
    assert (len(parts) > 5) if in_parts else (len(parts) == 1)
    together = [(int(row["image"]), row["tag"], row["score"]) for part in parts for row in part.table.to_pylist()]
    assert together == rows


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("tags.csv", b"", "no rows"),
        ("tags.csv", b"image,tag,score\n", "no rows"),
        ("tags.csv", b"image,tag\n1,cat\n", "missing column 'score'"),
        ("tags.csv.gz", b"no gzip", r"not a valid \.gz file|cannot be read"),
        ("tags.parquet", b"no parquet", "not a valid Parquet file"),
        ("tags.jsonl", b"[]\n", "row 1: expected an object, got a list"),
        ("tags.jsonl", b"", "no rows"),
    ],
)
def test_invalid_files(write, name, content, message):
    with pytest.raises(TableError, match=f"{name}.*{message}"):
        list(tables.read_batches(write(name, content)))


@pytest.mark.parametrize("name", ["tags.csv", "tags.csv.gz", "tags.parquet", "tags.pb"])
def test_missing_file(tmp_path, name):
    with pytest.raises(TableError, match=f"{name}: cannot be read: .*No such file"):
        list(tables.read_batches(tmp_path / name))


def test_unknown_extension():
    with pytest.raises(InputError, match="unknown file name extension"):
        list(tables.read_batches("tags.doc"))


NAMES = st.sampled_from(["cat", "dog", "crane", "lakeside, lakeshore", "Ätna", "日本"])
ROWS = st.lists(st.tuples(st.integers(-3, 5), NAMES, st.floats(0, 1)), min_size=1, max_size=60)


@given(ROWS, st.integers(1, 60))
def test_matrix_of_parts_is_the_matrix_of_the_whole(rows, part_size):
    whole = TagSet.from_rows(*zip(*rows, strict=True))
    parts = (
        TagSet.from_rows(*zip(*rows[start : start + part_size], strict=True))
        for start in range(0, len(rows), part_size)
    )
    matrix, vocabulary = batches_to_matrix(parts)
    assert vocabulary == tuple(sorted(whole.vocabulary))
    assert matrix.images == whole.images
    assert (matrix.n_unknown_rows, matrix.unknown_tags) == (0, ())
    np.testing.assert_allclose(matrix.values, whole.to_matrix(vocabulary).values, rtol=1e-6)


def test_names_that_are_all_integers_become_integers():
    parts = [TagSet.from_rows(["7"], ["a"], [1.0]), TagSet.from_rows(["41"], ["a"], [1.0])]
    assert batches_to_matrix(parts)[0].images == [7, 41]
    assert batches_to_matrix([*parts, TagSet.from_rows(["041"], ["a"], [1.0])])[0].images == ["7", "41", "041"]


def test_matrix_that_does_not_fit_into_memory_is_refused_before_it_is_built(monkeypatch):
    monkeypatch.setattr("imagemood.tables.memory.available_bytes", lambda: 10)
    with pytest.raises(InputError, match="training on 1 pictures × 2 columns needs"):
        batches_to_matrix([TagSet.from_rows([0, 0], ["a", "b"], [0.5, 0.5])])
