from __future__ import annotations

import csv
import io
import json
import re
import subprocess
import sys
from dataclasses import asdict

import numpy as np
import PIL.Image
import pyarrow.parquet as pq
import pytest

import imagemood
from imagemood.prediction.affect import affect_of
from tests.cli.commands import BAD_PICTURES, MOODS, run, run_failing


def test_the_default_is_a_table(photos):
    done = run("classify", photos)
    assert done.returncode == 0
    assert done.stderr == b""  # quiet in a pipe
    text = done.stdout.decode()
    assert "\x1b" not in text
    assert text.splitlines()[0].split() == ["image", "mood", "probability", "valence", "arousal"]
    assert [text.count(str(photos / name)) for name in ("chelsea.png", "coffee.png", "rocket.jpg")] == [1, 1, 1]
    assert len(text.splitlines()) == 1 + 3 * 3


def test_csv_has_a_row_for_each_picture_and_mood(photos):
    done = run("classify", photos / "rocket.jpg", photos / "chelsea.png", "--format", "csv")
    rows = list(csv.DictReader(io.StringIO(done.stdout.decode())))
    assert list(rows[0]) == ["image", "mood", "probability"]
    assert [row["image"] for row in rows] == [str(photos / "rocket.jpg")] * 8 + [str(photos / "chelsea.png")] * 8
    for start in (0, 8):
        probabilities = [float(row["probability"]) for row in rows[start : start + 8]]
        assert probabilities == sorted(probabilities, reverse=True)
        assert sum(probabilities) == pytest.approx(1, abs=1e-6)
        assert {row["mood"] for row in rows[start : start + 8]} == MOODS


def test_json_and_parquet_have_the_same_values(photos, tmp_path):
    done = run("classify", photos, "--format", "json", "--tags", 2, "--top", 3)
    objects = [json.loads(line) for line in done.stdout.decode().splitlines()]
    assert [set(value) for value in objects] == [{"image", "moods", "affect", "tags"}] * 3
    assert [len(value["tags"]) for value in objects] == [2] * 3
    assert run("classify", photos, "--top", 3, "-o", tmp_path / "moods.parquet").returncode == 0
    rows = pq.read_table(tmp_path / "moods.parquet").to_pylist()
    expected = [(v["image"], mood, p) for v in objects for mood, p in v["moods"].items()]
    assert [tuple(row.values()) for row in rows] == [(i, m, pytest.approx(p, abs=1e-6)) for i, m, p in expected]


def test_the_api_and_the_command_agree(photos):
    done = run("classify", photos / "chelsea.png", "--format", "json")
    moods = json.loads(done.stdout)["moods"]
    assert moods == pytest.approx(imagemood.classify(photos / "chelsea.png").moods, abs=1e-6)


def test_a_picture_on_standard_input(photos):
    done = run("classify", "-", "--format", "json", stdin=(photos / "coffee.png").read_bytes())
    assert json.loads(done.stdout)["image"] == "-"


def test_bad_pictures_are_reported_and_the_others_classified(photos):
    done = run("classify", BAD_PICTURES, photos / "coffee.png", "absent.jpg", "--format", "json")
    lines = done.stderr.decode().splitlines()
    assert done.returncode == 1
    assert len(lines) == len(list(BAD_PICTURES.iterdir())) + 1
    for path in BAD_PICTURES.iterdir():
        assert sum(line.startswith(f"error: {path}: ") for line in lines) == 1
    assert "error: absent.jpg: No such file or directory" in lines
    assert [json.loads(line)["image"] for line in done.stdout.decode().splitlines()] == [
        str(photos / "coffee.png")
    ]


def test_warnings_of_the_decoder_are_not_shown(tmp_path):
    """A damaged TIFF makes Pillow warn; the user sees one error or a prediction, and no warning."""
    ramp = PIL.Image.fromarray(np.arange(3 * 32 * 32, dtype=np.uint32).astype(np.uint8).reshape(32, 32, 3))
    ramp.save(tmp_path / "odd.tif")
    content = bytearray((tmp_path / "odd.tif").read_bytes())
    for place in range(len(content) - 120, len(content), 12):
        damaged = content.copy()
        damaged[place] ^= 0x40
        (tmp_path / f"{place}.tif").write_bytes(damaged)
    done = run("classify", tmp_path, "--format", "json")
    assert done.returncode in {0, 1}
    assert all(line.startswith("error: ") for line in done.stderr.decode().splitlines())


def test_only_bad_pictures(tmp_path):
    done = run("classify", BAD_PICTURES / "text.jpg", "--format", "csv")
    assert done.returncode == 1
    assert done.stdout == b"image,mood,probability\n"
    assert run("tag", BAD_PICTURES / "text.jpg", "-o", tmp_path / "tags.csv").returncode == 1
    assert list(tmp_path.iterdir()) == []


