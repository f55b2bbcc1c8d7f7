from __future__ import annotations

import csv
import io
import json

import pyarrow.parquet as pq
import pytest

from tests.cli.commands import BAD_PICTURES, run, run_failing


def test_features_can_be_used_for_training_and_by_mood(photos, tag_file, tmp_path):
    """Visual features in files are computed, used for training, and used for predictions."""
    table = tmp_path / "features.parquet"
    done = run("features", photos, BAD_PICTURES / "text.jpg", "-o", table)
    assert done.returncode == 1
    assert done.stderr.decode().startswith(f"error: {BAD_PICTURES / 'text.jpg'}: ")
    rows = pq.read_table(table)
    assert rows.num_rows == 3
    assert rows.column_names[:3] == ["image", "saturation_mean", "brightness_mean"]
    (tmp_path / "labels.txt").write_text("joy\ncalm\njoy\n")
    source = ("--tags", tag_file, "--labels", tmp_path / "labels.txt", "--features", table)
    done = run("train", *source, "--inputs", "tags+visual", "-o", tmp_path / "model")
    assert done.returncode == 0, done.stderr
    assert b"1000 tags, 71 visual features" in done.stderr
    from_rows = run("mood", tag_file, "--features", table, "--model", tmp_path / "model")
    from_pictures = run("classify", photos, "--model", tmp_path / "model", "--format", "csv")
    probabilities = [
        {
            tuple(row.values())[:2]: float(tuple(row.values())[2])
            for row in csv.DictReader(io.StringIO(text.decode()))
        }
        for text in (from_rows.stdout, from_pictures.stdout)
    ]
    assert len(probabilities[0]) == 6
    assert probabilities[0] == pytest.approx(probabilities[1], abs=1e-6)
    run_failing(
        "mood", tag_file, "--model", tmp_path / "model", code=2, message="needs visual features, not only tags"
    )
    message = "needs visual features, which a bundle cannot compute"
    run_failing(
        "acumos", "dump", "--cascade", "--model", tmp_path / "model", "-o", tmp_path / "b", code=2, message=message
    )


def test_features_on_standard_output(photos):
    done = run("features", photos / "coffee.png", "--format", "jsonl")
    row = json.loads(done.stdout)
    assert row["image"] == str(photos / "coffee.png")
    assert len(row) == 72
    assert run("features", photos / "coffee.png").stdout.decode().startswith("image,saturation_mean,")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["x.jpg", "-o", "features.pb"], "features cannot be written as protobuf"),
    ],
)
def test_wrong_usage(arguments, message, monkeypatch, tmp_path):
    (tmp_path / "something").touch()
    monkeypatch.chdir(tmp_path)
    run_failing("features", *arguments, code=2, message=message)
