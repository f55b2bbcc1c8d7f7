from __future__ import annotations

import csv
import io
import json

import pytest

from tests.cli.commands import run, run_failing
from tests.models.networks import mean_colour, write_tagger


def test_train_from_tag_rows_and_labels(tag_file, tmp_path):
    (tmp_path / "labels.txt").write_text("joy\ncalm\njoy\n")
    done = run(
        "train", "--tags", tag_file, "--labels", tmp_path / "labels.txt", "--algorithm", "rf", "-o", tmp_path / "m"
    )
    assert done.returncode == 0, done.stderr
    assert b"rf, trained on 3 pictures, 2 moods, 1000 tags" in done.stderr
    done = run("mood", tag_file, "--model", tmp_path / "m")
    assert {row["tag"] for row in csv.DictReader(io.StringIO(done.stdout.decode()))} == {"joy", "calm"}


def test_the_wrong_number_of_labels_is_an_error(tag_file, tmp_path):
    (tmp_path / "labels.txt").write_text("joy\ncalm\n")
    run_failing(
        "train",
        "--tags",
        tag_file,
        "--labels",
        tmp_path / "labels.txt",
        "-o",
        tmp_path / "m",
        code=2,
        message="2 labels for 3 images",
    )
    assert not (tmp_path / "m").exists()


def test_train_and_evaluate_from_folders_of_photos(labelled_photos, photos, tmp_path):
    assert run("train", "--images", labelled_photos, "-o", tmp_path / "model").returncode == 0
    done = run("classify", photos / "rocket.jpg", "--model", tmp_path / "model", "--format", "json")
    assert next(iter(json.loads(done.stdout)["moods"])) == "joy"
    done = run("evaluate", "--images", labelled_photos, "--folds", 3, "--format", "json")
    metrics = json.loads(done.stdout)
    assert metrics["accuracy"] == 1.0
    assert metrics["intervals"]["accuracy"] == [1.0, 1.0]
    assert metrics["top_two_accuracy"] is metrics["valence"] is None  # two moods with other names


def test_photos_that_fail_are_reported(labelled_photos, tmp_path):
    (labelled_photos / "joy" / "broken.jpg").write_bytes(b"not a picture")
    done = run("train", "--images", labelled_photos, "--inputs", "tags", "-o", tmp_path / "model")
    (labelled_photos / "joy" / "broken.jpg").unlink()
    assert done.returncode == 1
    assert f"error: {labelled_photos / 'joy' / 'broken.jpg'}: unsupported image format" in done.stderr.decode()
    assert json.loads((tmp_path / "model" / "metadata.json").read_text())["training_set"]["n_images"] == 9


def test_grid_search_and_augmentation(tmp_path):
    arguments = ("--example", "--mask", "0.25,1", "--noise", 0.1, "--search", "-o", tmp_path / "model")
    done = run("train", *arguments)
    assert done.returncode == 0
    assert done.stderr.decode().count("accuracy 0.") == 4
    parameters = json.loads((tmp_path / "model" / "metadata.json").read_text())["parameters"]
    assert parameters["augmentation"] == {"mask_fractions": [0.25, 1.0], "noise": 0.1, "random_state": 0}


def test_train_on_features_of_photos(labelled_photos, photos, tmp_path):
    done = run("train", "--images", labelled_photos, "--inputs", "visual", "--balanced", "-o", tmp_path / "model")
    assert done.returncode == 0, done.stderr
    metadata = json.loads((tmp_path / "model" / "metadata.json").read_text())
    assert metadata["inputs"] == ["visual"]
    assert metadata["parameters"]["balanced"] is True
    done = run("classify", photos / "rocket.jpg", "--model", tmp_path / "model", "--format", "json")
    assert next(iter(json.loads(done.stdout)["moods"])) == "joy"


def test_a_grid_search_resumes(tmp_path):
    arguments = ("train", "--example", "--search", "--work", tmp_path / "work", "-o", tmp_path / "model")
    first = run(*arguments)
    kept = (tmp_path / "work" / "folds.jsonl").read_text()
    again = run(*arguments, "--force")
    assert first.stderr == again.stderr
    assert len(kept.splitlines()) == 20
    assert (tmp_path / "work" / "folds.jsonl").read_text() == kept


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--example", "--mask", "half", "-o", "m"], "invalid --mask 'half' (separate numbers"),
        (["--example", "--noise", "2", "-o", "m"], "--noise"),
        (["-o", "m"], "exactly one training set is required"),
        (["--example", "--images", "x", "-o", "m"], "exactly one training set is required"),
        (["--tags", "t.csv", "-o", "m"], "--tags and --labels require each other"),
        (["--example", "--inputs", "embedding+tags", "-o", "m"], "requires pictures"),
        (["--images", "nowhere", "-o", "m"], "nowhere: no such folder"),
        (["--example", "-o", "."], "the folder is not empty"),
        (["--example", "--inputs", "tags+pixels", "-o", "m"], "invalid --inputs 'tags+pixels'"),
        (
            ["--example", "--inputs", "tags+visual", "-o", "m"],
            "missing input 'visual' (the training set has tags)",
        ),
        (["--example", "--features", "f.csv", "-o", "m"], "--features requires --tags"),
    ],
)
def test_wrong_usage(arguments, message, monkeypatch, tmp_path):
    (tmp_path / "something").touch()
    monkeypatch.chdir(tmp_path)
    run_failing("train", *arguments, code=2, message=message)


def test_model_directory_contains_its_tagger(labelled_photos, photos, tmp_path):
    tagger = write_tagger(tmp_path, mean_colour(), name="Mean colour")
    model = tmp_path / "model"
    assert run("train", "--images", labelled_photos, "--tagger", tagger, "-o", model).returncode == 0
    tagger.unlink()
    facts = json.loads(run("info", "--model", model, "--format", "json").stdout)
    assert (facts["tagger"], facts["picture size"], facts["tags"]) == ("Mean colour", 8, 3)
    photo = sorted(photos.iterdir())[0]
    classified = run("classify", photo, "--model", model, "--tags", 3, "--format", "json")
    assert json.loads(classified.stdout)["tags"].keys() == {"red", "green", "blue"}
    assert run("tag", photo, "--tagger", model).stdout.decode().count("\n") == 4


def test_tag_rows_of_another_tagger(tmp_path):
    tagger = write_tagger(tmp_path, mean_colour())
    message = "the training set has none of the tagger's tags"
    run_failing("train", "--example", "--tagger", tagger, "-o", tmp_path / "model", code=2, message=message)
