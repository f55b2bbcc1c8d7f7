from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imagemood.models import model_directory
from imagemood.prediction.affect import POSITIVE_MOODS, VALENCE_AROUSAL, affect_of

PROBABILITIES = st.lists(st.floats(0.001, 1), min_size=8, max_size=8).map(lambda row: [x / sum(row) for x in row])


def test_each_mood_of_the_built_in_models_is_rated():
    assert set(VALENCE_AROUSAL) == set(model_directory.load().labels) == set(model_directory.load("tags").labels)
    assert set(VALENCE_AROUSAL) > POSITIVE_MOODS


@pytest.mark.parametrize(("mood", "coordinates"), VALENCE_AROUSAL.items())
def test_positive_moods_have_a_positive_valence(mood, coordinates):
    valence, arousal = coordinates
    assert -1 <= arousal <= 1
    assert 0 < valence <= 1 if mood in POSITIVE_MOODS else -1 <= valence < 0


def test_ratings_are_the_published_means_on_a_scale_from_minus_one_to_one():
    assert VALENCE_AROUSAL["excitement"] == pytest.approx(((7.62 - 5) / 4, (6.21 - 5) / 4))
    assert VALENCE_AROUSAL["sadness"] == pytest.approx(((2.40 - 5) / 4, (2.81 - 5) / 4))


def test_calm_moods_have_less_arousal_than_excited_ones():
    assert VALENCE_AROUSAL["contentment"][1] < VALENCE_AROUSAL["excitement"][1]
    assert VALENCE_AROUSAL["sadness"][1] < VALENCE_AROUSAL["fear"][1]


@pytest.mark.parametrize("mood", VALENCE_AROUSAL)
def test_the_affect_of_a_certain_mood_is_its_rating(mood):
    affect = affect_of({name: float(name == mood) for name in VALENCE_AROUSAL})
    assert (affect.valence, affect.arousal) == VALENCE_AROUSAL[mood]
    assert (affect.positive, affect.negative) == ((1, 0) if mood in POSITIVE_MOODS else (0, 1))


def test_the_affect_of_two_moods_is_their_weighted_mean():
    affect = affect_of({"awe": 0.75, "fear": 0.25})
    assert affect.valence == pytest.approx(0.75 * (6.85 - 5) / 4 + 0.25 * (2.93 - 5) / 4)
    assert affect.arousal == pytest.approx(0.75 * (3.83 - 5) / 4 + 0.25 * (6.14 - 5) / 4)
    assert (affect.positive, affect.negative) == (0.75, 0.25)


@given(PROBABILITIES)
def test_affect_lies_within_the_range_of_the_ratings(probabilities):
    moods = dict(zip(VALENCE_AROUSAL, probabilities, strict=True))
    affect = affect_of(moods)
    for axis, value in enumerate((affect.valence, affect.arousal)):
        ratings = [rating[axis] for rating in VALENCE_AROUSAL.values()]
        assert min(ratings) - 1e-9 <= value <= max(ratings) + 1e-9
    assert affect.positive + affect.negative == pytest.approx(1)
    assert affect.positive == pytest.approx(sum(p for mood, p in moods.items() if mood in POSITIVE_MOODS))


@given(PROBABILITIES, st.permutations(list(VALENCE_AROUSAL)))
def test_affect_does_not_depend_on_the_order_of_moods(probabilities, order):
    moods = dict(zip(VALENCE_AROUSAL, probabilities, strict=True))
    expected, affect = affect_of(moods), affect_of({mood: moods[mood] for mood in order})
    assert vars(affect) == pytest.approx(vars(expected))


@pytest.mark.parametrize("moods", [{}, {"nostalgia": 1.0}, {"nostalgia": 0.5, "awe": 0.5}])
def test_unrated_moods_have_no_affect(moods):
    assert affect_of(moods) is None
