from __future__ import annotations

import json
from dataclasses import replace

import pytest

from imagemood.cli.training_sets import TrainingSetOptions
from tests.cli.commands import run
from tests.learning.datasets import imitations


@pytest.fixture(scope="module")
def art_photo(tmp_path_factory):
    return imitations.art_photo(tmp_path_factory.mktemp("artphoto"), n=3)


def test_commands_read_a_dataset_as_published(art_photo, tmp_path):
    done = run(
        "train", "--images", art_photo, "--algorithm", "logistic", "--inputs", "tags", "-o", tmp_path / "model"
    )
    assert done.returncode == 0, done.stderr
    first, second = done.stderr.decode().splitlines()
    assert first == "read as ArtPhoto: 24 pictures, 8 moods"
    assert second.endswith("logistic, trained on 24 pictures, 8 moods, 1000 tags")
    arguments = ("--images", art_photo, "--algorithm", "logistic", "--inputs", "tags", "--folds", 3)
    for command in ("evaluate", "compare"):
        done = run(command, *arguments, *(("--jobs", 1, "--work", tmp_path) if command == "compare" else ()))
        assert done.returncode == 0, done.stderr
        assert done.stderr.decode() == "read as ArtPhoto: 24 pictures, 8 moods\n"
    done = run("summary", 2, "--images", art_photo, "--format", "json")
    assert set(json.loads(done.stdout)) == set(imitations.MIKELS)


def test_labels_beside_pictures(art_photo, tmp_path):
    moods = [path.name.split("_")[0] for path in sorted(art_photo.iterdir())]
    (tmp_path / "labels.txt").write_text("\n".join(moods))
    arguments = ("--images", art_photo, "--labels", tmp_path / "labels.txt")
    done = run("summary", 1, *arguments, "--format", "json")
    assert set(json.loads(done.stdout)) == set(moods)
    assert done.stderr.decode() == "read as a table of labels: 24 pictures, 8 moods\n"
    done = run("summary", 1, *arguments, "--images-format", "gaped")
    assert done.returncode == 2
    assert "no tables such as 'A_with SD.txt'" in done.stderr.decode()


def test_labels_without_pictures_are_named_and_the_exit_code_is_1(tmp_path):
    imitations.emotion6(tmp_path)
    (tmp_path / "images" / "joy" / "2.jpg").unlink()
    done = run("summary", 1, "--images", tmp_path, "--format", "json")
    assert done.returncode == 1
    assert f"error: {tmp_path}/ground_truth.txt, line 7: no picture 'joy/2.jpg'\n" in done.stderr.decode()
    assert set(json.loads(done.stdout)) == {"anger", "disgust", "joy", "neutral"}


def test_official_splits(tmp_path):
    imitations.emoset(tmp_path / "emoset")
    options = TrainingSetOptions(None, None, str(tmp_path / "emoset"), example=False)
    counts = {
        split: len(replace(options, split=split).read(("tags",)).photos.paths)
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


def test_datasets_without_moods(tmp_path):
    imitations.oasis(tmp_path)
    completed = run("train", "--images", tmp_path, "-o", tmp_path / "model")
    assert completed.returncode == 2
    assert "the pictures have valence and arousal, but no moods" in completed.stderr.decode()
