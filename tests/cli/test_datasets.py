from __future__ import annotations

import json
from dataclasses import replace

import pytest

from imagemood.cli.dataset_options import TrainingSetOptions
from imagemood.cli.pictures import FolderSearch
from imagemood.cli.training_sets import TrainingSetReader
from imagemood.evaluation import experiment_2018
from imagemood.learning import Recipe
from tests.cli.commands import new_context, run
from tests.learning.datasets import imitations


@pytest.fixture(scope="module")
def art_photo(tmp_path_factory):
    return imitations.art_photo(tmp_path_factory.mktemp("artphoto"), n=2)


def test_commands_read_a_dataset_as_published(art_photo, tmp_path):
    done = run(
        "train", "--images", art_photo, "--algorithm", "logistic", "--inputs", "tags", "-o", tmp_path / "model"
    )
    assert done.returncode == 0, done.stderr
    first, second = done.stderr.decode().splitlines()
    assert first == "read as ArtPhoto: 16 pictures, 8 moods"
    assert second.endswith("logistic, trained on 16 pictures, 8 moods, 1000 tags")
    arguments = ("--images", art_photo, "--algorithm", "logistic", "--inputs", "tags", "--folds", 2)
    for command in ("evaluate", "compare"):
        done = run(command, *arguments, *(("--jobs", 1, "--work", tmp_path) if command == "compare" else ()))
        assert done.returncode == 0, done.stderr
        assert done.stderr.decode() == "read as ArtPhoto: 16 pictures, 8 moods\n"
    done = run("summary", 2, "--images", art_photo, "--format", "json")
    assert set(json.loads(done.stdout)) == set(imitations.MIKELS)


def test_labels_beside_pictures(art_photo, tmp_path):
    moods = [path.name.split("_")[0] for path in sorted(art_photo.iterdir())]
    (tmp_path / "labels.txt").write_text("\n".join(moods))
    arguments = ("--images", art_photo, "--labels", tmp_path / "labels.txt")
    done = run("summary", 1, *arguments, "--format", "json")
    assert set(json.loads(done.stdout)) == set(moods)
    assert done.stderr.decode() == "read as a table of labels: 16 pictures, 8 moods\n"
    done = run("summary", 1, *arguments, "--images-format", "gaped")
    assert done.returncode == 2
    assert "the format gaped does not use a table of labels (use the format table)" in done.stderr.decode()


def test_labels_without_pictures_are_named_and_the_exit_code_is_1(tmp_path):
    imitations.emotion6(tmp_path)
    (tmp_path / "images" / "joy" / "2.jpg").unlink()
    done = run("summary", 1, "--images", tmp_path, "--format", "json")
    assert done.returncode == 1
    assert f"error: {tmp_path}/ground_truth.txt, line 7: no picture 'joy/2.jpg'\n" in done.stderr.decode()
    assert set(json.loads(done.stdout)) == {"anger", "disgust", "joy", "neutral"}


def test_official_splits(tmp_path):
    imitations.emoset(tmp_path / "emoset")
    options = TrainingSetOptions(images=str(tmp_path / "emoset"), folders=FolderSearch(new_context()))
    counts = {
        split: len(TrainingSetReader(replace(options, split=split)).read(("tags",)).photos.paths)
        for split in (None, "test", "train+val", "all")
    }
    assert counts == {None: 2, "test": 2, "train+val": 4, "all": 6}
    completed = run("summary", 1, "--images", tmp_path / "emoset", "--split", "dev")
    assert completed.returncode == 2
    assert "no split 'dev' (use one or more of train, val, test, joined by +, or all)" in completed.stderr.decode()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--example", "--images-format", "artphoto"], "--images-format and --split require pictures"),
        (["--images", "photos", "--images-format", "flickr"], "unknown format of datasets 'flickr'"),
        (["--images", "photos", "--split", "train"], "the pictures have no split 'train'"),
    ],
)
def test_wrong_usage(arguments, message, tmp_path, monkeypatch):
    imitations.fi(tmp_path / "photos")
    monkeypatch.chdir(tmp_path)
    completed = run("summary", 1, *arguments)
    assert completed.returncode == 2
    assert message in completed.stderr.decode()


