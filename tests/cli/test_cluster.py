from __future__ import annotations

import csv
import json

from tests.cli.commands import run, run_failing


def test_a_folder_and_its_dataset_have_the_same_albums(dataset_folder, tmp_path):
    in_folder = run("cluster", "photos", "--by", "mood", "--format", "json", cwd=dataset_folder)
    in_dataset = run("cluster", "moods", "--by", "mood", "--format", "json", cwd=dataset_folder)
    assert (in_folder.returncode, in_folder.stderr) == (1, b"error: photos/empty.jpg: empty file\n")
    assert (in_dataset.returncode, in_dataset.stderr) == (0, b"")
    albums, others = ([json.loads(line) for line in done.stdout.splitlines()] for done in (in_folder, in_dataset))
    assert [album["pictures"] for album in albums] == [album["pictures"] for album in others]
    assert sum(len(album["pictures"]) for album in albums) == 20
    assert all(album["representative"] == album["pictures"][0] for album in albums)
    run("cluster", "moods", "--by", "mood", "-o", tmp_path / "albums.csv", cwd=dataset_folder)
    with (tmp_path / "albums.csv").open() as file:
        rows = list(csv.DictReader(file))
    expected = [(str(album["album"]), path) for album in others for path in album["pictures"]]
    assert [(row["album"], row["path"]) for row in rows] == expected


def test_a_table_of_albums(dataset_folder):
    lines = run("cluster", "photos", "--albums", 3, cwd=dataset_folder).stdout.decode().splitlines()
    assert lines[0].split() == ["album", "pictures", "mood", "mean", "probability", "representative"]
    assert len(lines) == 4
    assert sum(int(line.split()[1]) for line in lines[1:]) == 20


def test_wrong_usage(dataset_folder, tmp_path):
    run_failing("cluster", dataset_folder / "moods", code=2, message="the dataset contains no embeddings")
    run_failing("cluster", tmp_path, code=2, message="contains no pictures")
    run_failing("cluster", dataset_folder / "moods", "--albums", 0, code=2, message="--albums")
