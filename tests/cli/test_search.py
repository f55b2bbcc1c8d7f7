from __future__ import annotations

import csv
import io
import json

import pyarrow.parquet as pq
import pytest

from tests.cli.commands import run, run_failing

COLUMNS = ["path", "probability", "mood", "valence", "arousal"]


def test_a_dataset_and_its_folder_give_the_same_hits(dataset_folder):
    arguments = ("--mood", "fear", "--top", 5, "--format", "json")
    in_dataset = run("search", "moods", *arguments, cwd=dataset_folder)
    in_folder = run("search", "photos", *arguments, cwd=dataset_folder)
    assert (in_dataset.returncode, in_dataset.stderr) == (0, b"")
    assert (in_folder.returncode, in_folder.stderr) == (1, b"error: photos/empty.jpg: empty file\n")
    hits, others = ([json.loads(line) for line in done.stdout.splitlines()] for done in (in_dataset, in_folder))
    assert [list(hit) for hit in hits] == [COLUMNS] * 5
    assert [hit["path"] for hit in hits] == [hit["path"] for hit in others]
    assert [hit["probability"] for hit in hits] == pytest.approx([hit["probability"] for hit in others], abs=1e-6)
    table = pq.read_table(dataset_folder / "moods").sort_by([("fear", "descending")]).slice(0, 5)
    assert [hit["path"] for hit in hits] == table["path"].to_pylist()
    assert [hit["probability"] for hit in hits] == table["fear"].to_pylist()


def test_the_formats_have_the_same_rows(dataset_folder, tmp_path):
    arguments = ("search", "moods", "--mood", "awe", "--top", 3)
    text = run(*arguments, "--format", "csv", cwd=dataset_folder).stdout.decode()
    rows = list(csv.DictReader(io.StringIO(text)))
    assert list(rows[0]) == COLUMNS
    assert run(*arguments, "-o", tmp_path / "awe.parquet", cwd=dataset_folder).stdout == b""
    table = pq.read_table(tmp_path / "awe.parquet")
    assert table.column_names == COLUMNS
    for row, expected in zip(table.to_pylist(), rows, strict=True):
        assert (row["path"], row["mood"]) == (expected["path"], expected["mood"])
        numbers = [float(expected[name]) for name in ("probability", "valence", "arousal")]
        assert [row["probability"], row["valence"], row["arousal"]] == pytest.approx(numbers, abs=1e-9)
    lines = run(*arguments, cwd=dataset_folder).stdout.decode().splitlines()
    assert lines[0].split() == COLUMNS
    for line, row in zip(lines[1:], rows, strict=True):
        cells = line.split()
        assert cells[:2] == [row["path"], f"{float(row['probability']):.1%}"]
        assert cells[-3:] == [row["mood"], f"{float(row['valence']):+.2f}", f"{float(row['arousal']):+.2f}"]


def test_ten_hits_by_default(dataset_folder):
    assert len(run("search", "moods", "--mood", "awe", cwd=dataset_folder).stdout.splitlines()) == 11


def test_a_folder_without_usable_pictures(tmp_path):
    (tmp_path / "empty.jpg").touch()
    completed = run("search", tmp_path, "--mood", "awe")
    assert (completed.returncode, completed.stdout) == (1, b"")
    assert completed.stderr.decode() == f"error: {tmp_path / 'empty.jpg'}: empty file\n"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("moods", "--mood", "joy"), "error: unknown mood 'joy' (use one of amusement, anger, awe, "),
        (("photos", "--mood", "joy"), "error: unknown mood 'joy' (use one of amusement, anger, awe, "),
        (("moods", "--mood", "awe", "-o", "x.pb"), "predictions for pictures cannot be written as protobuf"),
        (("moods", "--mood", "awe", "--top", "0"), "--top"),
        (("moods",), "Missing option '--mood'"),
    ],
)
def test_wrong_usage(dataset_folder, monkeypatch, arguments, message):
    monkeypatch.chdir(dataset_folder)
    run_failing("search", *arguments, code=2, message=message)