def test_pictures_without_a_split_are_counted(tmp_path):
    imitations.write_pictures(tmp_path, ["a.jpg", "b.jpg", "c.jpg"])
    (tmp_path / "labels.csv").write_text("image,mood,split\na.jpg,joy,fold 1\nb.jpg,fear,train\nc.jpg,joy,train\n")
    done = run("summary", 1, "--images", tmp_path)
    assert "skipped: 1 picture without a split; --split all uses them\n" in done.stderr.decode()


def test_datasets_without_moods(tmp_path):
    imitations.oasis(tmp_path)
    completed = run("train", "--images", tmp_path, "-o", tmp_path / "model")
    assert completed.returncode == 2
    assert "the pictures have valence and arousal, but no moods" in completed.stderr.decode()


@pytest.fixture(scope="module")
def voted(tmp_path_factory):
    """Pictures of three scenes with votes and ratings, in a table."""
    root = tmp_path_factory.mktemp("voted")
    votes = {"awe": (5, 1, 0), "fear": (1, 6, 1), "sadness": (0, 2, 4)}
    rows = ["image,awe,fear,sadness,valence,arousal"]
    for seed, counts in enumerate(votes.values()):
        for copy in range(5):
            name = f"{seed}-{copy}.png"
            imitations.write_picture(root / name, seed)
            rows.append(f"{name},{','.join(map(str, counts))},{5 - seed + copy / 10},{3 + copy}")
    (root / "votes.csv").write_text("\n".join(rows))
    return root


def test_evaluations_are_compared_with_votes_and_ratings(voted, tmp_path):
    arguments = ("evaluate", "--images", voted, "--folds", 3, "--inputs", "tags")
    done = run(*arguments, "--report", tmp_path / "report")
    assert done.returncode == 0, done.stderr
    text = done.stdout.decode()
    assert [line.split()[0] for line in text.splitlines() if line][-7:] == [
        "difference", "KL", "Bray-Curtis", "steps", "correlation", "valence", "arousal",
    ]  # fmt: skip
    values = json.loads((tmp_path / "report" / "report.json").read_text())["label_measures"]
    assert values["distributions"]["bray_curtis"] < values["distributions"]["constant"]["bray_curtis"]
    assert values["ratings"][0]["pearson"]["value"] > 0.8
    page = (tmp_path / "report" / "index.html").read_text()
    assert "Differences from the votes" in page
    assert "Correlation with ratings" in page
    majority = json.loads(run(*arguments, "--votes", "majority", "--format", "json").stdout)
    assert "distributions" not in majority
    assert majority["ratings"][0]["n_images"] == 15


def test_a_report_of_few_pictures_lacks_a_curve(tmp_path):
    for mood in ("awe", "fear"):
        imitations.write_pictures(tmp_path / "data", [f"{mood}/{copy}.png" for copy in range(3)])
    arguments = ("evaluate", "--images", tmp_path / "data", "--inputs", "tags", "--report", tmp_path / "report")
    done = run(*arguments)
    assert done.returncode == 2
    assert "each mood needs 5 images, but 'awe' has 3, 'fear' has 3 (use fewer folds" in done.stderr.decode()
    done = run(*arguments, "--folds", 3)
    assert done.returncode == 0, done.stderr
    assert "warning: the report lacks a curve: each mood needs 5 images" in done.stderr.decode()
    assert (tmp_path / "report" / "index.html").is_file()


