from __future__ import annotations

import hashlib
import json
import shutil
import tempfile
import zipfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from imagemood import builtin, load_model
from imagemood.errors import IncompatibleModelError, InputError, ModelDirectoryError, ModelError
from imagemood.learning import train
from imagemood.models import model_directory

FILES = ["README.md", "model.onnx"]
MODEL_V1 = Path(__file__).parents[1] / "regressions" / "model_v1"


@pytest.fixture(scope="module")
def trained_model(training_set):
    return train(training_set, "logistic")


@pytest.fixture
def model_dir(trained_model, tmp_path):
    trained_model.write(tmp_path / "model")
    return tmp_path / "model"


@pytest.fixture
def copy_of_v1(model_v1, tmp_path):
    return shutil.copytree(model_v1, tmp_path / "model")


def edit(folder, **fields):
    path = folder / "metadata.json"
    path.write_text(json.dumps({**json.loads(path.read_text("utf-8")), **fields}), "utf-8")


def replace_file(folder, name, content):
    """Replace a file and its hash."""
    (folder / name).write_bytes(content)
    files = json.loads((folder / "metadata.json").read_text("utf-8"))["files"]
    edit(folder, files={**files, name: hashlib.sha256(content).hexdigest()})


def test_directory_holds_onnx_json_and_a_card(model_dir):
    assert sorted(path.name for path in model_dir.iterdir()) == ["README.md", "metadata.json", "model.onnx"]
    metadata = json.loads((model_dir / "metadata.json").read_text("utf-8"))
    assert metadata["format_version"] == 1
    assert metadata["labels"] == ["Große Freude", "awe", "quiet fear"]
    assert metadata["files"] == {
        name: hashlib.sha256((model_dir / name).read_bytes()).hexdigest() for name in ("model.onnx", "README.md")
    }


def test_card_of_a_trained_model(model_dir):
    card = (model_dir / "README.md").read_text("utf-8")
    for words in (
        "trained on 240 labelled pictures",
        "Große Freude",
        "## Limits",
        "moods that pictures evoked in",
    ):
        assert words in card


def test_loaded_model_has_the_metadata_and_the_results_of_the_trained_one(trained_model, model_dir, training_set):
    loaded, expected = model_directory.load(model_dir), trained_model.classifier()
    assert loaded.metadata.to_dict().keys() == expected.metadata.to_dict().keys()
    assert (loaded.labels, loaded.vocabulary, loaded.inputs) == (
        expected.labels,
        expected.vocabulary,
        expected.inputs,
    )
    arguments = (training_set.tags, training_set.embedding)
    np.testing.assert_array_equal(loaded.predict(*arguments), expected.predict(*arguments))


def test_built_in_directories_are_written_again_as_they_are(tmp_path):
    for folder in ("moods", "tags_moods"):
        source = builtin.path(folder)
        classifier = model_directory.load(source)
        model_directory.write(tmp_path / folder, (source / "model.onnx").read_bytes(), classifier.metadata)
        assert model_directory.load(tmp_path / folder).metadata == classifier.metadata
        written = json.loads((tmp_path / folder / "metadata.json").read_text("utf-8"))
        before = json.loads((source / "metadata.json").read_text("utf-8"))
        assert {**written, "files": None} == {"visual": [], **before, "files": None}


def test_load_model_is_load():
    assert load_model is model_directory.load


@pytest.mark.parametrize("name", ["model.onnx", "README.md"])
def test_changed_file(model_dir, name):
    content = bytearray((model_dir / name).read_bytes())
    content[len(content) // 2] ^= 1
    (model_dir / name).write_bytes(content)
    with pytest.raises(ModelDirectoryError, match=f"{name}: the SHA-256 differs from that in the metadata"):
        model_directory.load(model_dir)


@pytest.mark.parametrize("name", ["model.onnx", "README.md", "metadata.json"])
def test_missing_file(model_dir, name):
    (model_dir / name).unlink()
    with pytest.raises(ModelDirectoryError, match=f"{name}: cannot be read: No such file"):
        model_directory.load(model_dir)


def test_folder_that_is_not_a_model_directory(tmp_path):
    with pytest.raises(
        ModelDirectoryError, match=r"metadata\.json: cannot be read: .*check that this is a model directory"
    ):
        model_directory.load(tmp_path)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "not valid JSON"),
        ("{", "not valid JSON"),
        ("[]", "expected an object, got a list"),
        ("{}", "missing field 'files'"),
        ('{"files": []}', "field 'files': expected an object, got a list"),
        ('{"files": {"model.onnx": 1}}', "field 'files.*': expected text, got an integer"),
        ('{"files": {}}', "files does not contain the SHA-256 of model.onnx"),
        ("[" * 100_000, "expected an object|nested too deeply"),
    ],
)
def test_file_that_is_not_metadata(copy_of_v1, content, message):
    (copy_of_v1 / "metadata.json").write_text(content)
    with pytest.raises(ModelDirectoryError, match=message):
        model_directory.load(copy_of_v1)


@pytest.mark.parametrize("name", ["../secret", "/etc/passwd", "sub/file", ".."])
def test_file_outside_the_directory_is_not_read(copy_of_v1, name):
    files = json.loads((copy_of_v1 / "metadata.json").read_text())["files"]
    edit(copy_of_v1, files={**files, name: "00"})
    with pytest.raises(
        ModelDirectoryError, match=f"files contains '{name}', which is outside the directory|cannot be read"
    ):
        model_directory.load(copy_of_v1)


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"format_version": 2}, "format version 2 is not supported, only 1"),
        ({"labels": ["awe"]}, "prior does not contain exactly the labels"),
        ({"vocabulary": []}, "vocabulary is empty"),
        ({"inputs": ["sound"]}, "inputs must be one or more of"),
    ],
)
def test_invalid_metadata(copy_of_v1, fields, message):
    edit(copy_of_v1, **fields)
    with pytest.raises(ModelDirectoryError, match=rf"metadata\.json: {message}"):
        model_directory.load(copy_of_v1)


