from __future__ import annotations

import csv
import json

import pytest

from tests.cli.commands import MOODS, run, run_failing
from tests.pictures.pixels.file_formats.media import halves, video


@pytest.fixture(scope="module")
def film(tmp_path_factory):
    path = tmp_path_factory.mktemp("film") / "film.mp4"
    path.write_bytes(video(frames=[halves()] * 10 + [halves(left=(90, 200, 90))] * 15, rate=5))
    return path


def test_a_table_and_a_plot(film, tmp_path):
    done = run("timeline", film, "--plot", tmp_path / "film.svg")
    assert (done.returncode, done.stderr) == (0, b"")
    lines = done.stdout.decode().splitlines()
    assert lines[0].split() == ["time", "mood", "probability"]
    assert [line.split()[0] for line in lines[1:]] == [f"0:00:0{second}.00" for second in range(5)]
    assert (tmp_path / "film.svg").read_text().startswith("<svg ")


def test_standard_input(film):
    expected = run("timeline", film, "--format", "json").stdout
    done = run("timeline", "-", "--format", "json", stdin=film.read_bytes())
    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout == expected
    run_failing("timeline", "-", code=2, message="-: not a video", stdin=b"x")


def test_csv_and_json(film, tmp_path):
    run("timeline", film, "--every", "2000ms", "-o", tmp_path / "film.csv")
    with (tmp_path / "film.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert [float(row["time_s"]) for row in rows] == [0, 2, 4]
    for row in rows:
        probabilities = {mood: float(row[f"probability_{mood}"]) for mood in MOODS}
        assert row["mood"] == max(probabilities, key=probabilities.__getitem__)
    lines = run("timeline", film, "--every", "2", "--format", "json").stdout.splitlines()
    assert [json.loads(line)["time_s"] for line in lines] == [0, 2, 4]
    assert json.loads(lines[0])["moods"] == pytest.approx(
        {mood: float(rows[0][f"probability_{mood}"]) for mood in MOODS}, abs=1e-6
    )


@pytest.mark.parametrize("every", ["0s", "-1s", "1 year", "nan", "1e3", ""])
def test_invalid_intervals(film, every):
    run_failing("timeline", film, "--every", every, code=2, message="--every")


def test_wrong_usage(film, tmp_path):
    for name in ("a.png", "a"):
        run_failing("timeline", film, "--plot", tmp_path / name, code=2, message="use the extension .svg")
    run_failing("timeline", film, "--plot", film.with_suffix(".svg") / "a.svg", code=2, message="a.svg")
    run_failing("timeline", tmp_path / "absent.mp4", code=2, message="absent.mp4: No such file")
