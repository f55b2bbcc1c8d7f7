"""docs/architecture.md describes the packages, modules and layers that exist."""

from __future__ import annotations

import importlib
import re
import tomllib
from pathlib import Path

import pytest

import imagemood

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "src" / "imagemood"
PAGE = (ROOT / "docs" / "architecture.md").read_text("utf-8")
TOP_LEVEL = sorted(
    {path.parent.name for path in PACKAGE.glob("*/__init__.py")} | {path.stem for path in PACKAGE.glob("*.py")}
)


def layer_rows(page):
    """Return the layers in a page's table of packages, from the top: sets of names."""
    layers = {}
    for number, name in re.findall(r"^\| (\d+) \| `(\w+)` \|", page, flags=re.MULTILINE):
        layers.setdefault(int(number), set()).add(name)
    return [layers[number] for number in sorted(layers, reverse=True)]


def dotted_names(page):
    """Return the names of modules, classes and functions in a page, such as prediction.cascade.Cascade."""
    names = "|".join(name for name in TOP_LEVEL if name != "__init__")
    return sorted(set(re.findall(rf"(?<![\w./-])(?:imagemood\.)?((?:{names})(?:\.\w+)+)(?![\w/])", page)))


def paths(page):
    """Return the paths of files and folders in a page."""
    text = re.sub(r"https?://[^\s)]+", "", page)
    found = re.findall(r"`([\w.-]+/[\w./-]*|[\w-]+\.(?:py|toml|md|proto))`", text)
    return sorted({*found, *re.findall(r"\]\(([^)#\s]+)", text)})


def resolve(name):
    """Import the longest prefix of a dotted name that is a module, and look up the rest in it."""
    parts = ["imagemood", *name.split(".")]
    for n_parts in range(len(parts), 0, -1):
        try:
            value = importlib.import_module(".".join(parts[:n_parts]))
        except ModuleNotFoundError:
            continue
        for attribute in parts[n_parts:]:
            value = getattr(value, attribute)
        return value
    raise ModuleNotFoundError(name)


@pytest.mark.parametrize("name", [name for name in TOP_LEVEL if name != "__init__"])
def test_packages_and_root_modules_are_described(name):
    assert f"`{name}`" in PAGE


def test_subpackages_are_described():
    subpackages = {".".join(path.relative_to(PACKAGE).parts[:2]) for path in PACKAGE.glob("*/*/__init__.py")}
    assert set(re.findall(r"^\| `(\w+\.\w+)` \|", PAGE, flags=re.MULTILINE)) == subpackages


def test_layers_are_those_of_the_import_contract():
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"]["contracts"]
    (contract,) = (contract for contract in contracts if contract["containers"] == ["imagemood"])
    layers = [{name.strip() for name in layer.split("|")} for layer in contract["layers"]]
    assert layer_rows(PAGE) == layers
    assert contract["exhaustive"]
    assert set().union(*layers, contract["exhaustive_ignores"], {"__init__"}) == set(TOP_LEVEL)


@pytest.mark.parametrize("name", dotted_names(PAGE))
def test_dotted_names_exist(name):
    resolve(name)


PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_names_in_all_pages_exist(page):
    """Names such as imagemood.visual.NAMES; the protobuf file and its messages are not Python."""
    for name in re.findall(r"(?<![\w./-])imagemood\.([\w.]*\w)(?!\w*/)", page.read_text("utf-8")):
        assert name in {"proto", "ImageTagSet"} or resolve(name) is not None, name


@pytest.mark.parametrize("path", paths(PAGE))
def test_paths_exist(path):
    assert any((folder / path).exists() for folder in (ROOT, ROOT / "docs", PACKAGE)), path


def test_wrong_names_and_paths_are_found():
    page = (
        "| 2 | `tables` | x |\n| 1 | `errors` | x |\nprediction.cascade.Casc, `tables/xml.py`, imagemood.api.frown"
    )
    assert layer_rows(page) == [{"tables"}, {"errors"}]
    assert dotted_names(page) == ["api.frown", "prediction.cascade.Casc"]
    for name in dotted_names(page):
        with pytest.raises(AttributeError):
            resolve(name)
    with pytest.raises(ModuleNotFoundError):
        importlib.import_module("imagemood.frown")
    assert paths(page) == ["tables/xml.py"]
    assert not (PACKAGE / "tables/xml.py").exists()
    assert resolve("prediction.cascade.Cascade.classify_many") is imagemood.Cascade.classify_many
