"""The imports of the scripts exist. Most scripts cannot run in tests: they need hours, photos or PyTorch."""

from __future__ import annotations

import ast
import importlib
import importlib.util
import re
import sys
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement

ROOT = Path(__file__).parent.parent
FOLDERS = ("benchmarks", "training", "scripts")
SCRIPTS = [path for folder in FOLDERS for path in sorted((ROOT / folder).glob("*.py"))]
SHARED = (
    ROOT / "training",
    ROOT / "scripts",
)  # benchmarks use the split of the photos, and the tables
REQUIRED = {
    re.split(r"[^\w-]", line)[0].replace("-", "_")
    for folder in FOLDERS
    for file in (ROOT / folder).glob("requirements.txt")
    for line in file.read_text("utf-8").splitlines()
}


def imports(path: Path) -> list[tuple[str, str | None]]:
    """Return the imports of a script: modules, and names in modules."""
    pairs: list[tuple[str, str | None]] = []
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            pairs += [(alias.name, None) for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            pairs += [(node.module, alias.name) for alias in node.names]
    return pairs


def defined_names(path: Path) -> set[str]:
    """Return the names that a script defines at the top level."""
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


def exists(module: str, name: str | None, folder: Path) -> bool:
    """Return whether a script in the folder can import the module, or the name from it."""
    for directory in (folder, *SHARED):
        if (directory / f"{module}.py").is_file():
            return name is None or name in defined_names(directory / f"{module}.py")
    top = module.partition(".")[0]
    if top == "imagemood":
        return (
            name is None
            or hasattr(importlib.import_module(module), name)
            or importlib.util.find_spec(f"{module}.{name}") is not None
        )
    return top in sys.stdlib_module_names or top in REQUIRED or importlib.util.find_spec(top) is not None


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_imports_exist(script):
    assert not [pair for pair in imports(script) if not exists(*pair, script.parent)]


def test_missing_imports_are_found(tmp_path):
    script = tmp_path / "script.py"
    script.write_text("import json, timing\nfrom speed import cut_photos\nfrom timing import frown\n")
    assert [pair for pair in imports(script) if not exists(*pair, ROOT / "benchmarks")] == [
        ("speed", "cut_photos"),
        ("timing", "frown"),
    ]


@pytest.mark.parametrize(
    "script",
    [path for path in SCRIPTS if "ArgumentParser" in path.read_text("utf-8")],
    ids=lambda path: f"{path.parent.name}/{path.name}",
)
def test_scripts_have_descriptions_and_usage(script):
    """Scripts that can be run print their docstring as help; those with arguments show a complete command."""
    text = script.read_text("utf-8")
    assert "description=__doc__" in text
    if "add_argument" in text:
        assert f"    python {script.parent.name}/{script.name}" in ast.get_docstring(ast.parse(text))


NOT_COMMITTED = {"benchmarks/results/device.json", "benchmarks/results/NAME.json"}


def test_documented_paths_of_scripts_exist():
    """Makefile, docs and docstrings refer to scripts and result files by their current paths."""
    pages = [ROOT / "Makefile", *ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md"), *SCRIPTS]
    pages.append(ROOT / "src" / "imagemood" / "builtin" / "README.md")
    pattern = re.compile(r"\b(?:benchmarks|training|scripts)/[\w/]+\.(?:py|json|txt)\b")
    for page in pages:
        for path in set(pattern.findall(page.read_text("utf-8"))) - NOT_COMMITTED:
            assert (ROOT / path).is_file(), f"{page.name}: {path}"


class TestRequirementFiles:
    @pytest.fixture
    def script(self, monkeypatch):
        monkeypatch.syspath_prepend(str(ROOT / "scripts"))
        return importlib.import_module("requirement_files")

    def test_they_are_up_to_date(self, script):
        assert script.stale() == []

    def test_changes_of_the_requirements_are_noticed(self, script, tmp_path):
        project = (ROOT / "pyproject.toml").read_text("utf-8")
        (tmp_path / "pyproject.toml").write_text(project, "utf-8")
        assert script.stale(tmp_path) == ["requirements.txt", "environment.yml"]
        for name, content in script.generate(tmp_path).items():
            (tmp_path / name).write_text(content, "utf-8")
        assert script.stale(tmp_path) == []
        (tmp_path / "pyproject.toml").write_text(project.replace("numpy>=2.2", "numpy>=2.3"), "utf-8")
        assert script.stale(tmp_path) == ["requirements.txt", "environment.yml"]

    def test_both_have_the_same_valid_requirements(self, script):
        lines = script.generate()["requirements.txt"].splitlines()[1:]
        *conda, pip = yaml.safe_load(script.generate()["environment.yml"])["dependencies"]
        assert pip == {"pip": lines}
        assert conda == ["python>=3.11", "pip"]
        names = {Requirement(line).name for line in lines}
        assert {"numpy", "scikit-learn", "onnxruntime", "fastapi"} <= names
        assert "pytest" not in names
