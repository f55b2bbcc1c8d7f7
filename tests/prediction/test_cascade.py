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
from imagemood.models import model_directory
from imagemood.models.tagger import Tagger
from imagemood.models.tagger_card import TaggerCard
from imagemood.models.tagger_output import ALL_OUTPUTS
from imagemood.pictures.finding.sources import find_pictures
from imagemood.pictures.picture import Picture
from imagemood.prediction.cascade import Cascade
from imagemood.prediction.result import Result
from imagemood.prediction.visual_features import compute_many


@pytest.fixture(scope="module")
def cascade() -> Cascade:
    return Cascade.load(n_workers=2)


def test_classify_returns_probabilities_in_descending_order(sample_photos):
    result = imagemood.classify(sample_photos / "chelsea.png")
    assert result.error is None
    assert sum(result.moods.values()) == pytest.approx(1, abs=1e-6)
    assert list(result.moods.values()) == sorted(result.moods.values(), reverse=True)
    assert result.mood == next(iter(result.moods))
    assert next(iter(result.tags)) in {"Egyptian cat", "tabby, tabby cat", "tiger cat"}
    assert len(result.tags) == 1000


def test_every_type_of_picture_gives_the_same_result(cascade, sample_photos):
    path = sample_photos / "retina.jpg"
    with PIL.Image.open(path) as picture:
        pixels = np.asarray(picture.convert("RGB"))
        opened = cascade.classify(picture)
    from_files = [cascade.classify(kind).moods for kind in (str(path), path, path.read_bytes())]
    assert from_files[0] == from_files[1] == from_files[2]
    from_pixels = cascade.classify(pixels)
    assert from_pixels.moods == pytest.approx(opened.moods, abs=1e-6)
    # A JPEG file is decoded at a reduced scale, so the pixels differ slightly.
    assert from_pixels.moods == pytest.approx(from_files[0], abs=0.05)


def test_classify_many_equals_classify_for_each_picture(cascade, sample_photos):
    paths = sorted(sample_photos.glob("*.png"))[:11]
    many = list(cascade.classify_many(paths))
    assert [result.image for result in many] == [str(path) for path in paths]
    for path, result in zip(paths, many, strict=True):
        assert result.moods == pytest.approx(cascade.classify(path).moods, abs=1e-5)


def test_results_are_in_the_order_of_the_pictures(cascade, sample_photos):
    paths = sorted(sample_photos.glob("*.png"))[:9]
    forward = {result.image: result.moods for result in cascade.classify_many(paths)}
    backward = {result.image: result.moods for result in cascade.classify_many(paths[::-1])}
    assert list(backward) == list(forward)[::-1]
    for name, moods in forward.items():
        assert backward[name] == pytest.approx(moods, abs=1e-6)


def test_a_picture_that_fails_is_a_result_with_an_error(cascade, sample_photos, tmp_path):
    bad = tmp_path / "bad.jpg"
    bad.write_bytes(b"this is not a picture")
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


def test_a_directory_and_an_iterator_of_its_files(cascade, sample_photos, tmp_path):
    for i in range(3):
        (tmp_path / f"{i}.png").write_bytes((sample_photos / "chelsea.png").read_bytes())
    from_folder = list(cascade.classify_many(tmp_path))
    from_iterator = list(cascade.classify_many(path for path in sorted(tmp_path.iterdir())))
    assert len(from_folder) == 3
    for one, other in zip(from_folder, from_iterator, strict=True):
        assert one.moods == pytest.approx(other.moods, abs=1e-6)
    with pytest.raises(InputError, match="matches 3 pictures"):
        cascade.classify(tmp_path)


def test_no_pictures_give_no_results(cascade):
    assert list(cascade.classify_many([])) == []


def test_an_endless_iterator_is_consumed_a_few_pictures_ahead(cascade, sample_photos):
    n_consumed = 0

    def endless():
        nonlocal n_consumed
        data = (sample_photos / "chelsea.png").read_bytes()
        while True:
            n_consumed += 1
            yield data

    stream = cascade.classify_many(endless())
    next(stream)
    stream.close()
    assert n_consumed < 100


