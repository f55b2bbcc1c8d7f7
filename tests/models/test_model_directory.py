from __future__ import annotations

import json

import numpy as np
import pytest

from imagemood.errors import BundleError, InputError
from imagemood.learning import train
from imagemood.models import model_directory


@pytest.fixture
def model_dir(training_set, tmp_path):
    train(training_set, "logistic").write(tmp_path / "model")
    return tmp_path / "model"


def edit(path, **fields):
    metadata = json.loads(path.read_text())
    path.write_text(json.dumps({**metadata, **fields}))


def test_holds_onnx_json_and_a_card(model_dir):
    assert sorted(path.name for path in model_dir.iterdir()) == ["README.md", "metadata.json", "model.onnx"]
    metadata = json.loads((model_dir / "metadata.json").read_text("utf-8"))
    assert metadata["format_version"] == 1
    assert set(metadata["files"]) == {"README.md", "model.onnx"}
    assert metadata["labels"] == ["Große Freude", "awe", "quiet fear"]


def test_card_says_what_it_is_and_what_it_is_not_for(model_dir):
    card = (model_dir / "README.md").read_text("utf-8")
    for words in (
        "learned from 240 labelled images",
        "Große Freude",
        "## Limits",
        "what pictures evoke in some people",
    ):
        assert words in card


@pytest.mark.parametrize("name", ["model.onnx", "README.md"])
def test_a_changed_file_is_refused(model_dir, name):
    content = bytearray((model_dir / name).read_bytes())
    content[len(content) // 2] ^= 1
    (model_dir / name).write_bytes(content)
    with pytest.raises(BundleError, match=f"{name}: is not the file that was written with the model"):
        model_directory.load(model_dir)


@pytest.mark.parametrize("name", ["model.onnx", "README.md", "metadata.json"])
def test_a_missing_file_is_named(model_dir, name):
    (model_dir / name).unlink()
    with pytest.raises(BundleError, match=f"{name}: cannot be read: No such file"):
        model_directory.load(model_dir)


@pytest.mark.parametrize(
    ("content", "message"),
    [("{", "is no JSON"), ("[]", "is no JSON object"), ("{}", "names no hash of model.onnx")],
)
def test_metadata_that_is_none(model_dir, content, message):
    (model_dir / "metadata.json").write_text(content)
    with pytest.raises(BundleError, match=message):
        model_directory.load(model_dir)


def test_a_file_outside_the_directory_is_not_read(model_dir):
    metadata = json.loads((model_dir / "metadata.json").read_text())
    edit(model_dir / "metadata.json", files={**metadata["files"], "../secret": "00"})
    with pytest.raises(BundleError, match="names '../secret', which is not in the directory"):
        model_directory.load(model_dir)


def test_another_format_version_is_refused(model_dir):
    edit(model_dir / "metadata.json", format_version=2)
    with pytest.raises(BundleError, match="has format version 2, not 1"):
        model_directory.load(model_dir)


def test_an_older_model_is_replaced_and_anything_else_is_not(model_dir, training_set):
    trained = train(training_set.select(["tags"]), "logistic")
    trained.write(model_dir)
    assert model_directory.load(model_dir).inputs == ("tags",)
    (model_dir / "metadata.json").unlink()
    with pytest.raises(InputError, match="the folder is not empty"):
        trained.write(model_dir)
    assert (model_dir / "model.onnx").exists()


def test_no_such_model():
    with pytest.raises(BundleError, match="absent: no such model directory .give one, or one of default, tags"):
        model_directory.load("absent")


@pytest.mark.parametrize(
    ("name", "inputs"), [(None, ("tags", "embedding")), ("default", ("tags", "embedding")), ("tags", ("tags",))]
)
def test_built_in_models(name, inputs):
    model = model_directory.load(name)
    assert model.inputs == inputs
    assert len(model.vocabulary) == 1000
    assert model.metadata.training_set["n_images"] == 13265


def test_built_in_figures_are_better_than_guessing():
    figures = model_directory.load().metadata.metrics
    assert figures["accuracy"] > 0.6
    assert figures["calibration_error"] < 0.05


def test_model_of_the_first_format_version_still_loads(model_v1):
    model = model_directory.load(model_v1)
    assert model.labels == ("awe", "fear")
    answer = model.predict(np.array([[1, 0], [0, 1]], dtype=np.float32))
    np.testing.assert_allclose(answer, [[0.9, 0.1], [0.2, 0.8]], atol=0.2)
    assert answer[0, 0] > 0.6 < answer[1, 1]