def test_network_that_does_not_match_its_metadata(copy_of_v1):
    edit(copy_of_v1, vocabulary=["volcano", "shark", "cat"])
    with pytest.raises(IncompatibleModelError, match="do not match its metadata"):
        model_directory.load(copy_of_v1)


def test_invalid_network_with_a_matching_hash(copy_of_v1):
    replace_file(copy_of_v1, "model.onnx", b"not a network")
    with pytest.raises(ModelError, match="not an ONNX network that ONNX Runtime can run") as caught:
        model_directory.load(copy_of_v1)
    assert len(str(caught.value).splitlines()) == 1


def test_pickle_is_never_loaded(copy_of_v1):
    replace_file(copy_of_v1, "model.pkl", b"cos\nsystem\n(S'touch hacked'\ntR.")
    assert model_directory.load(copy_of_v1).labels == ("awe", "fear")
    assert not list(copy_of_v1.parent.glob("**/hacked"))


def test_older_model_is_replaced_and_other_files_are_not(model_dir, training_set):
    trained = train(training_set.select(["tags"]), "logistic")
    trained.write(model_dir)
    assert model_directory.load(model_dir).inputs == ("tags",)
    (model_dir / "metadata.json").unlink()
    with pytest.raises(InputError, match="the folder is not empty and does not contain metadata.json"):
        trained.write(model_dir)
    assert (model_dir / "model.onnx").exists()


def test_missing_model():
    hint = "give the path of a model directory, or one of default, tags"
    with pytest.raises(ModelDirectoryError, match=f"^absent: no such model directory .{hint}.$"):
        model_directory.load("absent")


def test_folder_with_the_name_of_a_built_in_model_wins(copy_of_v1, monkeypatch):
    copy_of_v1.rename(copy_of_v1.parent / "tags")
    monkeypatch.chdir(copy_of_v1.parent)
    assert model_directory.load("tags").labels == ("awe", "fear")


@pytest.mark.parametrize(
    ("name", "inputs", "n_tags"), [(None, "embedding", 0), ("default", "embedding", 0), ("tags", "tags", 1000)]
)
def test_built_in_models(name, inputs, n_tags):
    model = model_directory.load(name)
    assert model.inputs == (inputs,)
    assert len(model.vocabulary) == n_tags
    assert model.metadata.training_set["n_images"] == 17570
    assert model.network.device == "cpu"


def test_built_in_metrics_are_better_than_guessing():
    metrics = model_directory.load().metadata.metrics
    assert metrics["accuracy"] > 0.6
    assert metrics["calibration_error"] < 0.05


def test_model_of_the_first_format_version_still_loads(model_v1):
    model = model_directory.load(model_v1)
    assert model.labels == ("awe", "fear")
    probabilities = model.predict(np.array([[1, 0], [0, 1]], dtype=np.float32))
    np.testing.assert_allclose(probabilities, [[0.9, 0.1], [0.2, 0.8]], atol=0.2)
    assert probabilities[0, 0] > 0.6 < probabilities[1, 1]


def archive(folder, source, prefix="scripts/user_provided/"):
    """Write the files of a model directory into the archive of an Acumos bundle."""
    folder.mkdir()
    with zipfile.ZipFile(folder / "model.zip", "w") as zipped:
        for path in source.iterdir():
            zipped.write(path, prefix + path.name)
    return folder


def test_acumos_bundle(tmp_path, model_v1):
    bundle = archive(tmp_path / "bundle", model_v1)
    assert model_directory.read_files(bundle) == model_directory.read_files(model_v1)
    assert model_directory.load(bundle).labels == ("awe", "fear")


def test_acumos_bundle_without_a_mood_classifier(tmp_path, model_v1):
    bundle = archive(tmp_path / "bundle", model_v1, prefix="elsewhere/")
    with pytest.raises(ModelDirectoryError, match=r"metadata\.json: cannot be read: No such file in the archive"):
        model_directory.load(bundle)
    (bundle / "model.zip").write_bytes(b"not a zip file")
    with pytest.raises(ModelDirectoryError, match=r"model\.zip: not a valid zip file"):
        model_directory.load(bundle)


def test_read_files_returns_the_listed_files(model_v1, copy_of_v1):
    (copy_of_v1 / "unlisted.txt").write_text("ignored")
    assert model_directory.read_files(copy_of_v1) == {path.name: path.read_bytes() for path in model_v1.iterdir()}


@given(position=st.floats(0, 1, exclude_max=True), bit=st.integers(0, 7), name=st.sampled_from(FILES))
def test_any_changed_bit_is_detected(position, bit, name):
    with tempfile.TemporaryDirectory() as parent:
        folder = shutil.copytree(MODEL_V1, Path(parent) / "model")
        content = bytearray((folder / name).read_bytes())
        content[int(position * len(content))] ^= 1 << bit
        (folder / name).write_bytes(content)
        with pytest.raises(ModelDirectoryError, match="the SHA-256 differs"):
            model_directory.load(folder)


@given(st.data())
def test_damaged_metadata_loads_or_is_one_line(data):
    content = bytearray((MODEL_V1 / "metadata.json").read_bytes())
    for _ in range(data.draw(st.integers(1, 3))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    with tempfile.TemporaryDirectory() as parent:
        folder = shutil.copytree(MODEL_V1, Path(parent) / "model")
        (folder / "metadata.json").write_bytes(content)
        try:
            model_directory.load(folder)
        except ModelError as error:
            assert len(str(error).splitlines()) == 1  # noqa: PT017
