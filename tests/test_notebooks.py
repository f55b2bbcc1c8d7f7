"""The notebooks and the tutorial run, and their saved outputs are those of this version."""

from __future__ import annotations

import importlib
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
SCRIPTS = ROOT / "scripts"
NOTEBOOKS = sorted((ROOT / "docs" / "notebooks").glob("*.ipynb"))


@pytest.fixture
def script(monkeypatch):
    monkeypatch.syspath_prepend(str(SCRIPTS))
    return importlib.import_module("run_notebooks")


@pytest.fixture
def tutorial(script):
    return importlib.import_module("run_tutorial")


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda path: path.stem)
def test_saved_outputs_are_up_to_date(notebook):
    check("run_notebooks.py", notebook)


def test_the_tutorial_is_up_to_date():
    check("run_tutorial.py")


def check(script, *arguments):
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
    command = (sys.executable, SCRIPTS / script, "--check", *arguments)
    checked = subprocess.run(command, env=environment, capture_output=True, text=True)
    assert checked.returncode == 0, checked.stderr


def test_every_command_of_the_tutorial_is_executed(tutorial):
    page = tutorial.PAGE.read_text("utf-8")
    commands = [match["command"].removesuffix("\n") for match in tutorial.BLOCK.finditer(page)]
    assert commands == [line[2:] for line in page.splitlines() if line.startswith("$ ")]
    assert len(commands) > 10
    other = page.replace("wrote 18 pictures", "wrote 28 pictures")
    assert tutorial.differences(page, other) == [commands[0]]
    assert tutorial.differences(page, page) == []


def test_there_are_notebooks_and_they_are_small(script):
    assert len(NOTEBOOKS) >= 2
    assert all(path.stat().st_size <= script.MAX_BYTES for path in NOTEBOOKS)


@pytest.mark.parametrize(
    ("new", "is_same"),
    [
        ("awe  84.0 %  alp", True),
        ("awe 84.6 % alp", True),
        ("awe 87.0 % alp", False),
        ("awe 84.0 % valley", False),
        ("fear 84.0 % alp", False),
        ("awe 84.0 % alp 1", False),
    ],
)
def test_only_small_differences_of_numbers_are_accepted(script, new, is_same):
    assert script.same_text("awe 84.0 % alp", new) is is_same


def test_other_outputs_are_noticed(script):
    from nbformat.v4 import new_code_cell, new_notebook, new_output

    texts = [[], ["awe"], ["fear"], ["awe", "awe"]]
    first, *others = (
        new_notebook(
            cells=[new_code_cell("", outputs=[new_output("stream", name="stdout", text=t) for t in outputs])]
        )
        for outputs in [texts[1], *texts]
    )
    assert [len(list(script.differences(first, other))) for other in others] == [1, 0, 1, 1]
