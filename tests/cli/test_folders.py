"""Folders as people have them, in every command that reads pictures."""

from __future__ import annotations

import json
import os
import shutil
import sys
from pathlib import Path

import pytest

from imagemood.pictures import formats
from tests.cli.commands import run, run_process

COMMANDS = {
    "classify": ["classify", "photos", "--format", "csv"],
    "tag": ["tag", "photos"],
    "features": ["features", "photos"],
    "search": ["search", "photos", "--mood", "awe", "--format", "csv"],
    "bulk": ["bulk", "photos", "-o", "moods"],
    "train": ["train", "--images", "photos", "-o", "model"],
    "evaluate": ["evaluate", "--images", "photos", "--folds", "2"],
    "compare": [
        "compare",
        "--images",
        "photos",
        "--folds",
        "2",
        "--algorithm",
        "logistic",
        "--inputs",
        "tags",
        "--jobs",
        "1",
    ],
    "summary": ["summary", "1", "--images", "photos"],
}


@pytest.fixture
def folder(photos, tmp_path, monkeypatch) -> Path:
    """The working directory, with a folder of two moods, and everything that a folder of photos may also hold."""
    monkeypatch.setattr(formats, "has_heif", lambda: False)
    monkeypatch.setattr(formats, "has_video", lambda: False)
    monkeypatch.setattr(os, "_exit", sys.exit)  # `bulk` exits without clean-up
    for mood, name in (("calm", "chelsea.png"), ("joy", "rocket.jpg")):
        (tmp_path / "photos" / mood).mkdir(parents=True)
        for i in range(2):
            shutil.copy(photos / name, tmp_path / "photos" / mood / f"{i}-{name}")
    joy = tmp_path / "photos" / "joy"
    for name in ("@eaDir/1-rocket.jpg/SYNOPHOTO_THUMB_M.jpg", ".private/x.jpg", "IMG_1.HEIC", "clip.mov", "a.xmp"):
        (joy / name).parent.mkdir(parents=True, exist_ok=True)
        (joy / name).touch()
    (joy / "link").symlink_to(tmp_path / "photos" / "calm", target_is_directory=True)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.usefixtures("installed_by_pip")
@pytest.mark.parametrize("command", COMMANDS)
def test_skipped_files_are_counted_in_one_line(folder, command):
    done = run(*COMMANDS[command])
    assert done.returncode == 0
    skipped = [line for line in done.stderr.decode().splitlines() if line.startswith("skipped: ")]
    assert skipped == [
        "skipped: 1 .heic file (pip install 'image-mood-classifier[heif]'), "
        "1 .mov file (pip install 'image-mood-classifier[video]'), 1 hidden folder, 1 helper folder, "
        "1 link to a folder; --show-skipped lists them"
    ]


@pytest.mark.parametrize("command", COMMANDS)
def test_skipped_files_are_listed_on_request(folder, command):
    done = run(*COMMANDS[command], "--show-skipped")
    skipped = [line for line in done.stderr.decode().splitlines() if line.startswith("skipped: ")]
    assert [line.removeprefix("skipped: photos/joy/").partition(" (")[0] for line in skipped[:-1]] == [
        ".private: hidden folder",
        "@eaDir: helper folder",
        "IMG_1.HEIC: unsupported format: HEIC",
        "a.xmp: not a picture",
        "clip.mov: unsupported format: video",
        "link: link to a folder",
    ]
    assert run(*COMMANDS[command]).stdout == done.stdout


@pytest.mark.parametrize("command", COMMANDS)
def test_what_cannot_be_read_is_named_and_the_others_are_used(folder, command, lock):
    for name in ("locked", "pipe.jpg"):
        (folder / "photos" / "joy" / name).mkdir() if name == "locked" else os.mkfifo(
            folder / "photos" / "joy" / name
        )
    lock("locked")
    done = run(*COMMANDS[command])
    assert done.returncode == 1
    errors = [line for line in done.stderr.decode().splitlines() if line.startswith("error: ")]
    assert errors == [
        "error: photos/joy/locked: cannot be listed: Permission denied",
        "error: photos/joy/pipe.jpg: a named pipe, not a file",
    ]
    if command == "bulk":
        assert b"6 pictures: 4 classified, 2 failed" in done.stdout
    elif command != "train":
        assert done.stdout


@pytest.mark.parametrize("command", COMMANDS)
def test_a_folder_that_cannot_be_listed(folder, command, lock):
    lock("photos")
    done = run(*COMMANDS[command])
    assert done.returncode == 1
    assert done.stderr == b"error: photos: cannot be listed: Permission denied\n"
    assert len(done.stdout.splitlines()) <= 1  # the header of a table


@pytest.mark.usefixtures("installed_by_pip")
@pytest.mark.parametrize("command", COMMANDS)
def test_a_folder_of_heic_files_states_what_to_install(folder, command):
    shutil.rmtree(folder / "photos")
    for mood in ("calm", "joy"):
        (folder / "photos" / mood).mkdir(parents=True)
        (folder / "photos" / mood / "IMG_1.HEIC").touch()
    done = run(*COMMANDS[command])
    assert done.returncode == 2
    (error,) = (line for line in done.stderr.decode().splitlines() if line.startswith("error: photos: "))
    assert "2 .heic files (pip install 'image-mood-classifier[heif]')" in error


def test_hidden_and_linked_folders_are_included_on_request(folder, photos):
    for name in (".private/x.jpg", "@eaDir/1-rocket.jpg/SYNOPHOTO_THUMB_M.jpg"):
        shutil.copy(photos / "rocket.jpg", folder / "photos" / "joy" / name)
    done = run("classify", "photos/joy", "--format", "json", "--include-hidden", "--follow-links")
    assert done.returncode == 0
    assert [json.loads(line)["image"].removeprefix("photos/joy/") for line in done.stdout.splitlines()] == [
        ".private/x.jpg",
        "0-rocket.jpg",
        "1-rocket.jpg",
        "@eaDir/1-rocket.jpg/SYNOPHOTO_THUMB_M.jpg",
        "link/0-chelsea.png",
        "link/1-chelsea.png",
    ]
    named = run("classify", "photos/joy/.private", "photos/joy/@eaDir", "photos/joy/link", "--format", "json")
    assert len(named.stdout.splitlines()) == 4


@pytest.mark.parametrize("source", ["/dev/stdin", "/dev/fd/0", "-"])
def test_a_pipe_that_is_named_is_read(folder, photos, source):
    content = (photos / "rocket.jpg").read_bytes()
    done = run_process("classify", source, "--top", 1, "--heatmap", "map.png", stdin=content)
    assert done.returncode == 0, done.stderr
    assert (folder / "map.png").exists()


def test_a_sparse_file_is_not_read(folder):
    with (folder / "photos" / "joy" / "2.jpg").open("wb") as file:
        file.truncate(20 * 2**30)
    done = run("classify", "photos/joy", "--format", "json")
    assert done.returncode == 1
    assert b"error: photos/joy/2.jpg: too large: more than 200,000,000 bytes\n" in done.stderr
    assert len(done.stdout.splitlines()) == 2
