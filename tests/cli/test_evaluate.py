from __future__ import annotations

import json

import pytest

from imagemood.learning import TrainingSet
from tests.cli.commands import MOODS, run, run_failing


def test_evaluate_example(tmp_path):
    done = run("evaluate", "--example", "--algorithm", "logistic", "--folds", 3)
    assert done.returncode == 0
    assert done.stdout.decode().split()[:4] == ["precision", "recall", "f1", "support"]
    assert done.stderr == b""


def test_summary_shows_the_tags_behind_each_mood():
    done = run("summary", 2, "--example", "--format", "json")
    strongest = json.loads(done.stdout)
    assert set(strongest) == MOODS
    expected = TrainingSet.example().summary(2)
    assert {mood: list(rows.items()) for mood, rows in strongest.items()} == expected
    text = run("summary", 2, "--example").stdout.decode()
    assert len([line for line in text.splitlines() if line.startswith("  ")]) == 16


def test_report_of_photos(photos, tmp_path):
    labelled_photos = tmp_path / "labelled_photos"
    for mood, name in (("calm", "coffee.png"), ("joy", "rocket.jpg")):
        (labelled_photos / mood).mkdir(parents=True)
        for copy in range(6):
            (labelled_photos / mood / f"{copy}-{name}").write_bytes((photos / name).read_bytes())
    done = run("evaluate", "--images", labelled_photos, "--folds", 3, "--report", tmp_path / "report")
    assert done.returncode == 0, done.stderr
    assert f"wrote the report to {tmp_path / 'report' / 'index.html'}" in done.stderr.decode()
    assert done.stdout.decode().split()[0] == "precision"
    values = json.loads((tmp_path / "report" / "report.json").read_text())
    assert [p["size_px"] for p in values["resolution_curve"]["tags"]] == [16, 32, 64, 96, 128, 160, 224]
    assert set(values["resolution_curve"]) == {"tags", "tags+embedding"}
    assert values["learning_curve"][-1]["n_images"] == 8
    assert b"Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--example", "--mask", "0,1"], "invalid --mask '0,1' (use fractions above 0"),
        (["--example", "--folds", "1"], "--folds"),
        (["--example", "--report", "."], "the folder is not empty"),
    ],
)
def test_wrong_usage(arguments, message, monkeypatch, tmp_path):
    (tmp_path / "something").touch()
    monkeypatch.chdir(tmp_path)
    run_failing("evaluate", *arguments, code=2, message=message)
