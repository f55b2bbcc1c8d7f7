from __future__ import annotations

import hashlib
import json
import re
import shutil

import pytest

from imagemood import builtin
from imagemood.errors import ModelError
from imagemood.models.model_hash import model_hash


def tagger_of(folder, network, card):
    folder.mkdir()
    (folder / "network.onnx").write_bytes(network)
    (folder / "network.json").write_bytes(card)
    return folder / "network.onnx"


def test_is_the_sha256_of_the_files_sha256(tmp_path):
    folder = builtin.path("tags_moods")
    files = [builtin.path("network.onnx"), builtin.path("network.json"), *sorted(folder.iterdir())]
    named = {"metadata.json", *json.loads((folder / "metadata.json").read_text("utf-8"))["files"]}
    assert {path.name for path in files[2:]} == named
    digests = b"".join(hashlib.sha256(path.read_bytes()).digest() for path in files)
    assert model_hash("tags") == hashlib.sha256(digests).hexdigest()


def test_every_file_counts_and_borders_between_them_but_not_where_they_lie(tmp_path):
    one = tagger_of(tmp_path / "one", b"ab", b"c")
    hashes = {model_hash("tags", path) for path in (one, tagger_of(tmp_path / "other", b"a", b"bc"))}
    assert len(hashes) == 2
    assert model_hash("tags", str(tagger_of(tmp_path / "same", b"ab", b"c"))) in hashes
    moods = shutil.copytree(builtin.path("tags_moods"), tmp_path / "moods")
    assert model_hash(moods, one) in hashes
    metadata = moods / "metadata.json"
    metadata.write_text(json.dumps({**json.loads(metadata.read_text("utf-8")), "algorithm": "another"}))
    assert model_hash(moods, one) not in hashes


@pytest.mark.parametrize("lost", ["network.onnx", "network.json"])
def test_a_file_that_is_missing_is_named(tmp_path, lost):
    tagger = tagger_of(tmp_path / "tagger", b"a", b"b")
    (tagger.parent / lost).unlink()
    with pytest.raises(ModelError, match=f"{re.escape(lost)}: cannot be read: No such file or directory$"):
        model_hash("tags", tagger)
    with pytest.raises(ModelError, match="^absent: no such model directory"):
        model_hash("absent")
