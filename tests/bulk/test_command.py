from __future__ import annotations

import csv
import io
import json
import os
import pty
import re
import subprocess
import sys

import pyarrow.parquet as pq
import pytest

from tests.bulk.conftest import imagemood, write_photos


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A folder of pictures and the dataset made of it."""
    folder = tmp_path_factory.mktemp("command")
    write_photos(folder / "photos", 20)
    (folder / "photos" / "empty.jpg").touch()
    done = imagemood("bulk", "photos", "-o", "moods", "--tags", "2", cwd=folder)
    assert done.returncode == 1
    assert done.stderr == ""
    assert done.stdout.startswith("21 pictures: 20 classified, 1 failed\n")
    assert done.stdout.endswith("failed:\n   1  empty file, such as photos/empty.jpg\n")
    return folder


def test_a_summary_as_json(folder):
    done = imagemood("bulk", "photos", "-o", "moods", "--tags", "2", "--format", "json", cwd=folder)
    summary = json.loads(done.stdout)
    assert (summary["n"], summary["n_failed"], summary["errors"]) == (21, 1, {"empty file": 1})
    assert sum(summary["moods"].values()) == 20
    assert done.stderr == ""


def test_progress_on_a_terminal(folder):
    terminal, end = pty.openpty()
    command = [sys.executable, "-m", "imagemood", "bulk", "photos", "-o", "more", "--rows-per-file", "1"]
    with subprocess.Popen(command, cwd=folder, stdout=subprocess.PIPE, stderr=end) as process:
        os.close(end)
        shown = b""
        while True:
            try:
                shown += os.read(terminal, 65536)
            except OSError:  # the other end is closed
                break
        process.communicate()
    os.close(terminal)
    assert re.search(r"\d+ of 21 pictures", shown.decode())
    assert "Classifying" in shown.decode()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("bulk", "absent", "-o", "x"), "absent: No such file or directory"),
        (("bulk", "photos", "-o", "x", "--shard", "3/2"), "invalid --shard '3/2'"),
        (("bulk", "photos", "-o", "x", "--address", "here"), "an address is for the engine ray"),
        (("search", "moods", "--mood", "joy"), "there is no mood 'joy' (one of amusement, "),
        (("search", "photos", "--mood", "joy"), "there is no mood 'joy' (one of amusement, "),
        (("gallery", "photos", "-o", "x.html"), "photos: is no dataset of moods"),
        (("gallery", "moods", "-o", "absent/x.html"), "absent/x.html: cannot be written"),
    ],
)
def test_wrong_usage_is_one_line(folder, arguments, message):
    done = imagemood(*arguments, cwd=folder)
    assert done.returncode == 2
    assert done.stderr.startswith(f"error: {message}")
    assert done.stderr.count("\n") == 1
    assert not (folder / "x").exists()


def test_a_search_of_the_dataset_is_one_of_the_folder(folder):
    arguments = ("--mood", "fear", "--top", "5", "--format", "json")
    in_dataset = imagemood("search", "moods", *arguments, cwd=folder)
    in_folder = imagemood("search", "photos", *arguments, cwd=folder)
    assert in_dataset.returncode == 0
    assert (in_folder.returncode, in_folder.stderr) == (1, "error: photos/empty.jpg: empty file\n")
    one, other = ([json.loads(line) for line in done.stdout.splitlines()] for done in (in_dataset, in_folder))
    assert [row["path"] for row in one] == [row["path"] for row in other]
    assert [row["probability"] for row in one] == pytest.approx([row["probability"] for row in other], abs=1e-6)
    table = pq.read_table(folder / "moods").sort_by([("fear", "descending")]).slice(0, 5)
    assert [row["path"] for row in one] == table["path"].to_pylist()
    assert [row["probability"] for row in one] == table["fear"].to_pylist()


def test_layouts_of_a_search(folder):
    arguments = ("search", "moods", "--mood", "awe", "--top", "3")
    rows = list(csv.DictReader(io.StringIO(imagemood(*arguments, "--format", "csv", cwd=folder).stdout)))
    assert list(rows[0]) == ["path", "probability", "mood", "valence", "arousal"]
    imagemood(*arguments, "-o", "awe.parquet", cwd=folder)
    assert pq.read_table(folder / "awe.parquet")["path"].to_pylist() == [row["path"] for row in rows]
    table = imagemood(*arguments, cwd=folder).stdout.splitlines()
    assert [line.split()[0] for line in table] == ["path", *(row["path"] for row in rows)]


def test_no_analytics_leave(folder):
    """The engine's own requests would go out from a thread as soon as it is imported."""
    code = (
        "import os, urllib.request\n"
        "def refuse(*_, **__): os._exit(77)\n"
        "urllib.request.urlopen = refuse\n"
        "from imagemood.cli import main\n"
        "import sys; sys.argv = ['imagemood', 'bulk', 'photos', '-o', 'quiet']\n"
        "main()\n"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=folder, capture_output=True, text=True)
    assert done.returncode == 1, done.stderr
    assert done.stdout.startswith("21 pictures")
