"""Hypothesis strategies of tag rows."""

from __future__ import annotations

from hypothesis import strategies as st

from imagemood.tables.tag_set import TagSet

TEXT = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=12)
NUMBERS = st.integers(-(2**63), 2**63 - 1)
# A column of integers is read as numbers, so no name may look like one.
NAMES = TEXT.map(lambda name: f"{name}.jpg")


def tag_sets(images):
    """Return a strategy of tag sets whose images come from another strategy."""
    row = st.tuples(images, TEXT, st.floats(0, 1))
    return st.lists(row, min_size=1, max_size=20).map(lambda rows: TagSet.from_rows(*zip(*rows, strict=True)))
