from __future__ import annotations

import dataclasses
import io

import numpy as np
import PIL.Image
import pytest

import imagemood
from imagemood import visual
from imagemood.errors import ImageError, IncompatibleModelError, InputError
from imagemood.learning import TrainingSet, train
from imagemood.models.tagger import Tagger
from imagemood.models.tagger_card import TaggerCard
from imagemood.pictures.sources import find_pictures
from imagemood.prediction.cascade import Cascade


@pytest.fixture(scope="module")
def cascade() -> Cascade:
    return Cascade.load(n_workers=2)


def test_classify_in_one_line(sample_photos):
    result = imagemood.classify(sample_photos / "chelsea.png")
    assert result.error is None
    assert sum(result.moods.values()) == pytest.approx(1, abs=1e-6)
    assert list(result.moods.values()) == sorted(result.moods.values(), reverse=True)
    assert result.mood == next(iter(result.moods))
    assert next(iter(result.tags)) in {"Egyptian cat", "tabby, tabby cat", "tiger cat"}
    assert len(result.tags) == 1000


def test_every_kind_of_picture_gives_the_same_answer(cascade, sample_photos):
    path = sample_photos / "rocket.jpg"
    with PIL.Image.open(path) as picture:
        pixels = np.asarray(picture.convert("RGB"))
        opened = cascade.classify(picture)
    answers = [cascade.classify(kind).moods for kind in (str(path), path, path.read_bytes())]
    assert answers[0] == answers[1] == answers[2]
    from_pixels = cascade.classify(pixels)
    assert from_pixels.moods == pytest.approx(opened.moods, abs=1e-6)
    # A file is decoded at reduced scale, which may differ a little.
    assert from_pixels.moods == pytest.approx(answers[0], abs=0.05)


def test_many_are_like_each_alone_and_in_order(cascade, sample_photos):
    paths = sorted(sample_photos.glob("*.png"))[:11]
    many = list(cascade.classify_many(paths))
    assert [result.image for result in many] == [str(path) for path in paths]
    for path, result in zip(paths, many, strict=True):
        assert result.moods == pytest.approx(cascade.classify(path).moods, abs=1e-5)


def test_the_order_of_input_is_the_order_of_output(cascade, sample_photos):
    paths = sorted(sample_photos.glob("*.png"))[:9]
    forward = {result.image: result.moods for result in cascade.classify_many(paths)}
    backward = {result.image: result.moods for result in cascade.classify_many(paths[::-1])}
    assert list(backward) == list(forward)[::-1]
    for name, moods in forward.items():
        assert backward[name] == pytest.approx(moods, abs=1e-6)


def test_one_bad_picture_is_a_row_with_a_status(cascade, sample_photos, tmp_path):
    bad = tmp_path / "bad.jpg"
    bad.write_bytes(b"this is no picture")
    good = sample_photos / "coffee.png"
    results = list(cascade.classify_many([good, bad, good, tmp_path / "absent.jpg"]))
    assert [result.error is None for result in results] == [True, False, True, False]
    assert isinstance(results[1].error, ImageError)
    assert str(bad) in str(results[1].error)
    assert isinstance(results[3].error, InputError)
    assert results[1].moods == {}
    assert results[1].mood is None
    with pytest.raises(ImageError, match=r"bad\.jpg"):
        cascade.classify(bad)


def test_a_folder_and_an_iterator(cascade, sample_photos, tmp_path):
    for i in range(3):
        (tmp_path / f"{i}.png").write_bytes((sample_photos / "chelsea.png").read_bytes())
    from_folder = list(cascade.classify_many(tmp_path))
    from_iterator = list(cascade.classify_many(path for path in sorted(tmp_path.iterdir())))
    assert len(from_folder) == 3
    for one, other in zip(from_folder, from_iterator, strict=True):
        assert one.moods == pytest.approx(other.moods, abs=1e-6)
    with pytest.raises(InputError, match="matches 3 pictures"):
        cascade.classify(tmp_path)


def test_no_pictures_no_results(cascade):
    assert list(cascade.classify_many([])) == []


def test_an_endless_stream_is_taken_up_a_few_at_a_time(cascade, sample_photos):
    taken = 0

    def endless():
        nonlocal taken
        data = (sample_photos / "chelsea.png").read_bytes()
        while True:
            taken += 1
            yield data

    stream = cascade.classify_many(endless())
    next(stream)
    stream.close()
    assert taken < 100


