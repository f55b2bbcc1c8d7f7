"""The programs beside the package name what is there: most need hours, photos or PyTorch to be run."""

from __future__ import annotations

import ast
import importlib
import importlib.util
import re
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
FOLDERS = ("benchmarks", "training", "scripts")
SCRIPTS = [path for folder in FOLDERS for path in sorted((ROOT / folder).glob("*.py"))]
LENT = ROOT / "training"  # whose split of the photos a benchmark takes
REQUIRED = {
    re.split(r"[^\w-]", line)[0].replace("-", "_")
    for folder in FOLDERS
    for file in (ROOT / folder).glob("requirements.txt")
    for line in file.read_text("utf-8").splitlines()
}


def imports(path: Path) -> list[tuple[str, str | None]]:
    """List what a script imports: modules, and names in them."""
    found: list[tuple[str, str | None]] = []
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found += [(alias.name, None) for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            found += [(node.module, alias.name) for alias in node.names]
    return found


def defined(path: Path) -> set[str]:
    """Name what stands at the top of a script."""
    names: set[str] = set()
    for node in ast.parse(path.read_text("utf-8")).body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            names.add(node.name)
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            names |= {
                part.id
                for part in ast.walk(node)
                if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store)
            }
    return names


def is_there(module: str, name: str | None, folder: Path) -> bool:
    """Tell whether a script in a folder can import it."""
    for place in (folder, LENT):
        if (place / f"{module}.py").is_file():
            return name is None or name in defined(place / f"{module}.py")
    top = module.partition(".")[0]
    if top == "imagemood":
        return (
            name is None
            or hasattr(importlib.import_module(module), name)
            or importlib.util.find_spec(f"{module}.{name}") is not None
        )
    return top in sys.stdlib_module_names or top in REQUIRED or importlib.util.find_spec(top) is not None


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_what_a_script_imports_is_there(script):
    missing = [given for given in imports(script) if not is_there(*given, script.parent)]
    assert not missing


def test_what_is_not_there_is_found(tmp_path):
    script = tmp_path / "script.py"
    script.write_text("import json, contest\nfrom speed import cut_photos\nfrom contest import frown\n")
    assert [given for given in imports(script) if not is_there(*given, ROOT / "benchmarks")] == [
        ("speed", "cut_photos"),
        ("contest", "frown"),
    ]
