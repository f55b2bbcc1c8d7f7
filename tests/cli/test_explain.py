"""classify --explain, --heatmap and --affect, as a user runs them."""

from __future__ import annotations

import csv
import json
from dataclasses import asdict

import numpy as np
import PIL.Image
import pytest

import imagemood
from imagemood.prediction.affect import affect_of
from tests.cli.test_cli import fails, labelled, photos, run  # noqa: F401 (fixtures)


def test_the_table_explains_the_mood_by_tags(photos):  # noqa: F811
    text = run("classify", photos / "chelsea.png", "--explain").stdout.decode()
    header, first, *_ = text.splitlines()
    assert header.split()[-2:] == ["explained", "by"]
    assert "cat +" in first
    assert "valence" in header


def test_json_gives_drops_and_scores(photos):  # noqa: F811
    done = run("classify", photos, "--explain", "--tags", 3, "--format", "json")
    for value in map(json.loads, done.stdout.decode().splitlines()):
        cascade = imagemood.Cascade.load()
        expected = cascade.explain(cascade.classify(value["image"]))
        assert value["explanation"]["mood"] == next(iter(value["moods"]))
        assert value["explanation"]["drops"] == pytest.approx(dict(list(expected.tag_drops.items())[:3]), abs=1e-6)
        assert list(value["tags"]) == list(value["explanation"]["drops"])


def test_affect_follows_from_the_moods(photos, tmp_path):  # noqa: F811
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


def test_other_moods_have_no_affect(photos, labelled, tmp_path):  # noqa: F811
    assert run("train", "--images", labelled, "--inputs", "embedding", "-o", tmp_path / "m").returncode == 0
    photo = photos / "rocket.jpg"
    value = json.loads(run("classify", photo, "--model", tmp_path / "m", "--format", "json").stdout)
    assert value["affect"] is None
    fails("classify", photo, "--model", tmp_path / "m", "--explain", code=2, says="does not use tags")
    complaint = fails(
        "classify", photo, "--model", tmp_path / "m", "--heatmap", tmp_path / "x", code=2, says="maps of"
    )
    assert "amusement" in complaint
    assert not (tmp_path / "x").exists()


def test_a_heatmap_lies_over_the_picture(photos, tmp_path):  # noqa: F811
    photo = photos / "chelsea.png"
    assert run("classify", photo, "--heatmap", tmp_path / "map.png").returncode == 0
    with PIL.Image.open(tmp_path / "map.png") as veiled, PIL.Image.open(photo) as plain:
        assert veiled.size == plain.size
        difference = np.abs(np.asarray(veiled.convert("RGB"), int) - np.asarray(plain.convert("RGB"), int))
    assert difference.max() > 50
    assert difference.min() == 0
    done = run("classify", "-", "--heatmap", tmp_path / "piped.png", stdin=photo.read_bytes())
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "piped.png").read_bytes() == (tmp_path / "map.png").read_bytes()


def test_heatmaps_of_a_folder_keep_namesakes_apart_and_name_what_failed(photos, tmp_path):  # noqa: F811
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "coffee.png").write_bytes((photos / "coffee.png").read_bytes())
    (tmp_path / "a" / "broken.jpg").write_text("no picture")
    done = run("classify", tmp_path / "a", tmp_path / "b", "--heatmap", tmp_path / "maps")
    assert done.returncode == 1
    assert b"broken.jpg: is no picture in a known format" in done.stderr
    assert sorted(path.name for path in (tmp_path / "maps").iterdir()) == ["coffee-2.png", "coffee.png"]


def test_what_cannot_be_asked_for(photos, tmp_path):  # noqa: F811
    one = photos / "coffee.png"
    fails("classify", photos, "--heatmap", tmp_path / "x.png", code=2, says="one file for 3 pictures")
    fails("classify", one, "--heatmap", tmp_path / "x.jpg", code=2, says="x.jpg: not a PNG file")
    fails("classify", one, "--explain", "--format", "csv", code=2, says="mood rows cannot hold tags")
    fails("classify", one, "--affect", code=2, says="--affect applies to CSV and Parquet")
