from __future__ import annotations

import hashlib
import importlib
import json

import numpy as np
import pytest
from scipy.special import log_softmax
from sklearn.metrics import f1_score

MOODS = ("anger", "awe", "fear")


@pytest.fixture
def collect():
    return importlib.import_module("collect_networks")


@pytest.fixture
def photos(tmp_path):
    """A folder of 60 files in three moods."""
    for mood in MOODS:
        (tmp_path / "photos" / mood).mkdir(parents=True)
        for i in range(20):
            (tmp_path / "photos" / mood / f"{i:02}.jpg").write_bytes(f"{mood} {i}".encode())
    return tmp_path / "photos"


@pytest.fixture
def make_run(tmp_path, photos):
    """Return a function that writes the work folder of a training."""
    split = importlib.import_module("split")
    paths = sorted(photos.glob("*/*"))
    names = [f"{path.parent.name}/{path.name}" for path in paths]

    def make(name, part, seed=0):
        folder = tmp_path / name
        folder.mkdir()
        digest = hashlib.sha256("\n".join(names).encode()).hexdigest()
        recipe = {"size": "lite0", "trained_on": part, "seed": seed}
        (folder / "description.json").write_text(json.dumps({"photos": digest, "recipe": recipe}))
        (folder / "log.jsonl").write_text('{"epoch": 1, "seconds": 90}\n{"epoch": 2, "seconds": 30}\n')
        chosen = [n for n, path in zip(names, paths, strict=True) if split.twentieth(path) in split.held_out(part)]
        logits = np.random.default_rng(seed).normal(size=(len(chosen), 3)).astype(np.float32)
        np.savez(folder / "predictions.npz", names=chosen, logits=logits)
        return folder

    return make


def expected_f1(*folders):
    """Return the macro F1 of the mean logits for the same photos."""
    stored = [np.load(folder / "predictions.npz") for folder in folders]
    truth = [MOODS.index(name.split("/")[0]) for name in stored[0]["names"].tolist()]
    return f1_score(truth, np.mean([part["logits"] for part in stored], axis=0).argmax(axis=1), average="macro")


def test_a_training_is_recorded_with_its_photos_and_minutes(collect, make_run, photos):
    split = importlib.import_module("split")
    folder = make_run("run", "2")
    entry = collect.from_runs([folder], photos)
    n_held_out = sum(split.twentieth(path) in split.held_out("2") for path in photos.glob("*/*"))
    assert (entry["n_images"], entry["n_train"]) == (n_held_out, 60 - n_held_out)
    assert entry["evaluated_on"] == "fold 2"
    assert entry["minutes"] == 2
    assert [epoch["epoch"] for epoch in entry["history"]] == [1, 2]
    assert entry["macro_f1"] == pytest.approx(expected_f1(folder))
    low, high = entry["intervals"]["accuracy"]
    assert low <= entry["accuracy"] <= high


def test_the_predictions_of_folds_are_pooled_and_those_of_seeds_averaged(collect, make_run, photos):
    folds = [make_run(f"fold{part}", str(part)) for part in range(5)]
    entry = collect.from_runs(folds, photos)
    assert (entry["n_images"], entry["n_train"], entry["evaluated_on"]) == (60, 48, "cross-validation")
    seeds = [make_run(f"seed{seed}", "0", seed) for seed in (1, 2)]
    assert collect.from_runs(seeds, photos)["macro_f1"] == pytest.approx(expected_f1(*seeds))


def test_the_factor_of_the_logits_minimises_the_log_loss(collect, make_run, photos):
    folder = make_run("run", "0")
    with np.load(folder / "predictions.npz") as stored:
        truth = np.array([MOODS.index(name.split("/")[0]) for name in stored["names"].tolist()])
        logits = stored["logits"].astype(np.float64)
    rows = np.arange(len(truth))
    losses = [-log_softmax(logits * f, axis=1)[rows, truth].mean() for f in np.linspace(0.5, 2, 31)]
    assert collect.from_runs([folder], photos)["log_loss"] <= min(losses) + 1e-4


def test_the_output_of_a_gpu_is_named_by_its_fold(collect, make_run, photos, tmp_path):
    (tmp_path / "student_3.npz").write_bytes((make_run("run", "3") / "predictions.npz").read_bytes())
    entry = collect.from_runs([tmp_path / "student_3.npz"], photos)
    assert (entry["size"], entry["evaluated_on"]) == ("lite0", "fold 3")
    assert "minutes" not in entry


def test_a_training_on_other_photos_is_refused(collect, make_run, photos):
    folder = make_run("run", "0")
    (photos / "awe" / "new.jpg").touch()
    with pytest.raises(SystemExit, match="other photos"):
        collect.from_runs([folder], photos)


def test_results_of_the_evaluation_are_accepted(collect, tmp_path):
    metrics = {
        "n_images": 5,
        "n_folds": 5,
        "accuracy": 0.6,
        "intervals": {"accuracy": [0.5, 0.7], "macro_f1": [0.4, 0.6]},
    }
    results = {"cross_validation": metrics, "base": "lite2", "ms": {"moods": 20.0, "lite2": 25.0}}
    (tmp_path / "network.json").write_text(json.dumps(results))
    entry = collect.from_evaluation(tmp_path / "network.json")
    assert entry["evaluated_on"] == "cross-validation"
    assert (entry["accuracy"], entry["ms"], entry["ms_published"]) == (0.6, 20.0, 25.0)
    older = {"validation": {"n_images": 5, "n_folds": 0, "accuracy": 0.5}, "ms": {"built_in": 23.0, "lite0": 22.0}}
    (tmp_path / "network.json").write_text(json.dumps(older))
    assert collect.from_evaluation(tmp_path / "network.json")["evaluated_on"] == "validation part"


def test_an_entry_replaces_the_one_with_its_name(collect, tmp_path):
    file = tmp_path / "tried.json"
    for name, accuracy in (("a", 0.1), ("b", 0.2), ("a", 0.3)):
        collect.record(name, {"accuracy": accuracy}, file)
    assert json.loads(file.read_text()) == {"a": {"accuracy": 0.3}, "b": {"accuracy": 0.2}}
