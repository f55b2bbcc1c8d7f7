"""Execute the notebooks of the documentation, and save or compare their outputs.

    python scripts/run_notebooks.py [--check] [NOTEBOOK ...]

Without names, all notebooks in docs/notebooks/ are executed. --check compares the outputs with the saved ones and
changes nothing: text must be the same, except that numbers may differ slightly between processors.
"""

from __future__ import annotations

import argparse
import itertools
import os
import re
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError

FOLDER = Path(__file__).resolve().parent.parent / "docs" / "notebooks"
MAX_BYTES = 300_000
TIMEOUT_S = 120
TOLERANCE = 0.02
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?")


def executed(saved: Any) -> Any:
    """Return a copy of a notebook with the outputs of executing it in an empty folder."""
    notebook = nbformat.from_dict({**saved, "cells": [_without_outputs(cell) for cell in saved.cells]})
    with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryDirectory() as settings:
        # Jupyter and IPython read no settings of the user, and leave no files in the home folder.
        names = ("IPYTHONDIR", "JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR")
        os.environ.update(dict.fromkeys(names, settings))
        client = NotebookClient(
            notebook,
            timeout=TIMEOUT_S,
            kernel_name="python3",
            resources={"metadata": {"path": folder}},
            coalesce_streams=True,
        )
        client.execute()
    for cell in notebook.cells:
        cell.metadata.pop("execution", None)  # times
    notebook.metadata = {"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}}
    return notebook


def _without_outputs(cell: Any) -> Any:
    return {**cell, "outputs": [], "execution_count": None} if cell.cell_type == "code" else cell


def differences(saved: Any, new: Any) -> Iterator[str]:
    """Yield a line for each cell whose outputs differ from the saved ones."""
    for number, (old_cell, new_cell) in enumerate(zip(saved.cells, new.cells, strict=True), start=1):
        pairs = itertools.zip_longest(old_cell.get("outputs", []), new_cell.get("outputs", []))
        if not all(old and new and same_output(old, new) for old, new in pairs):
            yield f"the outputs of cell {number} differ from the saved ones (run make notebooks)"


def same_output(old: Any, new: Any) -> bool:
    """Return whether two outputs have the same kind, and the same text up to small differences of numbers."""
    if old.output_type != new.output_type:
        return False
    if old.output_type == "stream":
        return old.name == new.name and same_text(old.text, new.text)
    if old.output_type == "error" or old.data.keys() != new.data.keys():
        return False
    return same_text(old.data.get("text/plain", ""), new.data.get("text/plain", ""))


def same_text(old: str, new: str) -> bool:
    """Return whether two texts are the same, up to small differences of numbers, bars and the width of columns."""
    old, new = (text.replace("█", "") for text in (old, new))
    if _NUMBER.sub("0", old).split() != _NUMBER.sub("0", new).split():
        return False
    pairs = zip(_NUMBER.findall(old), _NUMBER.findall(new), strict=True)
    return all(abs(float(a) - float(b)) <= TOLERANCE * max(1, abs(float(a))) for a, b in pairs)


def run(path: Path, *, check: bool) -> list[str]:
    """Execute a notebook, and return what is wrong with it."""
    saved = nbformat.read(path, as_version=4)
    try:
        new = executed(saved)
    except CellExecutionError as error:
        return [str(error)]
    if check:
        return list(differences(saved, new))
    nbformat.validate(new)
    nbformat.write(new, path)
    size = path.stat().st_size
    return [f"{size} bytes; the maximum is {MAX_BYTES}"] if size > MAX_BYTES else []


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="compare the outputs instead of saving them")
    parser.add_argument("notebooks", nargs="*", type=Path, help="files; all notebooks by default")
    arguments = parser.parse_args()
    problems = [
        f"{path}: {problem}"
        for path in arguments.notebooks or sorted(FOLDER.glob("*.ipynb"))
        for problem in run(path, check=arguments.check)
    ]
    print(*problems, sep="\n", end="\n" if problems else "", file=sys.stderr)
    sys.exit(bool(problems))
