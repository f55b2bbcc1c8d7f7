"""Public names of a package that are imported on first use."""

from __future__ import annotations

import ast
from collections.abc import Callable
from importlib import import_module
from typing import Any


def attach_stub(package: str, file: str) -> tuple[Callable[[str], Any], Callable[[], list[str]], list[str]]:
    """Return ``__getattr__``, ``__dir__`` and ``__all__`` of a package, whose names are imported in its stub file.

    Parameters
    ----------
    package : str
        The name of the package.
    file : str
        The path of its ``__init__.py``; beside it is ``__init__.pyi``, with relative imports.
    """
    names = _imported_names(f"{file.rpartition('.')[0]}.pyi")

    def get(name: str) -> Any:
        if name not in names:
            raise AttributeError(f"module {package} has no attribute {name}")
        value = getattr(import_module(f"{package}.{names[name]}"), name)
        vars(import_module(package))[name] = value  # so that this function is called once for each name
        return value

    return get, lambda: sorted(names), sorted(names)


def _imported_names(stub: str) -> dict[str, str]:
    """Return the names that a stub file imports, each with its module."""
    with open(stub, encoding="utf-8") as file:  # noqa: PTH123 (pathlib is slow to import)
        statements = ast.parse(file.read()).body
    return {
        alias.name: statement.module
        for statement in statements
        if isinstance(statement, ast.ImportFrom) and statement.level == 1 and statement.module
        for alias in statement.names
    }
