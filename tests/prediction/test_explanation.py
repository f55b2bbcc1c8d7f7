from __future__ import annotations

import itertools

import numpy as np
import PIL.Image
import pytest
from sklearn.datasets import load_sample_images

from imagemood.errors import ImageError, IncompatibleModelError, InputError
from imagemood.learning import train
from imagemood.models import model_directory
from imagemood.prediction import explanation
from imagemood.prediction.cascade import Cascade
from imagemood.prediction.result import Result

PHOTOS = (
    "astronaut.png",
    "brick.png",
    "chelsea.png",
    "coffee.png",
    "coins.png",
    "hubble_deep_field.jpg",
    "moon.png",
)


@pytest.fixture(scope="module")
def cascade() -> Cascade:
    return Cascade.load()


@pytest.fixture(scope="module")
def cat(cascade, sample_photos) -> Result:
    return cascade.classify(sample_photos / "chelsea.png")


@pytest.mark.parametrize("algorithm", ["logistic", "rf"])
def test_a_drop_equals_the_change_when_the_tag_is_removed(training_set, algorithm):
    classifier = train(training_set, algorithm).classifier()
    tags, embedding = training_set.tags[3], training_set.embedding[3]
    drops = explanation.compute_tag_drops(classifier, tags, embedding)
    assert drops.shape == (30, 3)
    np.testing.assert_allclose(drops.sum(axis=1), 0, atol=1e-6)
    full = classifier.predict(tags[np.newaxis], embedding[np.newaxis])[0]
    for i in np.argsort(-tags)[:5]:
        without = tags.copy()
        without[i] = 0
        removed = classifier.predict(without[np.newaxis], embedding[np.newaxis])[0]
        np.testing.assert_allclose(drops[i], full - removed, atol=1e-6)


def test_absent_tags_have_no_drop():
    classifier = model_directory.load("tags")
    scores = np.zeros(1000, dtype=np.float32)
    scores[980] = 0.5
    drops = explanation.compute_tag_drops(classifier, scores)
    assert np.flatnonzero(drops.any(axis=1)).tolist() == [980]
    # Without its only tag the picture has no known tag, so the classifier predicts the prior.
    prior = [classifier.metadata.prior[label] for label in classifier.labels]
    np.testing.assert_allclose(classifier.predict(scores[np.newaxis])[0] - drops[980], prior, atol=1e-6)


def test_a_classifier_without_tags_has_no_tag_drops(training_set):
    classifier = train(training_set.select(["embedding"])).classifier()
    with pytest.raises(IncompatibleModelError, match="does not use tags"):
        explanation.compute_tag_drops(classifier, training_set.tags[0], training_set.embedding[0])


def test_the_photo_of_a_cat_is_explained_by_cats(cascade, cat):
    explained = cascade.explain(cat)
    assert explained.mood == cat.mood
    assert set(list(explained.tag_drops)[:5]) & {"Egyptian cat", "tabby, tabby cat", "tiger cat"}
    assert list(explained.tag_drops.values()) == sorted(explained.tag_drops.values(), reverse=True)
    assert explained.heat_map is not None
    assert explained.heat_map.shape == (7, 7)


def test_another_mood_can_be_explained(cascade, cat):
    assert cascade.explain(cat, "fear").mood == "fear"
    with pytest.raises(InputError, match=r"unknown mood 'joy' \(use one of amusement, anger"):
        cascade.explain(cat, "joy")


def test_explaining_a_failed_result_raises_its_error(cascade):
    with pytest.raises(ImageError, match="empty file"):
        cascade.explain(Result("a.jpg", error=ImageError("empty file", where="a.jpg")))
    for call in (cascade.explain, lambda value: cascade.classify_without_tags(value, ["cat"])):
        with pytest.raises(InputError, match="the argument is a value of type str, not a Result"):
            call("photo.jpg")


def test_the_mean_of_each_mood_map_is_the_logit_of_the_network(cascade, sample_photos):
    tagger = cascade.tagger
    pictures = np.stack([tagger.decode((sample_photos / name).read_bytes()) for name in PHOTOS])
    answers = tagger.network.run(image=pictures)
    assert answers["mood_maps"].shape == (len(PHOTOS), 8, 7, 7)
    np.testing.assert_allclose(answers["mood_maps"].mean(axis=(2, 3)), answers["moods"], atol=1e-4)


def test_heat_maps_highlight_the_half_that_evokes_the_mood(cascade, sample_photos):
    """Join halves of two photos: the heat map of each photo's mood should be higher on its own half."""
    tagger = cascade.tagger
    photos = [tagger.decode((sample_photos / name).read_bytes()) for name in PHOTOS]
    photos += [np.asarray(PIL.Image.fromarray(p).resize((224, 224))) for p in load_sample_images().images]
    moods = [cascade.classify(photo).mood for photo in photos]
    correct = []
    for a, b in itertools.permutations(range(len(photos)), 2):
        if moods[a] == moods[b]:
            continue
        composite = np.concatenate([photos[a][:, :112], photos[b][:, 112:]], axis=1)
        result = cascade.classify(composite)
        for mood, own, other in ((moods[a], np.s_[:, :3], np.s_[:, 4:]), (moods[b], np.s_[:, 4:], np.s_[:, :3])):
            heat_map = cascade.explain(result, mood).heat_map
            correct.append(heat_map[own].mean() > heat_map[other].mean())
    assert len(correct) > 40
    assert np.mean(correct) > 0.7
