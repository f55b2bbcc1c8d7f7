from __future__ import annotations

import json
import shutil
from hashlib import sha256

import numpy as np
import pytest

from imagemood import Cascade, builtin
from imagemood.acumos.dump import BundleOptions, dump
from imagemood.errors import IncompatibleModelError, InputError, ModelDirectoryError, ModelError
from imagemood.learning import TrainingSet, train
from imagemood.models import model_directory
from imagemood.models.loading import choose_tagger, load_models
from imagemood.models.model_hash import model_hash
from imagemood.models.tagger import Tagger
from tests.models.networks import LABELS, mean_colour, write_tagger

GREEN = np.full((8, 8, 3), (0, 255, 0), dtype=np.uint8)


@pytest.fixture(scope="module")
def trained_model():
    """A model whose mood is the strongest colour."""
    scores = np.random.default_rng(0).dirichlet(np.ones(3), 60).astype(np.float32)
    moods = [f"mood of {LABELS[i]}" for i in scores.argmax(axis=1)]
    return train(TrainingSet(scores, tuple(LABELS), moods), "logistic")


@pytest.fixture
def tagger(tmp_path):
    return write_tagger(tmp_path, mean_colour(), name="Mean colour")


@pytest.fixture
def model(trained_model, tagger, tmp_path):
    trained_model.write(tmp_path / "model", tagger)
    return tmp_path / "model"


def edit_files(model, edit):
    path = model / "metadata.json"
    metadata = json.loads(path.read_text("utf-8"))
    edit(metadata["files"])
    path.write_text(json.dumps(metadata), "utf-8")


def test_the_directory_needs_nothing_else(model, tagger, tmp_path):
    expected = Cascade.load(model, tagger=tagger).classify(GREEN)
    tagger.unlink()
    moved = model.rename(tmp_path / "moved")
    result = Cascade.load(moved).classify(GREEN)
    assert result.mood == "mood of green"
    assert result.moods == expected.moods
    assert list(result.tags) == list(expected.tags)


def test_the_directory_names_its_tagger_and_the_hashes_of_all_files(model, tagger):
    listed = json.loads((model / "metadata.json").read_text("utf-8"))["files"]
    assert {*listed, "metadata.json"} == {path.name for path in model.iterdir()}
    assert (model / "network.onnx").read_bytes() == tagger.read_bytes()
    assert "the tagger, Mean colour, whose licence is not recorded." in (model / "README.md").read_text("utf-8")


def test_number_of_threads(model):
    loaded, classifier = load_models(model, n_threads=1)
    assert (loaded.network.n_threads, classifier.network.n_threads) == (1, 1)


@pytest.mark.parametrize("name", ["network.onnx", "network.json"])
def test_a_damaged_or_missing_tagger_is_an_error(model, name):
    original = (model / name).read_bytes()
    (model / name).write_bytes(original[:-1] + b"?")
    with pytest.raises(ModelDirectoryError, match=rf"{name}: the SHA-256 differs"):
        load_models(model)
    (model / name).unlink()
    with pytest.raises(ModelDirectoryError, match=rf"{name}: cannot be read: No such file"):
        load_models(model)
    (model / name).write_bytes(original)
    edit_files(model, lambda files: files.pop(name))
    with pytest.raises(ModelDirectoryError, match=r"metadata\.json: files contains only one of network\.onnx and"):
        load_models(model)


def test_a_tagger_that_leads_out_of_the_directory_is_refused(model, tagger):
    (model / "network.onnx").unlink()
    (model / "network.onnx").symlink_to(tagger)
    with pytest.raises(ModelError, match="is a symbolic link to a file outside the directory"):
        load_models(model)


def test_another_tagger_is_refused_but_a_copy_is_accepted(model, tagger, tmp_path):
    copy = shutil.copytree(model, tmp_path / "copy")
    for same in (tagger, str(tagger), model, copy):
        assert choose_tagger(model, same).digests() == choose_tagger(model).digests()
    (tmp_path / "other").mkdir()
    other = write_tagger(tmp_path / "other", mean_colour(), name="Mean colour", mean=[0, 0, 0])
    for load in (load_models, Cascade.load, model_hash):
        with pytest.raises(IncompatibleModelError, match=r"contains the tagger it was trained with, which is not"):
            load(model, tagger=other)


