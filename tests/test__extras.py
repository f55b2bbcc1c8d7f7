from __future__ import annotations

import re
import sys
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from imagemood import _extras
from imagemood.errors import MissingExtraError

PROJECT = tomllib.loads((Path(__file__).parent.parent / "pyproject.toml").read_text("utf-8"))["project"]
OPTIONAL = {
    name: lines for name, lines in PROJECT["optional-dependencies"].items() if name not in ("all", "docs", "dev")
}


def normalized(name):
    return re.sub(r"[-_.]+", "-", name).lower()


def requirements(lines):
    return [Requirement(line) for line in lines]


@pytest.mark.parametrize("extra", OPTIONAL)
def test_the_modules_of_each_extra_are_known(extra):
    """An extra has a module for each of its requirements, and includes the extras that pyproject.toml names."""
    found = requirements(OPTIONAL[extra])
    names = {normalized(requirement.name) for requirement in found} - {PROJECT["name"]}
    # Not on Windows; a part of Python 3.14; daft[ray].
    names -= {"uvloop", "backports-zstd", "daft" if extra == "bulk-ray" else ""}
    known = {normalized(_extras.distribution(module)) for module in _extras.MODULES[extra]}
    assert known - {"scipy"} == names  # which scikit-learn requires
    own = [requirement for requirement in found if requirement.name == PROJECT["name"]]
    assert set(_extras._INCLUDED.get(extra, ())) == {name for requirement in own for name in requirement.extras}


def test_all_contains_every_extra():
    (found,) = requirements(PROJECT["optional-dependencies"]["all"])
    modules = {module for extra in found.extras for module in _extras.modules(extra)}
    assert modules == {module for names in _extras.MODULES.values() for module in names}


@pytest.mark.parametrize("extra", _extras.MODULES)
def test_a_missing_module_is_named(extra, monkeypatch):
    _extras.require(extra)
    module = _extras.modules(extra)[-1]
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(MissingExtraError) as caught:
        _extras.require(extra)
    assert (caught.value.package, caught.value.extra) == (_extras.distribution(module), extra)


def test_imports_in_a_block(monkeypatch):
    monkeypatch.setitem(sys.modules, "sklearn", None)
    with pytest.raises(MissingExtraError, match="^scikit-learn is not installed"), _extras.needs("train"):
        import sklearn
    with pytest.raises(MissingExtraError, match=r"\[train\]"), _extras.needs():
        import sklearn.metrics  # noqa: F401


def test_other_errors_are_not_converted():
    with pytest.raises(ModuleNotFoundError, match="No module named 'absent'"), _extras.needs("train"):
        import absent  # noqa: F401