def test_other_models_and_taggers(photos, tmp_path):
    assert run("train", "--example", "--algorithm", "logistic", "-o", tmp_path / "model").returncode == 0
    done = run("classify", photos / "coffee.png", "--model", tmp_path / "model", "--format", "json")
    assert set(json.loads(done.stdout)["moods"]) == MOODS
    run_failing(
        "classify", photos / "coffee.png", "--tagger", tmp_path / "none.onnx", code=2, message="No such file"
    )
    run_failing(
        "classify",
        photos / "coffee.png",
        "--model",
        tmp_path,
        code=2,
        message="check that this is a model directory",
    )


def test_output_that_cannot_be_written(photos, tmp_path):
    run_failing(
        "classify",
        photos / "coffee.png",
        "-o",
        tmp_path / "no" / "x.csv",
        code=2,
        message="cannot be written: No such file",
    )


def test_classification_does_not_import_training(photos):
    code = (
        "import sys, imagemood; imagemood.classify(sys.argv[1]); "
        "print(*{m.split('.')[0] for m in sys.modules}, file=sys.stderr)"
    )
    command = [sys.executable, "-c", code, str(photos / "coffee.png")]
    loaded = subprocess.run(command, capture_output=True, check=True, text=True).stderr.split()
    assert "onnxruntime" in loaded
    assert not {"sklearn", "scipy", "skl2onnx", "onnx", "skimage", "cv2", "pywt", "psutil"} & set(loaded)


def test_the_table_explains_the_mood_by_tags(photos):
    text = run("classify", photos / "chelsea.png", "--explain").stdout.decode()
    header, first, *_ = text.splitlines()
    assert header.endswith("explained by (pp: percentage points)")
    assert re.search(r"cat \+\d+\.\d pp", first)
    assert "valence" in header


def test_explanations_in_json(photos):
    done = run("classify", photos, "--explain", "--tags", 3, "--format", "json")
    for value in map(json.loads, done.stdout.decode().splitlines()):
        cascade = imagemood.Cascade.load()
        expected = cascade.explain(cascade.classify(value["image"]))
        assert value["explanation"]["mood"] == next(iter(value["moods"]))
        assert value["explanation"]["drops"] == pytest.approx(dict(list(expected.tag_drops.items())[:3]), abs=1e-6)
        assert list(value["tags"]) == list(value["explanation"]["drops"])


def test_affect_follows_from_the_moods(photos, tmp_path):
    done = run("classify", photos, "--format", "json")
    objects = [json.loads(line) for line in done.stdout.decode().splitlines()]
    for value in objects:
        expected = affect_of(value["moods"])
        assert value["affect"] == pytest.approx(asdict(expected))
    assert run("classify", photos, "--affect", "-o", tmp_path / "moods.csv").returncode == 0
    with (tmp_path / "moods.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert list(rows[0]) == ["image", "mood", "probability", "valence", "arousal", "positive"]
    assert float(rows[0]["valence"]) == pytest.approx(objects[0]["affect"]["valence"])


def test_other_moods_have_no_affect(photos, labelled_photos, tmp_path):
    assert run("train", "--images", labelled_photos, "--inputs", "embedding", "-o", tmp_path / "m").returncode == 0
    photo = photos / "rocket.jpg"
    value = json.loads(run("classify", photo, "--model", tmp_path / "m", "--format", "json").stdout)
    assert value["affect"] is None
    run_failing("classify", photo, "--model", tmp_path / "m", "--explain", code=2, message="does not use tags")
    error = run_failing(
        "classify", photo, "--model", tmp_path / "m", "--heatmap", tmp_path / "x", code=2, message="maps of"
    )
    assert "amusement" in error
    assert not (tmp_path / "x").exists()


def test_options_that_exclude_each_other(photos, tmp_path):
    one = photos / "coffee.png"
    run_failing("classify", photos, "--heatmap", tmp_path / "x.png", code=2, message="one file for 3 pictures")
    run_failing("classify", one, "--heatmap", tmp_path / "x.jpg", code=2, message="x.jpg: not a PNG file")
    run_failing("classify", one, "--explain", "--format", "csv", code=2, message="mood rows cannot hold tags")
    run_failing("classify", one, "--affect", code=2, message="--affect applies to CSV and Parquet")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "Missing argument"),
        (["x.jpg", "--top", "0"], "--top"),
        (["x.jpg", "--format", "xml"], "--format"),
        (["x.jpg", "-o", "moods.doc"], "unknown file name extension"),
        (["x.jpg", "-o", "moods.pb"], "cannot be written as protobuf"),
    ],
)
def test_wrong_usage(arguments, message, monkeypatch, tmp_path):
    (tmp_path / "something").touch()
    monkeypatch.chdir(tmp_path)
    run_failing("classify", *arguments, code=2, message=message)
