"""Output files are checked before a command starts its work, and are never one of its inputs."""

from __future__ import annotations

import os
import subprocess
import sys
import threading

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from imagemood.cli import output_checks
from imagemood.errors import InputError
from imagemood.pictures.finding.sources import find_pictures
from tests.cli.commands import run, run_failing, run_process

TRAINING = ("--tags", "absent.csv", "--labels", "absent.txt")
COMMANDS = {
    "classify": ("classify", "absent.jpg", "--format", "csv"),
    "tag": ("tag", "absent.jpg", "--format", "csv"),
    "features": ("features", "absent.jpg", "--format", "csv"),
    "mood": ("mood", "absent.csv", "--format", "csv"),
    "search": ("search", "absent", "--mood", "awe", "--format", "csv"),
    "gallery": ("gallery", "absent"),
    "evaluate": ("evaluate", *TRAINING),
    "summary": ("summary", 3, *TRAINING),
    "compare": ("compare", *TRAINING),
}
FOLDERS = {
    "train": ("train", *TRAINING, "-o"),
    "report": ("evaluate", *TRAINING, "--report"),
    "work": ("evaluate", "--images", "absent", "--work"),
    "dump": ("acumos", "dump", "--model", "absent", "-o"),
    "bulk": ("bulk", "absent", "-o"),
    "finetune": ("finetune", "--images", "absent", "-o"),
    "finetune --work": ("finetune", "--images", "absent", "-o", "absent-model", "--work"),
}


@pytest.mark.parametrize("name", COMMANDS)
def test_an_output_file_is_checked_before_the_work(tmp_path, name):
    path = tmp_path / "missing" / "out.csv"
    run_failing(
        *COMMANDS[name], "-o", path, code=2, message=f"{path}: cannot be written: No such file or directory"
    )
    run_failing(*COMMANDS[name], "-o", tmp_path, code=2, message=f"{tmp_path}: is a folder, not a file")
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize("name", COMMANDS)
def test_an_output_file_is_not_part_of_a_model(tmp_path, name):
    for file in ("model.onnx", "metadata.json", "moods.csv"):
        (tmp_path / file).write_text("mine")
    (tmp_path / "link.json").symlink_to(tmp_path / "metadata.json")
    for file in ("metadata.json", "link.json"):
        path = tmp_path / file
        run_failing(*COMMANDS[name], "-o", path, code=2, message=f"{path}: is part of a model (choose another")
    assert (tmp_path / "metadata.json").read_text() == "mine"
    for file in ("moods.csv", "README.md"):  # another file, and a new one
        assert b"is part of a model" not in run(*COMMANDS[name], "-o", tmp_path / file).stderr


@pytest.mark.parametrize("name", FOLDERS)
def test_an_output_folder_is_checked_before_the_work(tmp_path, name):
    path = tmp_path / "file"
    path.touch()
    for target, message in ((path, "is a file, not a folder"), (path / "x", "cannot be written: Not a directory")):
        done = (run_process if name == "bulk" else run)(*FOLDERS[name], target)  # bulk may end its process
        assert done.returncode == 2
        assert f"error: {target}: {message}" in done.stderr.decode()
    assert os.listdir(tmp_path) == ["file"]


def test_an_output_is_never_a_picture_or_its_table(photos, tmp_path):
    photo = tmp_path / "a.png"
    photo.write_bytes((photos / "coffee.png").read_bytes())
    (tmp_path / "list.csv").write_text(f"path,rating\n{photo},5\n")
    pq.write_table(pa.table({"image": [photo.read_bytes()]}), tmp_path / "photos.parquet")
    os.link(photo, tmp_path / "hard.csv")
    (tmp_path / "soft.csv").symlink_to("a.png")
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    for source, target in (
        (["a.png"], "a.png"),
        (["."], "a.png"),
        (["*.png"], "hard.csv"),
        (["a.png"], "soft.csv"),
        (["list.csv", "--column", "path"], "list.csv"),
        (["list.csv", "--column", "path"], "a.png"),
        (["photos.parquet", "--column", "image"], "photos.parquet"),
    ):
        for command in ("classify", "tag", "features"):
            done = run(command, *source, "--format", "csv", "-o", target, cwd=tmp_path)
            assert done.returncode == 2
            message = f"error: {target}: is an input of this command (choose another output file)\n"
            assert done.stderr.decode() == message
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before


