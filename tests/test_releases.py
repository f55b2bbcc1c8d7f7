"""The metadata of releases, and the checks of `make release-check`."""

from __future__ import annotations

import importlib
import re
import tomllib
import zipfile
from pathlib import Path

import pytest

import imagemood

ROOT = Path(__file__).parent.parent
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
REPOSITORY = PYPROJECT["project"]["urls"]["Repository"]


@pytest.fixture
def script(monkeypatch):
    monkeypatch.syspath_prepend(str(ROOT / "scripts"))
    return importlib.import_module("release_check")


def wheel(folder, description):
    path = folder / "a.whl"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a-1.dist-info/METADATA", f"Name: a\nVersion: 1\n\n{description}")
    return path


def test_all_addresses_are_in_the_repository():
    rules = PYPROJECT["tool"]["hatch"]["metadata"]["hooks"]["fancy-pypi-readme"]["substitutions"]
    addresses = [
        *PYPROJECT["project"]["urls"].values(),
        *(rule["replacement"].removeprefix("\\1") for rule in rules),
    ]
    assert all(not address or address.startswith(REPOSITORY) for address in addresses)


def test_the_long_description_has_absolute_links_and_no_marks_of_generated_parts():
    build = importlib.import_module("hatch_fancy_pypi_readme._builder")
    config = importlib.import_module("hatch_fancy_pypi_readme._config")
    hook = PYPROJECT["tool"]["hatch"]["metadata"]["hooks"]["fancy-pypi-readme"]
    found = config.load_and_validate_config(hook)
    text = build.build_text(found.fragments, found.substitutions, version=imagemood.__version__, package_name="a")
    assert "cog" not in text
    links = re.findall(r'\]\(([^)\s]*)\)|src="([^"]*)"', text)
    assert len(links) > 20
    for link, image in links:
        kind = "raw" if image else "blob"
        address = f"{REPOSITORY}/{kind}/v{imagemood.__version__}/"
        assert (link or image).startswith(address)
        assert (ROOT / (link or image).removeprefix(address).partition("#")[0]).exists()


def test_relative_links_are_found(script, tmp_path):
    text = '[a](docs/a.md) [b](https://example.org) <img src="c.png"> ![d](https://example.org/d.png)'
    prefix = "the long description has a relative link: "
    assert script.relative_links(wheel(tmp_path, text)) == [f"{prefix}docs/a.md", f"{prefix}c.png"]


def test_the_version_is_set_in_one_place(script, monkeypatch, tmp_path):
    assert script.mismatched_versions() == []
    assert "version" in PYPROJECT["project"]["dynamic"]
    checks = importlib.import_module("check_project")
    for name in ("src/imagemood/__init__.py", "CHANGELOG.md", "CITATION.cff"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text((ROOT / name).read_text("utf-8"), "utf-8")
    (tmp_path / "src/imagemood/__init__.py").write_text('__version__ = "9.0.0"\n')
    monkeypatch.setattr(checks, "ROOT", tmp_path)
    assert len(script.mismatched_versions()) == 2


def test_each_python_has_a_classifier():
    classifiers = PYPROJECT["project"]["classifiers"]
    for minor in (11, 12, 13, 14):
        assert f"Programming Language :: Python :: 3.{minor}" in classifiers
    workflow = (ROOT / ".github" / "workflows" / "ci.yml").read_text("utf-8")
    assert all(f'"3.{minor}"' in workflow for minor in (11, 12, 13, 14))
