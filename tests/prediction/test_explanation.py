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
def test_a_drop_is_what_recomputing_without_the_tag_gives(training_set, algorithm):
    classifier = train(training_set, algorithm).classifier()
    tags, embedding = training_set.tags[3], training_set.embedding[3]
    drops = explanation.tag_drops(classifier, tags, embedding)
    assert drops.shape == (30, 3)
    np.testing.assert_allclose(drops.sum(axis=1), 0, atol=1e-6)
    whole = classifier.predict(tags[np.newaxis], embedding[np.newaxis])[0]
    for i in np.argsort(-tags)[:5]:
        without = tags.copy()
        without[i] = 0
        alone = classifier.predict(without[np.newaxis], embedding[np.newaxis])[0]
        np.testing.assert_allclose(drops[i], whole - alone, atol=1e-6)


def test_a_tag_that_is_not_there_carries_nothing():
    classifier = model_directory.load("tags")
    scores = np.zeros(1000, dtype=np.float32)
    scores[980] = 0.5
    drops = explanation.tag_drops(classifier, scores)
    assert np.flatnonzero(drops.any(axis=1)).tolist() == [980]
    # What is left when the only tag goes is an image of which nothing is known: the prior.
    prior = [classifier.metadata.prior[label] for label in classifier.labels]
    np.testing.assert_allclose(classifier.predict(scores[np.newaxis])[0] - drops[980], prior, atol=1e-6)


def test_a_classifier_that_does_not_look_at_tags_is_refused(training_set):
    classifier = train(training_set.select(["embedding"])).classifier()
    with pytest.raises(IncompatibleModelError, match="does not look at tags"):
        explanation.tag_drops(classifier, training_set.tags[0], training_set.embedding[0])


def test_what_carried_the_cat(cascade, cat):
    explained = cascade.explain(cat)
    assert explained.mood == cat.mood
    assert set(list(explained.tags)[:5]) & {"Egyptian cat", "tabby, tabby cat", "tiger cat"}
    assert list(explained.tags.values()) == sorted(explained.tags.values(), reverse=True)
    assert explained.region is not None
    assert explained.region.shape == (7, 7)


def test_another_mood_can_be_explained(cascade, cat):
    assert cascade.explain(cat, "fear").mood == "fear"
    with pytest.raises(InputError, match=r"no mood 'joy' \(one of amusement, anger"):
        cascade.explain(cat, "joy")


def test_a_failure_has_no_explanation(cascade):
    with pytest.raises(ImageError, match="is empty"):
        cascade.explain(Result("a.jpg", error=ImageError("is empty", where="a.jpg")))


def test_the_mean_of_a_map_is_the_networks_logit(cascade, sample_photos):
    tagger = cascade.tagger
    pictures = np.stack([tagger.read((sample_photos / name).read_bytes()) for name in PHOTOS])
    answers = tagger.network.run(image=pictures)
    assert answers["mood_maps"].shape == (len(PHOTOS), 8, 7, 7)
    np.testing.assert_allclose(answers["mood_maps"].mean(axis=(2, 3)), answers["moods"], atol=1e-4)


def test_maps_point_at_the_half_that_has_the_mood(cascade, sample_photos):
    """Halves of two photos side by side: the map of each photo's own mood should be stronger on its half."""
    tagger = cascade.tagger
    photos = [tagger.read((sample_photos / name).read_bytes()) for name in PHOTOS]
    photos += [np.asarray(PIL.Image.fromarray(p).resize((224, 224))) for p in load_sample_images().images]
    moods = [cascade.classify(photo).mood for photo in photos]
    right = []
    for a, b in itertools.permutations(range(len(photos)), 2):
        if moods[a] == moods[b]:
            continue
        composite = np.concatenate([photos[a][:, :112], photos[b][:, 112:]], axis=1)
        result = cascade.classify(composite)
        for mood, own, other in ((moods[a], np.s_[:, :3], np.s_[:, 4:]), (moods[b], np.s_[:, 4:], np.s_[:, :3])):
            region = cascade.explain(result, mood).region
            right.append(region[own].mean() > region[other].mean())
    assert len(right) > 40
    assert np.mean(right) > 0.7


def test_log_odds_weigh_a_mood_against_all_others():
    maps = np.log(np.array([0.5, 0.25, 0.25], dtype=np.float32))[:, np.newaxis, np.newaxis]
    np.testing.assert_allclose(explanation.log_odds(maps, 0), 0, atol=1e-6)
    np.testing.assert_allclose(explanation.log_odds(maps, 1), np.log(1 / 3), atol=1e-6)
    np.testing.assert_allclose(explanation.log_odds(maps + 1000, 1), np.log(1 / 3), atol=1e-3)
