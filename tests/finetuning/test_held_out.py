from __future__ import annotations

import hashlib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from imagemood.finetuning.held_out import hold_out

CONTENTS = st.lists(st.tuples(st.integers(0, 30), st.integers(0, 3)), min_size=1, max_size=80)


def hashes(contents):
    return [hashlib.sha256(bytes([content])).hexdigest() for content in contents]


@given(CONTENTS, st.floats(0.01, 0.5))
def test_identical_photos_are_in_the_same_part_and_moods_are_in_both_if_possible(photos, fraction):
    values, moods = hashes(content for content, _ in photos), np.array([mood for _, mood in photos])
    chosen = hold_out(values, moods, fraction)
    assert not {v for v, held in zip(values, chosen, strict=True) if held} & {
        v for v, held in zip(values, chosen, strict=True) if not held
    }
    for mood in np.unique(moods):
        if len({v for v, m in zip(values, moods, strict=True) if m == mood}) > 1:
            assert chosen[moods == mood].any()


@pytest.mark.parametrize(("fraction", "expected"), [(0.2, 40), (0.5, 100), (0.001, 1)])
def test_the_fraction_is_that_of_each_mood(fraction, expected):
    values = [hashlib.sha256(f"{i}".encode()).hexdigest() for i in range(400)]
    chosen = hold_out(values, np.arange(400) % 2, fraction)
    assert chosen[::2].sum() == chosen[1::2].sum() == expected


def test_nothing_is_held_out_with_a_fraction_of_zero():
    assert not hold_out(hashes(range(10)), np.arange(10) % 2, 0).any()


def test_most_photos_stay_in_their_part_if_others_are_added():
    values, moods = hashes(range(200)), np.zeros(200, dtype=np.intp)
    before, after = hold_out(values[:150], moods[:150], 0.2), hold_out(values, moods, 0.2)
    assert (before == after[:150]).mean() > 0.95