def test_a_dataset_with_official_splits_is_evaluated_on_its_test_split(tmp_path):
    for split, n in (("train", 6), ("test", 3)):
        for seed, mood in enumerate(("awe", "fear")):
            for copy in range(n):
                imitations.write_picture(tmp_path / "data" / split / mood / f"{copy}.png", seed)
    arguments = ("evaluate", "--images", tmp_path / "data", "--inputs", "tags", "--format", "json")
    done = run(*arguments, "--report", tmp_path / "report")
    assert done.returncode == 0, done.stderr
    values = json.loads(done.stdout)
    assert (values["n_images"], values["n_folds"], values["accuracy"]) == (6, 0, 1)
    assert "official test split" in (tmp_path / "report" / "index.html").read_text()
    report = json.loads((tmp_path / "report" / "report.json").read_text())
    assert report["images_per_mood"] == {"awe": 3, "fear": 3}
    crossed = json.loads(run(*arguments, "--split", "all", "--folds", 3).stdout)
    assert (crossed["n_images"], crossed["n_folds"]) == (18, 3)


def test_a_trained_model_is_evaluated_on_ratings_and_moods(voted, tmp_path):
    imitations.iaps(tmp_path / "iaps")
    imitations.write_picture(tmp_path / "iaps" / "IAPS 1-20 Images" / "7.jpg", 9)
    table = tmp_path / "iaps" / "IAPS Tech Report" / "AllSubjects_1-20.txt"
    table.write_text(
        table.read_text() + "\r\nLamp\t7\t5\t1\t3\t1\t.\t.\t.\t.\t1\r\nLost\t8\t5\t1\t3\t1\t.\t.\t.\t.\t1"
    )
    done = run("evaluate", "--images", tmp_path / "iaps", "--model", "default", "-o", tmp_path / "result.json")
    assert done.returncode == 1
    assert "line 10: no picture '8'" in done.stderr.decode()
    values = json.loads((tmp_path / "result.json").read_text())
    assert [(one["name"], one["n_images"]) for one in values["ratings"]] == [("valence", 4), ("arousal", 4)]
    done = run("evaluate", "--images", voted, "--model", "default")
    assert done.returncode == 0, done.stderr
    assert {"accuracy", "steps", "valence"} <= {
        line.split()[0] for line in done.stdout.decode().splitlines() if line
    }
    imitations.emotion6(tmp_path / "emotion6")
    done = run("evaluate", "--images", tmp_path / "emotion6", "--model", "default")
    assert "no accuracy, because the model does not predict joy, neutral" in done.stderr.decode()
    assert done.stdout.decode().startswith("correlation with ratings")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--example", "--model", "default"], "--model requires pictures"),
        (["--images", "photos", "--model", "default", "--report", "report"], "--report does not apply to --model"),
        (["--images", "photos", "--model", "default"], "the dataset has no labels that the model predicts"),
    ],
)
def test_wrong_usage_of_a_model(arguments, message, tmp_path, monkeypatch):
    imitations.write_pictures(tmp_path / "photos", ["joy/a.jpg", "rage/b.jpg"])
    monkeypatch.chdir(tmp_path)
    completed = run("evaluate", *arguments)
    assert completed.returncode == 2
    assert message in completed.stderr.decode()


def test_the_experiment_of_2018_is_one_command(tmp_path, monkeypatch):
    monkeypatch.setattr(experiment_2018, "RECIPE", Recipe("rf", {"n_estimators": 5}))
    root = imitations.art_photo(tmp_path, n=5)
    done = run("reproduce", "--images", root, "-o", tmp_path / "result.json")
    assert done.returncode == 0, done.stderr
    assert done.stderr.decode() == "read as ArtPhoto: 40 pictures, 8 moods\n"
    values = json.loads((tmp_path / "result.json").read_text())
    assert (values["cross_validated"]["n_folds"], values["held_out"]["n_images"]) == (5, 8)
    assert set(values["published"]["per_class"]) == set(values["held_out"]["per_class"]) == set(imitations.MIKELS)
