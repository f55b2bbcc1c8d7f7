from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imagemood.models import model_directory
from imagemood.prediction.affect import PLACES, POSITIVE, affect_of

SHARES = st.lists(st.floats(0.001, 1), min_size=8, max_size=8).map(lambda row: [x / sum(row) for x in row])


def test_each_mood_of_the_built_in_models_has_its_place():
    assert set(PLACES) == set(model_directory.load().labels) == set(model_directory.load("tags").labels)
    assert set(PLACES) > POSITIVE
    for mood, (valence, arousal) in PLACES.items():
        assert -1 <= arousal <= 1
        assert 0 < valence <= 1 if mood in POSITIVE else -1 <= valence < 0


def test_what_is_known_of_moods():
    assert PLACES["contentment"][1] < PLACES["excitement"][1]
    assert PLACES["sadness"][1] < PLACES["fear"][1]


def test_one_mood_stands_at_its_own_place():
    affect = affect_of({mood: float(mood == "anger") for mood in PLACES})
    assert (affect.valence, affect.arousal) == PLACES["anger"]
    assert (affect.positive, affect.negative) == (0, 1)


@given(SHARES)
def test_what_is_expected_lies_between_the_moods(shares):
    affect = affect_of(dict(zip(PLACES, shares, strict=True)))
    for axis, value in enumerate((affect.valence, affect.arousal)):
        places = [place[axis] for place in PLACES.values()]
        assert min(places) - 1e-9 <= value <= max(places) + 1e-9
    assert affect.positive + affect.negative == pytest.approx(1)
    assert affect.positive == pytest.approx(sum(s for m, s in zip(PLACES, shares, strict=True) if m in POSITIVE))


def test_other_moods_have_no_place():
    assert affect_of({"nostalgia": 0.5, "awe": 0.5}) is None
    assert affect_of({}) is None
