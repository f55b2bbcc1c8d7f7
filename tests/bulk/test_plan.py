from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imagemood.bulk.plan import MAX_ROWS, cut


@given(names=st.lists(st.text(), max_size=60), n_rows=st.none() | st.integers(1, 20), key=st.text())
def test_nothing_is_lost_doubled_or_moved(names, n_rows, key):
    chunks = list(cut(iter(names), key, n_rows))
    assert list(itertools.chain.from_iterable(chunk.names for chunk in chunks)) == names
    assert [chunk.n for chunk in chunks] == [len(chunk.names) for chunk in chunks]
    assert sorted({chunk.part for chunk in chunks}) == [chunk.part for chunk in chunks]
    assert chunks == list(cut(iter(names), key, n_rows))


@pytest.mark.parametrize(
    ("n", "size"), [(1, 1), (300, 16), (1024, 16), (1025, 32), (5000, 128), (40_000, MAX_ROWS)]
)
def test_files_grow_with_the_number_of_pictures(n, size):
    chunks = list(cut((str(i) for i in range(n)), ""))
    assert max(chunk.n for chunk in chunks) == size


def test_a_name_tells_pictures_and_key():
    names = [f"{i}.jpg" for i in range(30)]
    before = [chunk.part for chunk in cut(iter(names), "model", 10)]
    other_key = [chunk.part for chunk in cut(iter(names), "another", 10)]
    changed = [chunk.part for chunk in cut(iter([*names[:15], "new.jpg", *names[16:]]), "model", 10)]
    assert not set(before) & set(other_key)
    assert [one == other for one, other in zip(before, changed, strict=True)] == [True, False, True]


def test_plans_are_small():
    chunks = list(cut((f"photos/2026-07/{i // 1000:04d}/IMG_{i:08d}.jpg" for i in range(100_000)), ""))
    assert sum(len(chunk.packed) for chunk in chunks) < 10 * 100_000
