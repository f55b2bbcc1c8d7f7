from __future__ import annotations

import hashlib
import json
import re
import shutil

import pytest

from imagemood import builtin
from imagemood.errors import ModelError
from imagemood.models.model_hash import model_hash


def write_tagger(folder, network, card):
    folder.mkdir()
    (folder / "network.onnx").write_bytes(network)
    (folder / "network.json").write_bytes(card)
    return folder / "network.onnx"


def test_hash_is_the_sha256_of_the_digests_of_the_files(tmp_path):
    folder = builtin.path("tags_moods")
    files = [builtin.path("network.onnx"), builtin.path("network.json"), *sorted(folder.iterdir())]
    listed = {"metadata.json", *json.loads((folder / "metadata.json").read_text("utf-8"))["files"]}
    assert {path.name for path in files[2:]} == listed
    digests = b"".join(hashlib.sha256(path.read_bytes()).digest() for path in files)
    assert model_hash("tags") == hashlib.sha256(digests).hexdigest()


def test_default_models_have_the_hash_of_their_paths():
    assert model_hash() == model_hash("default") == model_hash(builtin.path("moods"), builtin.path("network.onnx"))


def test_content_and_file_boundaries_matter_but_not_the_location(tmp_path):
    one = write_tagger(tmp_path / "one", b"ab", b"c")
    hashes = {model_hash("tags", path) for path in (one, write_tagger(tmp_path / "other", b"a", b"bc"))}
    assert len(hashes) == 2
    assert model_hash("tags", str(write_tagger(tmp_path / "same", b"ab", b"c"))) in hashes
    moods = shutil.copytree(builtin.path("tags_moods"), tmp_path / "moods")
    assert model_hash(moods, one) in hashes
    metadata = moods / "metadata.json"
    metadata.write_text(json.dumps({**json.loads(metadata.read_text("utf-8")), "algorithm": "another"}))
    assert model_hash(moods, one) not in hashes


@pytest.mark.parametrize("missing", ["network.onnx", "network.json"])
def test_missing_file_is_named(tmp_path, missing):
    tagger = write_tagger(tmp_path / "tagger", b"a", b"b")
    (tagger.parent / missing).unlink()
    with pytest.raises(ModelError, match=f"{re.escape(missing)}: (cannot be read: )?No such file or directory"):
        model_hash("tags", tagger)


def test_missing_model():
    with pytest.raises(ModelError, match="^absent: no such model directory"):
        model_hash("absent")
