from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time

import psutil
import pytest

from tests.cli.commands import run, run_failing


def test_the_table_of_a_comparison_and_its_resumption(tmp_path):
    arguments = ("compare", "--example", "--algorithm", "logistic", "--algorithm", "mlp", "--folds", 3)
    work = ("--work", tmp_path / "work", "--sample", 400)
    done = run(*arguments, *work)
    assert done.returncode == 0, done.stderr
    assert done.stderr == b""
    lines = done.stdout.decode().splitlines()
    assert lines[0].split()[:4] == ["algorithm", "inputs", "accuracy", "macro"]
    assert {line.split()[0] for line in lines[1:3]} == {"logistic", "mlp"}
    assert lines[1].split()[2] == "best"
    assert "400 pictures, 3 folds" in lines[3]
    assert lines[5] == f"{lines[1].split()[0]} on tags:"
    assert any(line.startswith("valence accuracy") for line in lines[6:])
    kept = (tmp_path / "work" / "folds.jsonl").read_text().splitlines()
    assert len(kept) == 6
    again = run(*arguments, *work, "-o", tmp_path / "comparison.json")
    assert again.stdout == b""
    values = json.loads((tmp_path / "comparison.json").read_text())
    assert [cell["algorithm"] for cell in values["cells"]] == [line.split()[0] for line in lines[1:3]]
    assert (tmp_path / "work" / "folds.jsonl").read_text().splitlines() == kept


@pytest.mark.parametrize(
    ("command", "n_folds"),
    [
        (["compare", "--example", "--algorithm", "logistic", "--algorithm", "extra-trees", "--sample", "400"], 10),
        (["evaluate", "--example", "--algorithm", "svm", "--folds", "3"], 3),
        (["evaluate", "--example", "--algorithm", "rf", "--folds", "3"], 3),
    ],
    ids=["compare", "evaluate-svm", "evaluate-rf"],
)
def test_an_interrupted_command_resumes(tmp_path, command, n_folds):
    """Ctrl-C goes to the command and its workers; finished folds are kept, and no process prints a traceback."""
    work = tmp_path / "work"
    arguments = [*command, "--work", str(work)]
    process = subprocess.Popen(
        [sys.executable, "-m", "imagemood", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )
    deadline = time.monotonic() + 120
    while not (work / "folds.jsonl").exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    os.killpg(process.pid, signal.SIGINT)
    output, errors = process.communicate(timeout=60)
    assert process.returncode == 130
    assert output == b""
    assert errors == b"interrupted\n"
    kept = (work / "folds.jsonl").read_text().splitlines()
    assert 1 <= len(kept) < n_folds
    done = run(*arguments)
    assert done.returncode == 0, done.stderr
    finished = (work / "folds.jsonl").read_text().splitlines()
    assert finished[: len(kept)] == kept
    assert len(finished) == n_folds


@pytest.mark.parametrize(
    ("number", "code", "message"),
    [(signal.SIGTERM, 143, b"interrupted\n"), (signal.SIGKILL, -signal.SIGKILL, b"")],
    ids=["SIGTERM", "SIGKILL"],
)
def test_no_process_outlives_a_command_that_a_signal_ends(tmp_path, number, code, message):
    arguments = [
        "compare",
        "--example",
        "--algorithm",
        "logistic",
        "--algorithm",
        "extra-trees",
        "--sample",
        "400",
    ]
    process = subprocess.Popen(
        [sys.executable, "-m", "imagemood", *arguments, "--work", str(tmp_path / "work")],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )
    command = psutil.Process(process.pid)
    deadline = time.monotonic() + 120
    while not (tmp_path / "work" / "folds.jsonl").exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    others = command.children(recursive=True)
    assert sum("LokyProcess" in " ".join(other.cmdline()) for other in others) >= 2
    process.send_signal(number)
    output, _ = process.communicate(timeout=60)  # until all processes have closed it
    assert process.returncode == code
    assert output == message
    assert not psutil.wait_procs(others, timeout=20)[1]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--example", "--sample", "5", "--work", "w"], "would not contain the mood"),
        (["--example", "--work", "something"], "something: is a file, not a folder"),
        (["--images", "nowhere", "--work", "w"], "nowhere: no such folder"),
    ],
)
def test_wrong_usage(arguments, message, monkeypatch, tmp_path):
    (tmp_path / "something").touch()
    monkeypatch.chdir(tmp_path)
    run_failing("compare", *arguments, code=2, message=message)
