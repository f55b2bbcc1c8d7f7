from __future__ import annotations

import importlib
import io
import json
import sys
import tarfile
import types

import numpy as np
import PIL.Image
import pytest
import torch

from imagemood.finetuning.starting_weights import Start, load_network

MOODS = ("amusement", "anger", "awe", "contentment", "disgust", "excitement", "fear", "sadness")


@pytest.fixture
def script(monkeypatch):
    """Return the script; the published weights are those in the package, so that no other package is needed."""
    torch.set_num_threads(1)
    published = types.ModuleType("published")
    published.load = lambda _, __=5, drop_rate=0.0: load_network(len(MOODS), Start.tags, drop_rate=drop_rate)
    monkeypatch.setitem(sys.modules, "published", published)
    monkeypatch.delitem(sys.modules, "train_network", raising=False)
    monkeypatch.delitem(sys.modules, "train_on_gpu", raising=False)
    return importlib.import_module("train_on_gpu")


@pytest.fixture
def archives(tmp_path):
    """Return two archives with parts of 48 photos."""
    rng = np.random.default_rng(0)
    files = []
    for part in range(2):
        files.append(tmp_path / f"part-{part}.tar")
        with tarfile.open(files[-1], "w") as tar:
            for i in range(24):
                content = io.BytesIO()
                PIL.Image.fromarray(rng.integers(0, 256, (20, 20, 3), dtype=np.uint8)).save(content, "PNG")
                member = tarfile.TarInfo(f"photos/{MOODS[i % 8]}/{part}-{i}.png")
                member.size = content.tell()
                tar.addfile(member, io.BytesIO(content.getvalue()))
    return files


def run(script, monkeypatch, tmp_path, *, n_steps, minutes="9"):
    arguments = ["train", "--photos", tmp_path / "photos", "--work", tmp_path / "work", "-o", tmp_path / "out"]
    arguments += ["--size", "lite0", "--n-batch", "4", "--steps", n_steps, "--minutes", minutes, "--trained-on", 0]
    monkeypatch.setattr(sys, "argv", ["train_on_gpu.py", *map(str, arguments)])
    monkeypatch.setattr(script.NetworkRecipe, "sizes_px", (64,))
    script.run(script.parse())


def test_ten_steps_on_the_cpu_from_archives_to_a_checkpoint_that_can_be_exported(
    script, archives, monkeypatch, tmp_path, capsys
):
    for archive in archives:
        script.unpack(archive, tmp_path / "photos")
    monkeypatch.setattr(script, "PART_BYTES", 2**20)
    monkeypatch.setattr(script, "N_DECODED", 20)
    run(script, monkeypatch, tmp_path, n_steps=10, minutes="0")  # stops after the first step
    assert "not complete after 1 steps" in capsys.readouterr().err
    run(script, monkeypatch, tmp_path, n_steps=10)
    results = json.loads(capsys.readouterr().out)
    assert 0 < results["log_loss"] < 5
    parts = [tmp_path / "out" / name for name in results["files"]]
    assert len(parts) > 5
    script.join(parts[::-1], tmp_path / "checkpoint.pt")
    joined = torch.load(tmp_path / "checkpoint.pt", weights_only=True)
    returned = torch.load(io.BytesIO(b"".join(part.read_bytes() for part in parts)), weights_only=True)["average"]
    published = load_network(len(MOODS), Start.tags).state_dict()
    assert joined["recipe"] == {"size": "lite0", "n_shared": 5, "trained_on": "0", "seed": 0}
    assert joined["average"].keys() == published.keys()
    for name, value in joined["average"].items():
        torch.testing.assert_close(value, returned[name].float() if name in returned else published[name])
        assert (name in returned) == name.startswith("mood")
    with np.load(tmp_path / "out" / "lite0_0_0.npz") as predictions:
        assert predictions["logits"].shape == (len(predictions["names"]), 8)
