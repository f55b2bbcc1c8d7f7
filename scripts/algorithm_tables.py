"""Table of the training algorithms for docs/models.md."""

from __future__ import annotations

from typing import Any

from markdown_table import table

from imagemood.learning.algorithms import ALGORITHMS


def algorithms() -> str:
    rows = []
    for spec in ALGORITHMS.values():
        defaults = "; ".join(f"`{name}` {_format_value(value)}" for name, value in spec.defaults.items())
        grid = "; ".join(f"`{name}` {', '.join(map(_format_value, values))}" for name, values in spec.grid.items())
        rows.append((f"`{spec.name}`", spec.description, defaults, grid))
    return table(("name", "algorithm", "default parameters", "grid of `--search`"), rows)


def _format_value(value: Any) -> str:
    return ", ".join(map(str, value)) if isinstance(value, tuple) else str(value)
