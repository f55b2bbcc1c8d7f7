from __future__ import annotations

from pathlib import Path

import pytest

from imagemood.cli.dataset_options import TrainingSetOptions
from imagemood.cli.pictures import FolderSearch
from imagemood.cli.training_sets import TrainingSetReader, work_file
from imagemood.errors import InputError
from imagemood.learning import TrainingSet
from tests.cli.commands import new_context, run


def reader(*, work=None, **options):
    return TrainingSetReader(TrainingSetOptions(folders=FolderSearch(new_context()), **options), work=work)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({}, "exactly one training set is required"),
        ({"example": True, "images": Path("x")}, "exactly one training set is required"),
        ({"example": True, "tags": Path("x"), "labels": Path("y")}, "exactly one training set is required"),
        ({"tags": Path("x")}, "--tags and --labels require each other"),
        ({"labels": Path("x")}, "--tags and --labels require each other"),
        ({"example": True, "features": Path("x")}, "--features requires --tags"),
    ],
)
def test_options_that_do_not_name_one_training_set(given, message):
    with pytest.raises(InputError, match=message):
        reader(**given).read()


def test_the_example_training_set():
    chosen = reader(example=True).read()
    assert chosen.training_set.moods == TrainingSet.example().moods
    assert (chosen.photos, chosen.cascade, chosen.exit_code) == (None, None, 0)
    with pytest.raises(InputError, match=r"--inputs tags\+embedding requires pictures"):
        reader(example=True).read(("tags", "embedding"))


def test_a_training_set_of_tag_rows_labels_and_features(photos, tag_file, tmp_path):
    labels, features = tmp_path / "labels.txt", tmp_path / "features.csv"
    labels.write_text("calm\ncalm\njoy\n")
    assert run("features", photos, "-o", features).returncode == 0
    given = reader(tags=tag_file, labels=labels, features=features)
    assert given.read().training_set.widths == {"tags": 1000, "visual": 71}
    assert given.read(("visual",)).training_set.widths == {"visual": 71}
    assert list(given.read().training_set.moods) == ["calm", "calm", "joy"]


def test_a_training_set_of_photos_keeps_its_work(labelled_photos, tmp_path, capsys):
    given = reader(images=labelled_photos, work=tmp_path / "work")
    chosen = given.read()
    assert chosen.training_set.widths.keys() == {"tags", "embedding"}
    assert len(chosen.photos.paths) == 9
    assert chosen.exit_code == 0
    assert (tmp_path / "work" / "photos.npz").is_file()
    again = given.read()
    assert (again.training_set.tags == chosen.training_set.tags).all()
    assert capsys.readouterr().err == 2 * "read as folders of moods: 9 pictures, 2 moods\n"


def test_photos_that_fail_are_reported_and_left_out(labelled_photos, tmp_path, capsys):
    for path in sorted(labelled_photos.rglob("0-*")):
        target = tmp_path / path.relative_to(labelled_photos)
        target.parent.mkdir(exist_ok=True)
        target.write_bytes(path.read_bytes())
    (tmp_path / "joy" / "empty.jpg").touch()
    chosen = reader(images=tmp_path).read(("tags",))
    assert chosen.exit_code == 1
    assert len(chosen.training_set.moods) == 3
    assert capsys.readouterr().err == (
        f"read as folders of moods: 4 pictures, 2 moods\nerror: {tmp_path / 'joy' / 'empty.jpg'}: empty file\n"
    )


def test_the_work_folder_is_created(tmp_path):
    assert work_file(None, "folds.jsonl") is None
    assert work_file(tmp_path / "a" / "b", "folds.jsonl") == tmp_path / "a" / "b" / "folds.jsonl"
    assert (tmp_path / "a" / "b").is_dir()
    (tmp_path / "file").touch()
    with pytest.raises(InputError, match="file: is a file, not a folder"):
        work_file(tmp_path / "file", "folds.jsonl")
