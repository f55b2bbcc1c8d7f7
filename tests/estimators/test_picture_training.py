"""Training and evaluation on pictures in lists and folders."""

from __future__ import annotations

import numpy as np
import PIL.Image
import pytest

import imagemood
from imagemood.errors import InputError, VocabularyError
from imagemood.learning import TrainingSet

COLOURS = {"calm": (20, 60, 200), "lively": (230, 60, 10)}


@pytest.fixture(scope="module")
def pictures():
    rng = np.random.default_rng(0)
    return [
        (np.clip(rng.normal(COLOURS[mood], 30, (64, 64, 3)), 0, 255).astype(np.uint8), mood)
        for _ in range(6)
        for mood in COLOURS
    ]


@pytest.fixture(scope="module")
def folder(pictures, tmp_path_factory):
    folder = tmp_path_factory.mktemp("labelled")
    for i, (pixels, mood) in enumerate(pictures):
        (folder / mood).mkdir(exist_ok=True)
        PIL.Image.fromarray(pixels).save(folder / mood / f"{i}.png")
    return folder


def test_lists_and_folders_give_the_same_model(pictures, folder, tmp_path):
    images, moods = zip(*pictures, strict=True)
    from_list = imagemood.train(list(images), moods)
    from_folder = imagemood.train(folder)
    assert sorted(from_list.training_set.moods) == from_folder.training_set.moods
    for model in (from_list, from_folder):
        assert model.classifier().inputs == ("tags", "embedding")
        assert [model.classifier().labels] == [("calm", "lively")]
    from_list.write(tmp_path / "model")
    results = imagemood.classify_many(list(images), model=tmp_path / "model")
    assert [result.mood for result in results] == list(moods)


def test_evaluation_of_lists_folders_and_training_sets(pictures, folder):
    images, moods = zip(*pictures, strict=True)
    for evaluation in (
        imagemood.evaluate(np.stack(images), moods, n_folds=3, inputs=["embedding"]),
        imagemood.evaluate(folder, n_folds=3, inputs=("visual",)),
    ):
        assert evaluation.n_images == 12
        assert evaluation.accuracy > 0.8
    example = TrainingSet.example().sample(40)
    assert imagemood.evaluate(example, recipe="extra-trees", n_folds=2, inputs=["tags"]).n_images == 40


def test_inputs_are_in_the_order_of_models(pictures):
    images, moods = zip(*pictures, strict=True)
    model = imagemood.train(images, moods, inputs=["visual", "embedding"])
    assert model.classifier().inputs == ("embedding", "visual")
    assert imagemood.train(images, moods, inputs="visual").classifier().inputs == ("visual",)


def test_pictures_that_cannot_be_used_are_left_out_with_a_warning(pictures, folder):
    images, moods = zip(*pictures, strict=True)
    with pytest.warns(
        UserWarning, match=r"^1 of 13 pictures cannot be used and are left out, .*: image\[0\]: the "
    ):
        model = imagemood.train([None, *images], ["calm", *moods])
    assert len(model.training_set.moods) == 12
    (folder / "calm" / "damaged.png").write_bytes(b"text")
    try:
        with pytest.warns(UserWarning, match=r"1 of 13 pictures .*damaged\.png"):
            assert len(imagemood.train(folder).training_set.moods) == 12
    finally:
        (folder / "calm" / "damaged.png").unlink()


@pytest.mark.parametrize(
    ("arguments", "options", "error_class", "message"),
    [
        (([None], ["calm", "lively"]), {}, InputError, r"2 moods for 1 pictures \(each picture needs one mood\)"),
        (([None], ["calm"]), {}, InputError, r"no picture can be used \(image\[0\]: the picture is missing\)"),
        (([], []), {}, InputError, "no picture can be used"),
        (([np.zeros((20, 20, 3), np.uint8)],), {}, InputError, r"the pictures have no labels \(pass their moods"),
        (("absent",), {}, InputError, "absent"),
        (([np.zeros((20, 20, 3), np.uint8)], ["calm"]), {}, VocabularyError, "all images have the mood 'calm'"),
        (
            (["a"], ["b"]),
            {"inputs": ["pixels"]},
            InputError,
            r"unknown input 'pixels' \(use one or more of tags, ",
        ),
        ((["a"], ["b"]), {"inputs": []}, InputError, "unknown input ''"),
        ((TrainingSet.example().sample(20), ["a"]), {}, InputError, "a training set has labels of its own"),
    ],
)
def test_wrong_arguments(arguments, options, error_class, message):
    with pytest.raises(error_class, match=message):
        imagemood.train(*arguments, **options)
