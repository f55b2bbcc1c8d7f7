from __future__ import annotations

import numpy as np
import pytest

from imagemood.albums.aspect import Aspect
from imagemood.albums.clustering import cluster
from imagemood.albums.collection import Collection

LABELS = ("awe", "fear", "joy")


def groups(n_groups=4, n_each=15, seed=0):
    """Return a collection of well-separated groups, and the group of each picture."""
    rng = np.random.default_rng(seed)
    group = np.repeat(np.arange(n_groups), n_each)
    rng.shuffle(group)
    centres = rng.normal(size=(n_groups, 40))
    embeddings = (centres[group] + 0.05 * rng.normal(size=(len(group), 40))).astype(np.float32)
    moods = np.eye(3)[group % 3] * 0.8 + 0.2 / 3
    return Collection(LABELS, [f"{i:03d}" for i in range(len(group))], moods, embeddings), group


@pytest.mark.parametrize("n_groups", [2, 4, 7])
def test_the_number_of_albums_is_found(n_groups):
    collection, group = groups(n_groups)
    for by in (Aspect.content, Aspect.both):
        albums = cluster(collection, by)
        assert len(albums) == n_groups
        assert all(len({group[i] for i in album.pictures}) == 1 for album in albums)
        assert sorted(i for album in albums for i in album.pictures) == list(range(len(collection)))


def test_albums_by_mood():
    collection, group = groups(4)
    albums = cluster(collection, Aspect.mood)
    assert sorted(len(album.pictures) for album in albums) == [15, 15, 30]
    for album in albums:
        mood, probability = next(iter(album.moods.items()))
        assert {LABELS[group[i] % 3] for i in album.pictures} == {mood}
        assert probability == pytest.approx(0.8 + 0.2 / 3)


def test_the_representative_is_the_medoid():
    rng = np.random.default_rng(3)
    collection = Collection(LABELS, [f"{i:02d}" for i in range(30)], rng.dirichlet([1] * 3, 30), None)
    points = np.sqrt(collection.probabilities)
    for album in cluster(collection, Aspect.mood, 3):
        squared = ((points[album.pictures][:, None] - points[album.pictures]) ** 2).sum(axis=(1, 2))
        assert squared[0] == pytest.approx(squared.min(), abs=1e-4)


def test_the_same_pictures_have_the_same_albums():
    collection, _ = groups(5, seed=2)
    assert cluster(collection, Aspect.both) == cluster(collection, Aspect.both)
    assert len(cluster(collection, Aspect.both, 3)) == 3


@pytest.mark.parametrize("n", [0, 1, 2, 3, 4, 9])
@pytest.mark.parametrize("n_albums", [None, 1, 5])
def test_few_pictures_and_copies(n, n_albums):
    for seed in (None, 0):
        rng = np.random.default_rng(seed or 0)
        moods = np.full((n, 3), 1 / 3) if seed is None else rng.dirichlet([1] * 3, n)
        embeddings = np.zeros((n, 8), np.float32) if seed is None else rng.normal(size=(n, 8)).astype(np.float32)
        albums = cluster(Collection(LABELS, [f"{i}" for i in range(n)], moods, embeddings), Aspect.both, n_albums)
        assert sorted(i for album in albums for i in album.pictures) == list(range(n))
        assert len(albums) <= max(n_albums or n, 1)
        assert seed == 0 or len(albums) == min(n, 1)
