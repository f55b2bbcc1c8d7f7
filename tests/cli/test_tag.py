from __future__ import annotations

import subprocess
import sys

from tests.cli.commands import run, run_failing


def test_a_picture_that_is_given_twice_is_tagged_once(photos):
    done = run("tag", photos / "coffee.png", photos / "coffee.png")
    assert len(done.stdout.decode().splitlines()) == 1001
    indexed = run("tag", photos / "coffee.png", photos / "coffee.png", "--index", "--top", 1)
    assert [line[:2] for line in indexed.stdout.decode().splitlines()[1:]] == ["0,"]


def test_protobuf_requires_numbers(photos, tmp_path):
    run_failing(
        "tag",
        photos,
        "-o",
        tmp_path / "tags.pb",
        code=2,
        message="protobuf identifies pictures by number, not by name (add --index)",
    )
    assert list(tmp_path.iterdir()) == []


def test_a_closed_pipe_causes_no_error(photos):
    command = f"{sys.executable} -m imagemood tag {photos} | head -1"
    done = subprocess.run(["bash", "-c", command], capture_output=True, check=True, text=True)
    assert done.stdout == "image,tag,score\n"
    assert "Traceback" not in done.stderr