def test_a_model_is_used_only_with_the_network_whose_embedding_it_was_trained_on(tmp_path):
    embedding = np.random.default_rng(0).random((40, 1280), dtype=np.float32)
    moods = ["awe" if row[0] < 0.5 else "fear" for row in embedding]
    train(TrainingSet(None, (), moods, embedding=embedding), "logistic").write(tmp_path / "model")
    network = builtin.path("network.onnx")
    assert model_directory.read_metadata(tmp_path / "model").network == sha256(network.read_bytes()).hexdigest()
    assert choose_tagger(tmp_path / "model").is_builtin
    assert choose_tagger(tmp_path / "model", network).network_name == str(network)
    other = write_tagger(tmp_path, mean_colour(), name="Mean colour", mean=[0, 0, 0])
    for load in (load_models, Cascade.load, model_hash):
        with pytest.raises(IncompatibleModelError, match=r"was trained on the embedding of another network than"):
            load(tmp_path / "model", tagger=other)


def test_hash_covers_the_tagger_but_not_where_it_is(model, trained_model, tmp_path):
    (tmp_path / "other").mkdir()
    other = write_tagger(tmp_path / "other", mean_colour(), name="Mean colour", mean=[0, 0, 0])
    trained_model.write(tmp_path / "with_other", other)
    assert model_hash(model) != model_hash(tmp_path / "with_other")
    assert model_hash(model) == model_hash(shutil.copytree(model, tmp_path / "copy"))


def test_tagger_of_a_model_directory(model, tmp_path):
    assert Tagger.load(model).labels == tuple(LABELS)
    with pytest.raises(IncompatibleModelError, match="the model directory contains no tagger"):
        Tagger.load(builtin.path("tags_moods"))
    (tmp_path / "empty").mkdir()
    with pytest.raises(ModelError, match=r"empty/network\.onnx: No such file or directory"):
        Tagger.load(tmp_path / "empty")


def test_folder_with_a_tagger(model, tmp_path, monkeypatch):
    folder = tmp_path / "tagger"
    folder.mkdir()
    for name in ("network.onnx", "network.json"):
        shutil.copy(model / name, folder)
    assert Tagger.load(folder).labels == tuple(LABELS)
    monkeypatch.chdir(folder)
    assert Tagger.load(".").card.name == "Mean colour"


def test_built_in_models_contain_no_tagger():
    assert model_directory.find_tagger() is None
    assert model_directory.find_tagger("tags") is None
    assert choose_tagger("tags").is_builtin


def test_a_model_may_replace_the_one_that_contains_its_tagger(model, trained_model):
    trained_model.write(model, model)
    assert Cascade.load(model).classify(GREEN).mood == "mood of green"
    trained_model.write(model)
    assert not (model / "network.onnx").exists()


def test_a_model_does_not_replace_a_folder_with_a_tagger(model, trained_model):
    for name in ("model.onnx", "metadata.json", "README.md"):
        (model / name).unlink()
    with pytest.raises(InputError, match="the folder is not empty"):
        trained_model.write(model, model)


@pytest.mark.parametrize("separate", [False, True])
def test_acumos_bundle_of_the_cascade_contains_the_tagger(model, trained_model, tagger, tmp_path, separate):
    if separate:
        trained_model.write(model)
    options = BundleOptions(kind="cascade")
    dump(tmp_path / "bundle", model=model, tagger=tagger if separate else None, options=options)
    assert Cascade.load(tmp_path / "bundle").classify(GREEN).mood == "mood of green"


def test_acumos_bundle_for_tag_rows_contains_no_tagger(model, tmp_path):
    dump(tmp_path / "bundle", model=model)
    assert model_directory.load(tmp_path / "bundle").vocabulary == tuple(LABELS)
    assert model_directory.find_tagger(tmp_path / "bundle") is None