def test_tag_many_returns_tags_only(cascade, sample_photos):
    (result,) = cascade.tag_many([sample_photos / "coffee.png"])
    assert result.moods == {}
    assert "espresso" in list(result.tags)[:3]


def test_pictures_keep_their_names(cascade, sample_photos):
    found = find_pictures([sample_photos / "coffee.png"])
    assert [result.image for result in cascade.classify_many(found)] == [found[0].name]


def test_tags_are_matched_by_name(cascade, sample_photos):
    """A tagger with the same tags in another order gives the same moods."""
    tags_only = Cascade.load("tags")
    shuffled = np.random.default_rng(0).permutation(1000)
    labels = tags_only.tagger.labels

    class Shuffled(Tagger):
        def predict(self, pictures, outputs=ALL_OUTPUTS):
            tagging = super().predict(pictures, outputs)
            return type(tagging)(tagging.scores[:, shuffled], tagging.embedding)

    card = tags_only.tagger.card
    other = Shuffled(tags_only.tagger.network, card)
    other.labels = tuple(labels[i] for i in shuffled)
    photo = sample_photos / "chelsea.png"
    reordered = Cascade(other, tags_only.mood_classifier, n_workers=1).classify(photo)
    assert reordered.moods == pytest.approx(tags_only.classify(photo).moods, abs=1e-6)


def test_a_tagger_with_other_tags_is_rejected(cascade):
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
        Cascade(Tagger(cascade.tagger.network, foreign), model_directory.load("tags"))


def test_grey_pictures_can_be_classified(cascade):
    grey = np.full((32, 32), 128, dtype=np.uint8)
    encoded = io.BytesIO()
    PIL.Image.fromarray(grey).save(encoded, format="PNG")
    assert cascade.classify(encoded.getvalue()).error is None


@pytest.fixture(scope="module")
def visual_model(cascade, sample_photos):
    """A model of visual features only, trained on the sample photos."""
    names = ["chelsea.png", "coffee.png", "rocket.jpg", "astronaut.png"]
    results = list(cascade.tag_many([sample_photos / name for name in names], ["visual"]))
    values = np.stack([result.visual for result in results])
    moods = ["calm", "calm", "joy", "joy"]
    return train(TrainingSet(None, (), moods, visual=values, visual_names=visual.NAMES), "logistic")


def test_visual_features_are_computed_for_a_model_that_uses_them(cascade, visual_model, sample_photos):
    model = visual_model.classifier()
    result = Cascade(cascade.tagger, model).classify(sample_photos / "rocket.jpg")
    assert result.mood == "joy"
    assert result.visual.shape == (71,)
    expected = model.predict(visual=visual_model.training_set.visual[2:3])[0]
    np.testing.assert_allclose(result.probabilities, expected, atol=1e-5)
    (again,) = Cascade(cascade.tagger, model).classify_many([sample_photos / "rocket.jpg"])
    assert again.moods == pytest.approx(result.moods, abs=1e-6)


def test_visual_features_are_not_computed_without_need(cascade, sample_photos, monkeypatch):
    monkeypatch.setattr(visual, "extract", None)
    assert cascade.classify(sample_photos / "rocket.jpg").visual is None


def test_a_model_of_other_visual_features_is_rejected(cascade, visual_model):
    names = ("another feature", *visual.NAMES[1:])
    other = dataclasses.replace(visual_model.training_set, visual_names=names)
    model = dataclasses.replace(visual_model, training_set=other).classifier()
    with pytest.raises(IncompatibleModelError, match="was trained on other visual features"):
        Cascade(cascade.tagger, model)


