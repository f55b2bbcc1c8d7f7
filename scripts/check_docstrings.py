"""Check that everything in the public API has a docstring in the format of numpydoc, with examples.

    python scripts/check_docstrings.py [--list]

--list also prints the names that are checked.
"""

from __future__ import annotations

import argparse
import importlib
import inspect
import sys
from collections.abc import Iterator
from functools import cached_property
from types import FunctionType, ModuleType

from numpydoc.validate import validate

PACKAGES = (
    "imagemood",
    "imagemood.errors",
    "imagemood.estimators",
    "imagemood.learning",
    "imagemood.report",
    "imagemood.tables",
    "imagemood.visual",
)
"""The packages and modules that the API reference describes completely."""
RULES = ("GL06", "GL07", "GL08", "PR02", "SS01", "SS03", "SS04")
"""For everything: a docstring with a summary, and no unknown sections or parameters."""
PARAMETER_RULES = ("PR01", "RT01")
"""For functions whose docstring describes parameters: all of them, and the result."""
EXAMPLE_RULES = ("EX01",)
"""For the classes and functions in `imagemood.__all__`: examples."""


def public_names(package: ModuleType) -> Iterator[str]:
    """Yield the names of the classes and functions of a package."""
    for name in getattr(package, "__all__", None) or vars(package):
        value = getattr(package, name)
        is_own = hasattr(package, "__all__") or getattr(value, "__module__", None) == package.__name__
        if not name.startswith("_") and is_own and (inspect.isclass(value) or inspect.isfunction(value)):
            yield name


def members(cls: type) -> Iterator[str]:
    """Yield the names of the public methods and properties of a class and of its base classes in this package."""
    kinds = (classmethod, staticmethod, property, cached_property, FunctionType)
    for base in cls.__mro__:
        if base.__module__.startswith("imagemood"):
            own = (name for name, value in vars(base).items() if isinstance(value, kinds))
            yield from (name for name in own if not name.startswith("_"))


def rules_for(value: object, *, examples: bool) -> tuple[str, ...]:
    """Return the rules for the docstring of a class, function, method or property."""
    rules = (*RULES, *(EXAMPLE_RULES if examples else ()))
    text = inspect.getdoc(value) or ""
    if not inspect.isclass(value) and "Parameters\n---" in text:
        rules += PARAMETER_RULES
    return rules


def checks() -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield each name of the public API and its rules."""
    for package_name in PACKAGES:
        package = importlib.import_module(package_name)
        for name in public_names(package):
            value = getattr(package, name)
            yield f"{package_name}.{name}", rules_for(value, examples=package_name == "imagemood")
            if inspect.isclass(value):
                for member in members(value):
                    yield f"{package_name}.{name}.{member}", rules_for(getattr(value, member), examples=False)


def problems(name: str, rules: tuple[str, ...]) -> list[str]:
    """Return the rules that a docstring does not follow."""
    return [f"{name}: {message}" for code, message in validate(name)["errors"] if code in rules]


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--list", action="store_true", help="print the names that are checked")
    checked = dict(checks())
    if parser.parse_args().list:
        print(*checked, sep="\n")
    found = [problem for name, rules in checked.items() for problem in problems(name, rules)]
    for problem in found:
        print(f"check: {problem}", file=sys.stderr)
    sys.exit(bool(found))
