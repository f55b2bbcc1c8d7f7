from __future__ import annotations

import json
from importlib.metadata import version

import numpy as np
import pytest

from imagemood.errors import InputError
from imagemood.learning import Recipe, train
from imagemood.learning.augmentation import Augmentation
from imagemood.models import model_directory


def test_a_written_model_predicts_as_the_trained_one(trained, classifier, tmp_path):
    trained.write(tmp_path / "model")
    loaded = model_directory.load(tmp_path / "model")
    data = trained.training_set
    np.testing.assert_array_equal(loaded.predict(**data.inputs), classifier.predict(**data.inputs))


def test_metadata_describes_the_training(training_set):
    trained = train(training_set, Recipe("logistic", random_state=3, balanced=True))
    metadata = trained.metadata()
    assert metadata.labels == ("Große Freude", "awe", "quiet fear")
    assert metadata.inputs == ("tags", "embedding")
    assert metadata.vocabulary == training_set.vocabulary
    assert metadata.prior == pytest.approx({"Große Freude": 0.5, "awe": 1 / 3, "quiet fear": 1 / 6})
    assert metadata.algorithm == "logistic"
    assert metadata.training_set == {
        "n_images": 240,
        "n_tags": 30,
        "images_per_mood": {"Große Freude": 120, "awe": 80, "quiet fear": 40},
        "sha256": training_set.fingerprint(),
    }
    assert metadata.parameters["C"] == 2.0
    assert metadata.parameters["random_state"] == 3
    assert metadata.parameters["balanced"] is True
    assert metadata.versions["scikit-learn"] == version("scikit-learn")


def test_metadata_has_the_inputs_that_were_used(with_visual):
    metadata = train(with_visual, "logistic").metadata()
    assert metadata.inputs == ("tags", "embedding", "visual")
    assert metadata.visual == with_visual.visual_names
    assert train(with_visual.select(["embedding"]), "logistic").metadata().vocabulary == ()


def test_parameters_and_augmentation_are_recorded(training_set, tmp_path):
    recipe = Recipe("mlp", {"hidden_layer_sizes": (8,)}, Augmentation((0.5, 1.0), 0.1, 4))
    trained = train(training_set, recipe)
    trained.write(tmp_path / "model")
    parameters = json.loads((tmp_path / "model" / "metadata.json").read_text())["parameters"]
    assert parameters["hidden_layer_sizes"] == [8]
    assert parameters["augmentation"] == {"mask_fractions": [0.5, 1.0], "noise": 0.1, "random_state": 4}
    assert parameters["balanced"] is False


def test_the_same_seed_gives_the_same_file(training_set):
    tags_only = training_set.select(["tags"])
    recipes = [Recipe("rf", {"n_estimators": 50}, random_state=seed) for seed in (0, 0, 1)]
    one, same, other = (train(tags_only, recipe).to_onnx() for recipe in recipes)
    assert one == same
    assert one != other


def test_another_folder_is_not_replaced(training_set, tmp_path):
    (tmp_path / "letters").mkdir()
    (tmp_path / "letters" / "a.txt").write_text("keep me")
    with pytest.raises(InputError):
        train(training_set, Recipe("rf", {"n_estimators": 2})).write(tmp_path / "letters")
    assert (tmp_path / "letters" / "a.txt").read_text() == "keep me"
