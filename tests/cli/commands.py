"""Runs commands, in this process or in one of their own."""

from __future__ import annotations

import os
import subprocess
import sys
import warnings
from contextlib import chdir
from dataclasses import dataclass
from pathlib import Path

import typer
from typer.core import TyperCommand
from typer.testing import CliRunner

from imagemood.cli import main

BAD_PICTURES = Path(__file__).parents[1] / "corpus" / "bad"
MOODS = {"amusement", "anger", "awe", "contentment", "disgust", "excitement", "fear", "sadness"}


@dataclass(frozen=True)
class Completed:
    """The exit code and the output of a command."""

    returncode: int
    stdout: bytes
    stderr: bytes


def new_context():
    """Return the context of a command that is running."""
    return typer.Context(TyperCommand("test"))


def run(*arguments, stdin=b"", cwd="."):
    """Run a command in this process, through the function that the installed program calls."""
    runner = CliRunner(env={"COLUMNS": "80"})
    code = None
    with warnings.catch_warnings(), chdir(cwd), runner.isolation(stdin) as (stdout, stderr, _):
        try:
            main([str(argument) for argument in arguments])
        except SystemExit as error:
            code = error.code
        sys.stdout.flush()
        sys.stderr.flush()
        return Completed(code, stdout.getvalue(), stderr.getvalue())


def command(*arguments):
    """Return the command line that runs a command in a process of its own."""
    return [sys.executable, "-W", "error", "-m", "imagemood", *map(str, arguments)]


def run_process(*arguments, stdin=b"", cwd=None, env=None):
    """Run a command in a process of its own, as a user does."""
    environment = {**os.environ, "COLUMNS": "80", **(env or {})}
    return subprocess.run(command(*arguments), input=stdin, capture_output=True, cwd=cwd, env=environment)


def run_failing(*arguments, code, message, stdin=b""):
    """Run a command that fails without output, and return its error message."""
    completed = run(*arguments, stdin=stdin)
    text = completed.stderr.decode()
    assert completed.returncode == code, text
    assert message in text, text
    assert "Traceback" not in text
    assert completed.stdout == b""
    return text
