from __future__ import annotations

import csv
import io

import pytest

from imagemood import tables
from tests.cli.commands import run, run_failing


def test_tag_writes_rows_that_mood_reads(photos, tag_file, tmp_path):
    tags = tables.read(tag_file)
    assert tags.images == [str(photos / name) for name in ("chelsea.png", "coffee.png", "rocket.jpg")]
    done = run("mood", tag_file)
    assert done.returncode == 0
    assert done.stderr == b""
    rows = list(csv.DictReader(io.StringIO(done.stdout.decode())))
    assert list(rows[0]) == ["image", "tag", "score"]
    assert len(rows) == 24
    direct = run("classify", photos, "--model", "tags", "--format", "csv").stdout.decode()
    expected = [
        (r["image"], r["mood"], pytest.approx(float(r["probability"]), abs=1e-6))
        for r in csv.DictReader(io.StringIO(direct))
    ]
    assert [(r["image"], r["tag"], float(r["score"])) for r in rows] == expected


def test_every_format_of_tag_rows_gives_the_same_moods(photos, tmp_path):
    outputs = []
    for extension in ("csv", "jsonl", "parquet", "pb"):
        path = tmp_path / f"tags.{extension}"
        assert run("tag", photos, "--index", "--top", 30, "-o", path).returncode == 0
        assert run("mood", path, "-o", tmp_path / f"moods-{extension}.csv").returncode == 0
        outputs.append((tmp_path / f"moods-{extension}.csv").read_text())
    assert outputs == [outputs[0]] * 4
    assert outputs[0].splitlines()[1].startswith("0,")
    piped = run("mood", "-", "--input-format", "protobuf", stdin=(tmp_path / "tags.pb").read_bytes())
    assert piped.stdout.decode() == outputs[0]


def test_unknown_tags_are_counted_and_reported_once(tmp_path):
    (tmp_path / "tags.csv").write_text("image,tag,score\n0,crane,0.5\n0,volcano,0.5\n1,crane,1\n1,yeti,0.1\n")
    done = run("mood", tmp_path / "tags.csv")
    assert done.returncode == 0
    warnings = done.stderr.decode().splitlines()
    assert warnings == [
        "warning: 3 rows skipped: the model does not know 2 of the tags, such as 'crane', 'yeti'",
        "warning: 1 pictures have no known tag and get the prior probabilities, such as 1",
    ]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("image,tag,score\n0,cat,abc\n", "tags.csv, row 1, field 'score': 'abc' is not a number"),
        ("image,tag,score\n0,cat,0.5\n0,dog\n", "tags.csv, row 2: wrong number of fields: 2 instead of 3"),
        ("image,tag\n0,cat\n", "tags.csv: missing column 'score'"),
        ("", "tags.csv: no rows"),
    ],
)
def test_an_invalid_tag_file_writes_nothing(tmp_path, content, message):
    (tmp_path / "tags.csv").write_text(content)
    run_failing("mood", tmp_path / "tags.csv", "-o", tmp_path / "moods.csv", code=2, message=message)
    assert [path.name for path in tmp_path.iterdir()] == ["tags.csv"]


def test_models_of_embeddings_need_pictures(tag_file):
    run_failing(
        "mood", tag_file, "--model", "default", code=2, message="needs the tagger's embedding, not only tags"
    )


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["nowhere.csv"], "nowhere.csv: cannot be read: No such file or directory"),
        (["nowhere.csv", "--features", "f.csv"], "f.csv: cannot be read"),
    ],
)
def test_wrong_usage(arguments, message, monkeypatch, tmp_path):
    (tmp_path / "something").touch()
    monkeypatch.chdir(tmp_path)
    run_failing("mood", *arguments, code=2, message=message)