def test_two_views_give_the_same_result_for_the_mirror_image(cascade, sample_photos):
    twice = Cascade(cascade.tagger, cascade.mood_classifier, n_views=2)
    picture = cascade.tagger.decode((sample_photos / "rocket.jpg").read_bytes())
    mirrored = np.ascontiguousarray(picture[:, ::-1])
    one, other = (twice.classify(view).probabilities for view in (picture, mirrored))
    np.testing.assert_allclose(one, other, atol=1e-6)
    assert np.abs(one - cascade.classify(picture).probabilities).max() > 1e-4
    with pytest.raises(InputError, match="n_views is 3, but must be 1 or 2"):
        Cascade(cascade.tagger, cascade.mood_classifier, n_views=3)


@pytest.fixture(scope="module")
def tagger_only(cascade) -> Cascade:
    return Cascade(cascade.tagger)


@pytest.mark.parametrize(
    "call",
    [
        lambda cascade: cascade.classify(b""),
        lambda cascade: cascade.classify_many([]),
        lambda cascade: cascade.classify_batch([]),
        lambda cascade: cascade.classify_without_tags(Result("a"), []),
        lambda cascade: cascade.explain(Result("a")),
        lambda cascade: cascade.require_mood_classifier(),
    ],
)
def test_moods_need_a_mood_classifier(tagger_only, call):
    with pytest.raises(IncompatibleModelError, match=r"this cascade has no mood classifier \(use tag_many\)"):
        call(tagger_only)


def test_a_cascade_without_mood_classifier_can_tag(tagger_only, sample_photos):
    (result,) = tagger_only.tag_many([sample_photos / "coffee.png"])
    assert len(result.tags) == 1000


def test_the_mood_classifier_is_returned_if_there_is_one(cascade):
    assert cascade.require_mood_classifier() is cascade.mood_classifier


@pytest.mark.parametrize("use_all_cores", [False, True])
def test_a_batch_equals_its_pictures(cascade, sample_photos, use_all_cores):
    paths = [sample_photos / name for name in ("coffee.png", "rocket.jpg", "chelsea.png")]
    pictures = [Picture.from_bytes(path.read_bytes(), name=path.name) for path in paths]
    results = cascade.classify_batch(pictures, use_all_cores=use_all_cores)
    assert [result.image for result in results] == [path.name for path in paths]
    for path, result in zip(paths, results, strict=True):
        assert result.moods == pytest.approx(cascade.classify(path).moods, abs=1e-6)
        assert result.visual is None


def test_a_batch_can_have_visual_features(cascade, sample_photos):
    picture = Picture.from_address(sample_photos / "rocket.jpg")
    (result,) = cascade.classify_batch([picture], ["visual"])
    np.testing.assert_array_equal(result.visual, visual.extract(picture.decode(visual.SIZE_PX)))


def test_results_without_tags_have_the_moods_of_the_other_tags(cascade, sample_photos):
    result = cascade.classify(sample_photos / "chelsea.png")
    removed = list(result.tags)[:3]
    changed = cascade.classify_without_tags(result, [*removed, "not a tag"])
    assert [changed.tags[tag] for tag in removed] == [0, 0, 0]
    scores = np.where(np.isin(result.tag_labels, removed), np.float32(0), result.scores)
    expected = cascade.mood_classifier.predict(scores[np.newaxis], result.embedding[np.newaxis])[0]
    np.testing.assert_allclose(changed.probabilities, expected, atol=1e-6)
    assert changed.image == result.image
    assert result.tags[removed[0]] > 0


def test_removing_one_tag_gives_its_drop(sample_photos):
    cascade = Cascade.load("tags")
    result = cascade.classify(sample_photos / "chelsea.png")
    explanation = cascade.explain(result)
    assert explanation.tags_alone is None
    for tag in list(explanation.tag_drops)[:3]:
        changed = cascade.classify_without_tags(result, [tag])
        drop = explanation.tag_drops[tag]
        assert result.moods[result.mood] - changed.moods[result.mood] == pytest.approx(drop, abs=1e-6)


