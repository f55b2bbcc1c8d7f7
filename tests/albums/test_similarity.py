from __future__ import annotations

import numpy as np
import pytest

from imagemood.albums.aspect import Aspect
from imagemood.albums.collection import Collection
from imagemood.albums.similarity import most_similar, similarities
from imagemood.errors import InputError

LABELS = ("awe", "fear", "joy")


def collection(n, seed=0, prefix="picture"):
    rng = np.random.default_rng(seed)
    names = [f"{prefix}-{i:04d}" for i in range(n)]
    embeddings = rng.normal(size=(n, 16)).astype(np.float32)
    return Collection(LABELS, names, rng.dirichlet([0.5] * 3, n), embeddings)


def parts_of(whole, size):
    for i in range(0, len(whole), size):
        part = slice(i, i + size)
        yield Collection(LABELS, whole.images[part], whole.probabilities[part], whole.embeddings[part])


@pytest.mark.parametrize("by", list(Aspect))
@pytest.mark.parametrize("size", [1, 7, 1000])
def test_the_parts_do_not_matter(by, size):
    whole, query = collection(200), collection(1, seed=1, prefix="query")
    values = similarities(whole, query, by)
    order = sorted(range(200), key=lambda i: (-values[i], whole.images[i]))[:12]
    found = most_similar(parts_of(whole, size), query, by, 12)
    assert [neighbour.image for neighbour in found] == [whole.images[i] for i in order]
    assert [neighbour.similarity for neighbour in found] == values[order].tolist()
    assert found[0].moods == whole.moods(order[0])


@pytest.mark.parametrize("by", list(Aspect))
def test_a_copy_is_first_and_the_picture_itself_is_left_out(by):
    whole = collection(50)
    query = next(parts_of(whole, 1))
    copy = Collection(LABELS, ["copy"], query.probabilities, query.embeddings)
    found = most_similar([whole, copy], query, by, 60)
    assert found[0].image == "copy"
    assert found[0].similarity == pytest.approx(1, abs=1e-5)
    assert len(found) == 50
    assert query.images[0] not in [neighbour.image for neighbour in found]


def test_equal_pictures_are_in_the_order_of_their_names():
    one = collection(1)
    names = ["c", "a", "d", "b"]
    same = Collection(LABELS, names, one.probabilities.repeat(4, 0), one.embeddings.repeat(4, 0))
    for size in (1, 2, 4):
        found = most_similar(parts_of(same, size), one, Aspect.both, 2)
        assert [neighbour.image for neighbour in found] == ["a", "b"]


def test_known_similarities():
    query = Collection(LABELS, ["q"], np.array([[1.0, 0, 0]]), np.array([[1, 0]], np.float32))
    probabilities = np.array([[1.0, 0, 0], [0, 1, 0], [0.25, 0.75, 0]])
    part = Collection(LABELS, list("abc"), probabilities, np.array([[0, 2], [3, 0], [0, 0]], np.float32))
    assert similarities(part, query, Aspect.mood).tolist() == [1, 0, 0.5]
    assert similarities(part, query, Aspect.content).tolist() == [0, 1, 0]
    assert similarities(part, query, Aspect.both).tolist() == [0.5, 0.5, 0.25]


def test_without_embeddings_only_moods_can_be_compared():
    part = Collection(LABELS, ["a"], np.ones((1, 3)) / 3, None)
    assert most_similar([part], collection(1), Aspect.mood, 1)
    with pytest.raises(InputError, match="the tagger computes no embeddings"):
        most_similar([part], collection(1), Aspect.content, 1)
    assert most_similar([], collection(1), Aspect.both, 1) == []
