from __future__ import annotations

import numpy as np

from imagemood.models.tagger_output import TaggerOutput


def output(scores, embedding=None, maps=None):
    arrays = (None if a is None else np.array(a, dtype=np.float32) for a in (scores, embedding, maps))
    return TaggerOutput(*arrays)


def test_average_is_the_mean_with_the_maps_mirrored_back():
    straight = output([[0.25, 0.75]], [[1, 2]], [[[[1, 2, 3]]]])
    mirrored = output([[0.75, 0.25]], [[3, 6]], [[[[30, 20, 10]]]])
    averaged = straight.averaged(mirrored)
    np.testing.assert_array_equal(averaged.scores, [[0.5, 0.5]])
    np.testing.assert_array_equal(averaged.embedding, [[2, 4]])
    np.testing.assert_array_equal(averaged.mood_maps, [[[[5.5, 11, 16.5]]]])
    assert averaged.scores.dtype == averaged.embedding.dtype == averaged.mood_maps.dtype == np.float32


def test_average_without_embedding_and_maps():
    averaged = output([[1, 0]]).averaged(output([[0, 1]]))
    np.testing.assert_array_equal(averaged.scores, [[0.5, 0.5]])
    assert averaged.embedding is None
    assert averaged.mood_maps is None


def test_outputs_are_not_changed():
    straight, mirrored = output([[1, 0]], [[1]], [[[[1, 2]]]]), output([[0, 1]], [[3]], [[[[5, 6]]]])
    straight.averaged(mirrored)
    np.testing.assert_array_equal(straight.mood_maps, [[[[1, 2]]]])
    np.testing.assert_array_equal(mirrored.mood_maps, [[[[5, 6]]]])
