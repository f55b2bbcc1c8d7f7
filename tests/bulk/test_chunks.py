from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imagemood.bulk.chunks import MAX_ROWS, split_into_chunks


@given(names=st.lists(st.text(), max_size=60), n_rows=st.none() | st.integers(1, 20), key=st.text())
def test_each_picture_is_in_one_chunk_in_order(names, n_rows, key):
    chunks = list(split_into_chunks(iter(names), key, n_rows))
    assert list(itertools.chain.from_iterable(chunk.names for chunk in chunks)) == names
    assert [chunk.n_pictures for chunk in chunks] == [len(chunk.names) for chunk in chunks]
    assert sorted({chunk.file_name for chunk in chunks}) == [chunk.file_name for chunk in chunks]
    assert chunks == list(split_into_chunks(iter(names), key, n_rows))


@pytest.mark.parametrize(
    ("n", "size"), [(1, 1), (300, 16), (1024, 16), (1025, 32), (5000, 128), (40_000, MAX_ROWS)]
)
def test_files_grow_with_the_number_of_pictures(n, size):
    chunks = list(split_into_chunks((str(i) for i in range(n)), ""))
    assert max(chunk.n_pictures for chunk in chunks) == size


def test_a_file_name_depends_on_the_pictures_and_the_key():
    names = [f"{i}.jpg" for i in range(30)]
    before = [chunk.file_name for chunk in split_into_chunks(iter(names), "model", 10)]
    other_key = [chunk.file_name for chunk in split_into_chunks(iter(names), "another", 10)]
    changed = [
        chunk.file_name for chunk in split_into_chunks(iter([*names[:15], "new.jpg", *names[16:]]), "model", 10)
    ]
    assert not set(before) & set(other_key)
    assert [one == other for one, other in zip(before, changed, strict=True)] == [True, False, True]


def test_chunks_need_little_memory():
    chunks = list(
        split_into_chunks((f"photos/2026-07/{i // 1000:04d}/IMG_{i:08d}.jpg" for i in range(100_000)), "")
    )
    assert sum(len(chunk.packed_entries) for chunk in chunks) < 10 * 100_000