def test_other_inputs_are_not_replaced_either(tag_file, tmp_path):
    rows = tmp_path / "tags.csv.gz"
    rows.write_bytes(tag_file.read_bytes())
    (tmp_path / "labels.txt").write_text("awe\nfear\njoy\n")
    training = ("--tags", "tags.csv.gz", "--labels", "labels.txt")
    for arguments in (
        ("mood", "tags.csv.gz", "-o", "tags.csv.gz"),
        ("evaluate", *training, "-o", "labels.txt"),
        ("summary", 3, *training, "-o", "tags.csv.gz"),
        ("compare", *training, "-o", "labels.txt"),
    ):
        done = run(*arguments, cwd=tmp_path)
        assert done.returncode == 2
        assert done.stderr.decode() == (
            f"error: {arguments[-1]}: is an input of this command (choose another output file)\n"
        )
    assert rows.read_bytes() == tag_file.read_bytes()


def test_an_output_beside_the_inputs_is_replaced(photos, tmp_path):
    (tmp_path / "a.png").write_bytes((photos / "coffee.png").read_bytes())
    for _ in range(2):
        assert run("classify", ".", "-o", "moods.csv", cwd=tmp_path).returncode == 0
    assert sorted(os.listdir(tmp_path)) == ["a.png", "moods.csv"]


def test_an_output_in_the_folder_of_heat_maps(photos, tmp_path):
    done = run("classify", photos / "coffee.png", "--heatmap", "maps", "-o", "maps/moods.csv", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert sorted(os.listdir(tmp_path / "maps")) == ["coffee.png", "moods.csv"]


@pytest.mark.parametrize("arguments", [("--format", "csv"), ()])
def test_named_pipes(photos, tmp_path, arguments):
    os.mkfifo(tmp_path / "pipe")
    read = []
    reader = threading.Thread(target=lambda: read.append((tmp_path / "pipe").read_bytes()), daemon=True)
    reader.start()
    done = run("classify", photos / "coffee.png", *arguments, "-o", tmp_path / "pipe")
    reader.join(60)
    assert done.returncode == 0
    assert read == [run("classify", photos / "coffee.png", *arguments).stdout]
    assert (tmp_path / "pipe").is_fifo()


def test_standard_streams_by_their_paths(tag_file, tmp_path):
    command = f'{sys.executable} -m imagemood mood {tag_file} -o /dev/stdout > out; echo "$?" >> out'
    done = subprocess.run(command, shell=True, cwd=tmp_path, capture_output=True)
    assert (done.stdout, done.stderr) == (b"", b"")
    assert (tmp_path / "out").read_bytes() == run("mood", tag_file).stdout + b"0\n"


@pytest.mark.parametrize(
    ("redirection", "message"),
    [("> /dev/full", "cannot be written: No space left on device"), (">&-", "is closed")],
)
def test_standard_output_that_cannot_be_written(tag_file, redirection, message):
    done = subprocess.run(
        f"{sys.executable} -m imagemood mood {tag_file} {redirection}", shell=True, capture_output=True, text=True
    )
    assert done.returncode == 2
    assert done.stderr == f"error: standard output: {message}\n"


def test_pictures_that_are_no_files_do_not_matter(tmp_path):
    (tmp_path / "out.csv").touch()
    pictures = find_pictures(["-", "https://example.org/a.jpg", str(tmp_path / "absent"), "x\0", tmp_path])
    output_checks.check_not_pictures([tmp_path / "out.csv", None, tmp_path / "absent.csv"], pictures)
    with pytest.raises(InputError, match="is an input"):
        output_checks.check_not_pictures([tmp_path / "out.csv"], find_pictures([tmp_path / "out.csv"]))