def test_tags_alone(cascade, sample_photos):
    (result,) = cascade.tag_many([sample_photos / "coffee.png"])
    assert result.moods == {}
    assert "espresso" in list(result.tags)[:3]


def test_pictures_keep_their_names(cascade, sample_photos):
    found = find_pictures([sample_photos / "coffee.png"])
    assert [result.image for result in cascade.classify_many(found)] == [found[0].name]


def test_tags_of_another_tagger_are_matched_by_name(cascade, sample_photos):
    """A tagger with the same tags in another order leads to the same moods."""
    tags_only = Cascade.load("tags")
    shuffled = np.random.default_rng(0).permutation(1000)
    labels = tags_only.tagger.labels

    class Shuffled(Tagger):
        def predict(self, pictures):
            tagging = super().predict(pictures)
            return type(tagging)(tagging.scores[:, shuffled], tagging.embedding)

    card = tags_only.tagger.card
    other = Shuffled(tags_only.tagger.network, card)
    other.labels = tuple(labels[i] for i in shuffled)
    photo = sample_photos / "chelsea.png"
    reordered = Cascade(other, tags_only.moods, n_workers=1).classify(photo)
    assert reordered.moods == pytest.approx(tags_only.classify(photo).moods, abs=1e-6)


def test_a_tagger_with_other_tags_is_refused(cascade):
    card = cascade.tagger.card
    foreign = TaggerCard(
        size_px=card.size_px,
        labels=tuple(f"tag {i}" for i in range(1000)),
        mean=0.0,
        std=1.0,
        logits=False,
        scores="scores",
        embedding="embedding",
    )
    with pytest.raises(IncompatibleModelError, match="knows none of the tagger's tags"):
        Cascade(Tagger(cascade.tagger.network, foreign), cascade.moods)


def test_grey_pixels_are_no_error(cascade):
    grey = np.full((32, 32), 128, dtype=np.uint8)
    encoded = io.BytesIO()
    PIL.Image.fromarray(grey).save(encoded, format="PNG")
    assert cascade.classify(encoded.getvalue()).error is None


@pytest.fixture(scope="module")
def visual_model(cascade, sample_photos):
    """A model of visual features alone, learned from the sample pictures."""
    names = ["chelsea.png", "coffee.png", "rocket.jpg", "astronaut.png"]
    results = list(cascade.tag_many([sample_photos / name for name in names], with_visual=True))
    values = np.stack([result.visual for result in results])
    moods = ["calm", "calm", "joy", "joy"]
    return train(TrainingSet(None, (), moods, visual=values, visual_names=visual.NAMES), "logistic")


def test_a_model_of_visual_features_gets_them(cascade, visual_model, sample_photos):
    model = visual_model.classifier()
    result = Cascade(cascade.tagger, model).classify(sample_photos / "rocket.jpg")
    assert result.mood == "joy"
    assert result.visual.shape == (71,)
    expected = model.predict(visual=visual_model.training_set.visual[2:3])[0]
    np.testing.assert_allclose(result.probabilities, expected, atol=1e-5)
    (again,) = Cascade(cascade.tagger, model).classify_many([sample_photos / "rocket.jpg"])
    assert again.moods == pytest.approx(result.moods, abs=1e-6)


def test_only_what_the_model_needs_is_measured(cascade, sample_photos, monkeypatch):
    monkeypatch.setattr(visual, "extract", None)
    assert cascade.classify(sample_photos / "rocket.jpg").visual is None


def test_a_model_of_other_features_is_refused_before_the_first_picture(cascade, visual_model):
    names = ("another feature", *visual.NAMES[1:])
    other = dataclasses.replace(visual_model.training_set, visual_names=names)
    model = dataclasses.replace(visual_model, training_set=other).classifier()
    with pytest.raises(IncompatibleModelError, match="needs other visual features than this version computes"):
        Cascade(cascade.tagger, model)


def test_two_views_do_not_know_left_from_right(cascade, sample_photos):
    twice = Cascade(cascade.tagger, cascade.moods, n_views=2)
    picture = cascade.tagger.decode((sample_photos / "rocket.jpg").read_bytes())
    mirrored = np.ascontiguousarray(picture[:, ::-1])
    one, other = (twice.classify(view).probabilities for view in (picture, mirrored))
    np.testing.assert_allclose(one, other, atol=1e-6)
    assert np.abs(one - cascade.classify(picture).probabilities).max() > 1e-4
    with pytest.raises(InputError, match="n_views is 3, not 1 or 2"):
        Cascade(cascade.tagger, cascade.moods, n_views=3)
