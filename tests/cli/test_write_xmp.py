from __future__ import annotations

import os
import shutil

import pytest

from tests.cli.commands import run, run_failing
from tests.keywords.photos import image, keywords

pytestmark = pytest.mark.skipif(shutil.which("exiftool") is None, reason="ExifTool is not installed")


@pytest.fixture
def album(photos, tmp_path):
    """A folder of three photos and a damaged one."""
    folder = tmp_path / "album"
    shutil.copytree(photos, folder)
    (folder / "damaged.jpg").write_bytes((photos / "rocket.jpg").read_bytes()[:300])
    return folder


def snapshot(folder):
    return {path.name: (path.read_bytes(), path.stat().st_mtime_ns) for path in folder.iterdir()}


def test_write_update_and_undo(album):
    before = snapshot(album)
    first = run("write-xmp", "album", "--min-probability", 0.2, "--dry-run", cwd=album.parent)
    assert snapshot(album) == before
    lines = first.stdout.decode().splitlines()
    names = ["album/chelsea.png.xmp", "album/coffee.png.xmp", "album/rocket.jpg.xmp"]
    assert [line.split(": +")[0] for line in lines] == names
    errors = first.stderr.decode().splitlines()
    assert errors[0].startswith("error: album/damaged.jpg: ")
    assert errors[1:] == ["files would change: 3; pictures without changes: 0"]
    second = run("write-xmp", "album", "--min-probability", 0.2, cwd=album.parent)
    assert (second.stdout, second.returncode) == (first.stdout, 1)
    assert snapshot(album).keys() - before.keys() == {name.removeprefix("album/") for name in names}
    mood = lines[2].split("+")[1].split()[0]
    assert keywords(album / "rocket.jpg.xmp")[1][0] == f"mood|{mood}"
    third = run("write-xmp", "album", "--min-probability", 0.2, cwd=album.parent)
    assert third.stdout == b""
    assert third.stderr.decode().splitlines()[-1] == "files changed: 0; pictures without changes: 3"
    undone = run("write-xmp", "album", "--undo", cwd=album.parent)
    assert (undone.returncode, undone.stdout) == (0, first.stdout.replace(b"+", b"-"))
    assert snapshot(album) == before


def test_results_of_other_commands(album):
    expected = run("write-xmp", "album", "--min-probability", 0.2, "--dry-run", cwd=album.parent).stdout
    for name in ("moods.csv", "moods.json", "moods.parquet", "moods.csv.gz"):
        run("classify", "album", "-o", name, cwd=album.parent)
        done = run("write-xmp", "--results", name, "--min-probability", 0.2, "--dry-run", cwd=album.parent)
        assert (done.returncode, done.stdout) == (0, expected)


def test_a_dataset(dataset_folder, tmp_path):
    shutil.copytree(dataset_folder / "moods", tmp_path / "moods")
    done = run("write-xmp", "--results", tmp_path / "moods", "--min-probability", 0, "--dry-run")
    assert done.returncode == 0
    lines = done.stdout.decode().splitlines()
    assert len(lines) == 20
    assert all(line.startswith(str(dataset_folder / "photos")) and line.count("+") == 8 for line in lines)


def test_in_place(album):
    done = run("write-xmp", album / "rocket.jpg", "--in-place", "--min-probability", 0)
    assert done.returncode == 0
    assert len(keywords(album / "rocket.jpg")[0]) == 8
    assert not list(album.glob("*.xmp"))


def test_the_photos_of_a_library_have_one_error(photos, tmp_path):
    shutil.copytree(photos, tmp_path / "Mine.photoslibrary" / "originals")
    done = run("write-xmp", "Mine.photoslibrary", "--min-probability", 0, cwd=tmp_path)
    assert (done.returncode, done.stdout) == (1, b"")
    assert done.stderr.decode().splitlines() == [
        "error: Mine.photoslibrary: a library of Apple Photos, in which other programs must not change anything "
        "(export the photos, and name the folder with the copies)",
        "files changed: 0; pictures without changes: 0",
    ]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="Windows has no named pipes")
def test_undo_reports_what_is_not_a_file(tmp_path):
    image().save(tmp_path / "a.jpg")
    os.mkfifo(tmp_path / "pipe.jpg")
    done = run("write-xmp", ".", "--undo", cwd=tmp_path)
    assert done.returncode == 1
    assert done.stderr.decode().splitlines() == [
        "error: ./pipe.jpg: a named pipe, not a file",
        "files changed: 0; pictures without changes: 1",
    ]


def test_missing_files_are_named_and_the_others_written(tmp_path):
    image().save(tmp_path / "a.jpg")
    (tmp_path / "moods.csv").write_text(
        "image,mood,probability\nabsent.jpg,awe,0.9\nhttps://example.org/b.jpg,awe,1\na.jpg,awe,1\n"
    )
    done = run("write-xmp", "--results", "moods.csv", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (1, b"a.jpg.xmp: +awe\n")
    assert done.stderr.decode().splitlines() == [
        "error: absent.jpg: there is no such file",
        "error: https://example.org/b.jpg: is not a file on this computer",
        "files changed: 1; pictures without changes: 0",
    ]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("image,mood\na.jpg,awe\n", "moods.csv: missing column 'probability'"),
        (
            "image,mood,probability\na.jpg,awe,high\n",
            "row 1, field 'probability': 'high' is not a number",
        ),
    ],
)
def test_results_that_cannot_be_read(tmp_path, content, message):
    (tmp_path / "moods.csv").write_text(content)
    run_failing("write-xmp", "--results", tmp_path / "moods.csv", code=2, message=message)


def test_damaged_json_and_parquet(tmp_path):
    (tmp_path / "a.json").write_text('{"image": "a.jpg", "moods": {"awe": 1}}\n{"image": 3}\n')
    run_failing("write-xmp", "--results", tmp_path / "a.json", "--dry-run", code=2, message="row 2, field 'image'")
    (tmp_path / "a.parquet").write_bytes(b"PAR1")
    run_failing(
        "write-xmp", "--results", tmp_path / "a.parquet", code=2, message="a.parquet: not a valid Parquet file"
    )
    run_failing("write-xmp", "--results", tmp_path, code=2, message="not a dataset of moods")


def test_wrong_usage(tmp_path, monkeypatch):
    run_failing("write-xmp", code=2, message="give either PATHS or --results")
    run_failing("write-xmp", tmp_path, "--keep-time", code=2, message="--keep-time applies to --in-place")
    monkeypatch.setenv("PATH", str(tmp_path))
    run_failing("write-xmp", tmp_path, code=2, message="error: the program exiftool is not installed (install ")