def test_a_model_without_tags_is_explained_by_what_follows_from_the_tags_alone(cascade, sample_photos):
    by_tags = Cascade.load("tags")
    result = cascade.classify(sample_photos / "chelsea.png")
    explanation = cascade.explain(result, "awe")
    expected = by_tags.classify(sample_photos / "chelsea.png")
    assert cascade.tags_classifier is not cascade.mood_classifier
    assert explanation.tags_alone == pytest.approx(expected.moods, abs=1e-6)
    assert list(explanation.tags_alone.values()) == sorted(explanation.tags_alone.values(), reverse=True)
    assert explanation.tag_drops == pytest.approx(by_tags.explain(expected, "awe").tag_drops, abs=1e-6)
    assert explanation.heat_map.shape == (7, 7)

    tag = next(iter(explanation.tag_drops))
    changed = cascade.classify_without_tags(result, [tag])
    assert changed.moods == result.moods
    drop = explanation.tags_alone["awe"] - cascade.explain(changed, "awe").tags_alone["awe"]
    assert drop == pytest.approx(explanation.tag_drops[tag], abs=1e-6)


@pytest.mark.parametrize(
    ("outputs", "computed"),
    [((), ("embedding",)), (("tags",), ("tags", "embedding")), (("mood_maps",), ("embedding", "mood_maps"))],
)
def test_only_what_is_requested_or_needed_is_computed(cascade, sample_photos, outputs, computed):
    photo = sample_photos / "chelsea.png"
    everything = cascade.classify(photo)
    results = [cascade.classify(photo, outputs), *cascade.classify_many([photo], outputs)]
    results += cascade.classify_batch([Picture.from_address(photo)], outputs)
    for result in results:
        arrays = {"tags": result.scores, "embedding": result.embedding, "mood_maps": result.mood_maps}
        assert tuple(name for name, array in arrays.items() if array is not None) == computed
        assert result.moods == pytest.approx(everything.moods, abs=1e-5)
        for array, whole in zip(
            arrays.values(), (everything.scores, everything.embedding, everything.mood_maps), strict=True
        ):
            assert array is None or np.allclose(array, whole, atol=1e-4)


def test_tags_that_the_mood_classifier_needs_are_computed(sample_photos):
    result = Cascade.load("tags").classify(sample_photos / "chelsea.png", ())
    assert result.scores is not None
    assert result.embedding is None


def test_a_failed_result_cannot_be_classified_again(cascade):
    with pytest.raises(ImageError, match="a\\.jpg: the file is empty"):
        cascade.classify_without_tags(Result("a.jpg", error=ImageError("the file is empty", where="a.jpg")), [])


def test_the_batch_size_depends_on_the_device(cascade, monkeypatch):
    assert cascade.batch_size == 8
    monkeypatch.setattr(cascade.tagger.network, "device", "cuda:0")
    assert cascade.batch_size == 32


def test_decoding_in_processes_gives_the_same_results(cascade, sample_photos):
    isolated = Cascade.load(n_workers=2, decode_timeout_s=60)
    pictures = [
        sample_photos / "rocket.jpg",
        np.zeros((64, 64, 3), np.uint8),
        b"text",
        sample_photos / "coffee.png",
    ]
    results, expected = (list(each.classify_many(pictures)) for each in (isolated, cascade))
    assert [result.moods for result in results] == [other.moods for other in expected]
    assert [str(result.error) for result in results] == [str(other.error) for other in expected]
    photo = sample_photos / "chelsea.png"
    assert isolated.classify(photo).moods == cascade.classify(photo).moods
    with pytest.raises(ImageError, match="unsupported image format"):
        isolated.classify(b"text")


def test_the_memory_setting_is_checked_before_any_picture_is_read(cascade, monkeypatch):
    monkeypatch.setenv("IMAGEMOOD_DECODE_MEMORY_MB", "much")
    message = "IMAGEMOOD_DECODE_MEMORY_MB: 'much' is not a positive number of megabytes"
    with pytest.raises(InputError, match=message):
        Cascade(cascade.tagger)
    with pytest.raises(InputError, match=message):
        compute_many([])
