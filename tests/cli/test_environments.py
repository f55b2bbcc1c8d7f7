"""All commands with unusual streams, encodings, terminals, folders and options of Python."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

from tests.bulk.conftest import write_photos
from tests.cli.commands import run_process
from tests.cli.test_app import NAMES

# One process runs many commands, because starting Python and importing the libraries take most of the time.
DRIVER = """
import json, sys
from imagemood.cli import main
codes = []
for arguments in json.loads(sys.argv[1]):
    try:
        main(arguments)
    except SystemExit as error:
        codes.append(error.code)
with open(sys.argv[2], "w") as file:
    json.dump(codes, file)
"""
HELP = [["--version"], ["--help"], *([*name.split(), "--help"] for name in NAMES)]


@pytest.fixture(scope="module")
def workspace(tmp_path_factory):
    """A folder with photos of two moods, and the outputs of commands that the other commands need."""
    folder = tmp_path_factory.mktemp("workspace")
    for seed, mood in enumerate(("calm", "joy")):
        write_photos(folder / "photos" / mood, 5, seed)
    for number, name in enumerate((b"caf\xe9.jpg", "größe.jpg".encode())):
        (folder / "photos" / "joy" / f"00{number}.jpg").rename(folder / "photos" / "joy" / os.fsdecode(name))
    for arguments in (["tag", "photos", "-o", "tags.csv"], ["bulk", "photos", "-o", "moods"]):
        completed = run_process(*arguments, cwd=folder)
        assert completed.returncode == 0, completed.stderr
    return folder


def commands_of(folder, target):
    """Return commands that print, and commands that write files below `target`; none takes long."""
    photos, tags = str(folder / "photos"), str(folder / "tags.csv")
    printing = [
        ["classify", photos, "--tags", "1"],
        ["classify", photos, "--format", "json"],
        ["tag", photos, "--top", "2"],
        ["mood", tags],
        ["search", str(folder / "moods"), "--mood", "awe"],
        ["summary", "2", "--images", photos],
        ["info"],
        ["info", "--format", "json"],
    ]
    writing = [
        ["classify", photos, "--heatmap", str(target / "maps"), "-o", str(target / "moods.csv")],
        ["gallery", str(folder / "moods"), "-o", str(target / "page.html")],
        ["acumos", "dump", "-o", str(target / "bundle")],
    ]
    return printing, writing


def other_commands_of(folder, target):
    """Return commands that take longer."""
    photos = str(folder / "photos")
    return [
        ["features", f"{photos}/joy"],
        ["train", "--images", photos, "-o", str(target / "model"), "--inputs", "tags"],
        ["evaluate", "--images", photos, "--folds", "2", "--inputs", "tags"],
        ["bulk", photos, "-o", str(target / "dataset")],
    ]


def run_all(commands, report, *, options=(), script='exec "$@"', **environment):
    """Run commands in one process, below a shell that can redirect its streams; return it and the exit codes."""
    command = ["sh", "-c", script, "sh", sys.executable, *options, "-c", DRIVER, json.dumps(commands), str(report)]
    completed = subprocess.run(command, capture_output=True, env={**os.environ, **environment})
    for text in (b"Traceback", b"Exception ignored", b"Error:"):
        assert text not in completed.stdout + completed.stderr, completed.stderr.decode()
    assert completed.returncode == 0, completed.stderr
    return completed, json.loads(report.read_text())


def check_names(content):
    """Check the names in output to a stream of ASCII characters: only JSON and CSV are in UTF-8 all the same."""
    lines = content.splitlines()
    tables = [line for line in lines if b"/joy/gr\\xc3\\xb6\\xc3\\x9fe.jpg " in line]
    data = [line for line in lines if "joy/größe.jpg".encode() in line]
    assert len(tables) == 2  # of classify and search
    assert {line[:1] for line in data} == {b"{", b"/", b"p"}
    assert [line for line in lines if not line.isascii()] == data
    assert all(b"joy/caf\xe9.jpg" not in line for line in lines)


def test_all_commands_without_docstrings_and_on_the_poorest_terminal(workspace, tmp_path):
    printing, writing = commands_of(workspace, tmp_path)
    commands = HELP + printing + writing + other_commands_of(workspace, tmp_path)
    completed, codes = run_all(
        commands,
        tmp_path / "report",
        options=["-OO", "-W", "error"],
        LC_ALL="C",
        PYTHONIOENCODING="ascii",
        TERM="dumb",
        NO_COLOR="1",
        COLUMNS="1",
        HOME="/nonexistent",
    )
    assert codes == [0] * len(commands), completed.stderr
    check_names(completed.stdout)


def test_the_output_without_utf_8(workspace, tmp_path):
    printing, writing = commands_of(workspace, tmp_path)
    commands = HELP + printing + writing
    poor = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    completed, codes = run_all(commands, tmp_path / "report", **poor)
    assert codes == [0] * len(commands), completed.stderr
    check_names(completed.stdout)
    rows = (tmp_path / "moods.csv").read_text("utf-8")
    assert r"joy/caf\xe9.jpg" in rows
    assert "joy/größe.jpg" in rows


@pytest.fixture
def gone(tmp_path):
    """The path of a folder, which a shell removes while it is its working folder."""
    (tmp_path / "gone").mkdir()
    return tmp_path / "gone"


def test_a_working_folder_that_was_removed(workspace, tmp_path, gone):
    printing, writing = commands_of(workspace, tmp_path)
    relative = [["classify", "photos"], ["bulk", str(workspace / "photos"), "-o", str(tmp_path / "dataset")]]
    commands = printing + writing + relative
    completed, codes = run_all(commands, tmp_path / "report", script=f'cd {gone} && rmdir {gone} && exec "$@"')
    assert codes == [0] * len(printing + writing) + [1, 2]
    assert completed.stderr.splitlines()[-2:] == [
        b"error: photos: No such file or directory",
        b"error: the working folder does not exist any more (change to another one)",
    ]


@pytest.mark.parametrize(
    ("redirection", "printing"),
    [
        ("<&- >&-", ["--help"]),
        ("<&- >&- 2>&-", ["tag", "photos", "--top", "1"]),
        (">/dev/full", ["classify", "photos"]),
        (">/dev/full 2>/dev/full", ["info"]),
    ],
)
def test_output_that_cannot_be_written(workspace, tmp_path, redirection, printing):
    _, writing = commands_of(workspace, tmp_path)
    commands = [*writing, printing]
    completed, codes = run_all(commands, tmp_path / "report", script=f'cd {workspace} && exec "$@" {redirection}')
    assert codes == [0] * len(writing) + [2]
    if "2>" not in redirection:
        *_, line = completed.stderr.splitlines()
        assert line.startswith(b"error: standard output: ")


@pytest.mark.parametrize("arguments", [["--help"], ["tag", "--help"], ["mood", "TAGS"], ["info"]])
def test_a_pipe_that_nobody_reads_ends_a_command_quietly(workspace, arguments):
    arguments = [str(workspace / "tags.csv") if argument == "TAGS" else argument for argument in arguments]
    reading, writing = os.pipe()
    os.close(reading)
    command = [sys.executable, "-m", "imagemood", *arguments]
    completed = subprocess.run(command, stdout=writing, stderr=subprocess.PIPE)
    os.close(writing)
    assert (completed.returncode, completed.stderr) == (141, b"")


def test_a_non_blocking_pipe_gets_all_output(workspace):
    reading, writing = os.pipe()
    os.set_blocking(writing, False)
    command = [sys.executable, "-m", "imagemood", "tag", str(workspace / "photos")]
    with subprocess.Popen(command, stdout=writing) as process, open(reading, "rb") as stream:  # noqa: PTH123
        os.close(writing)
        content = stream.read()
    assert process.returncode == 0
    assert content == (workspace / "tags.csv").read_bytes().replace(
        b"photos/", os.fsencode(workspace / "photos/x")[:-1]
    )
