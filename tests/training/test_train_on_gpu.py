from __future__ import annotations

import importlib
import json
import sys
import types

import numpy as np
import PIL.Image
import pytest
import torch

from imagemood.finetuning.starting_weights import Start, load_network

MOODS = ("amusement", "anger", "awe", "contentment", "disgust", "excitement", "fear", "sadness")
NAMES = ("published", "photos", "photo_parts", "cross_fitting", "gpu_worker", "train_on_gpu")


@pytest.fixture
def script(monkeypatch):
    """Return the script; the published weights are those in the package, so that no other package is needed."""
    torch.set_num_threads(1)
    for name in NAMES:
        monkeypatch.delitem(sys.modules, name, raising=False)
    published = types.ModuleType("published")
    published.load = lambda _, __=5, drop_rate=0.0: load_network(len(MOODS), Start.tags, drop_rate=drop_rate)
    monkeypatch.setitem(sys.modules, "published", published)
    return importlib.import_module("train_on_gpu")


@pytest.fixture
def photos(tmp_path):
    """Return a folder with 120 photos of eight moods."""
    rng = np.random.default_rng(0)
    for i in range(120):
        folder = tmp_path / "photos" / MOODS[i % 8]
        folder.mkdir(parents=True, exist_ok=True)
        pixels = rng.integers(0, 256, (20, 20, 3), dtype=np.uint8)
        PIL.Image.fromarray(pixels).save(folder / f"{i}.{'png' if i % 2 else 'jpg'}")
    return tmp_path / "photos"


def test_parts_contain_all_photos_in_a_random_order_without_loss(script, photos, tmp_path):
    parts = importlib.import_module("photo_parts")
    originals = importlib.import_module("photos").read(photos)
    files = parts.pack(originals, tmp_path, max_bytes=40_000)
    assert len(files) > 2
    with np.load(files[0]) as first:
        assert {name.split("/")[0] for name in first["names"].tolist()} == set(MOODS)
    packed = parts.unpack(tmp_path)
    assert packed.names.tolist() == sorted(originals.names.tolist())
    pixels = np.empty((len(packed), 224, 224, 3), dtype=np.uint8)
    packed.decode(pixels)
    for i, name in enumerate(packed.names.tolist()):
        k = originals.names.tolist().index(name)
        np.testing.assert_array_equal(pixels[i], originals.pixels(slice(k, k + 1))[0])
        assert packed.twentieths[i] == originals.twentieths[k]
        assert packed.labels[packed.moods[i]] == originals.labels[originals.moods[k]]


def test_a_student_is_trained_by_teachers_that_saw_neither_its_photos_nor_the_held_out_ones(
    script, photos, monkeypatch, tmp_path, capsys
):
    script.pack(photos, tmp_path / "parts", 1.0, ("lite0",))
    options = ["train", tmp_path / "parts", "--work", tmp_path / "work", "-o", tmp_path / "out", "--students", 3]
    options += ["--teacher", "lite0", "--teacher-px", 64, 64, "--student-px", 64, "--steps", 1, "--n-processes", 1]
    options += ["--n-batch", 8]
    monkeypatch.setattr(sys, "argv", ["train_on_gpu.py", *map(str, options)])
    monkeypatch.setattr(script, "PART_BYTES", 2**20)
    script.train(script.parse())
    results = {line["name"]: line for line in map(json.loads, capsys.readouterr().out.splitlines())}
    assert set(results) == {"teacher_03", "teacher_13", "teacher_23", "teacher_34", "student_3"}
    assert 0 < results["student_3"]["log_loss"] < 5

    script.join(sorted((tmp_path / "out").glob("networks.*"))[::-1], "3", tmp_path / "checkpoint.pt")
    joined = torch.load(tmp_path / "checkpoint.pt", weights_only=True)
    start = load_network(len(MOODS), Start.tags).state_dict()
    assert joined["recipe"] == {"size": "lite0", "n_shared": 5, "trained_on": "3", "seed": 0}
    changed = {
        name.split(".")[0] for name, value in joined["average"].items() if not torch.equal(value, start[name])
    }
    assert changed == {"mood_blocks", "mood_last", "moods"}

    script.split_predictions(tmp_path / "out" / "predictions.npz", tmp_path / "folds")
    split = importlib.import_module("split")
    with np.load(tmp_path / "folds" / "student_3.npz") as stored:
        parts = [split.twentieth(photos / name) for name in stored["names"].tolist()]
        assert set(parts) <= set(split.FOLDS[3])
        assert stored["logits"].shape == (len(parts), len(MOODS))


def test_the_teachers_of_a_student_were_not_trained_on_its_held_out_photos(script):
    cross_fitting, split = (importlib.import_module(name) for name in ("cross_fitting", "split"))
    for name in "01234":
        pairs = cross_fitting.teachers_of(name)
        assert len(pairs) == 4
        for pair in pairs:
            assert not set(split.trained_on(pair)) & set(split.FOLDS[int(name)])
            assert len(split.trained_on(pair)) == 12
    assert len(cross_fitting.teachers_of("none")) == 10
