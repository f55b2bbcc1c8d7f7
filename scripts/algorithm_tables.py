"""Table of the training algorithms for docs/models.md."""

from __future__ import annotations

from typing import Any

from imagemood.learning.algorithms import ALGORITHMS


def algorithms() -> str:
    rows = ["| name | algorithm | default parameters | grid of `--search` |", "|---|---|---|---|"]
    for spec in ALGORITHMS.values():
        defaults = "; ".join(f"`{name}` {_show(value)}" for name, value in spec.defaults.items())
        grid = "; ".join(f"`{name}` {', '.join(map(_show, values))}" for name, values in spec.grid.items())
        rows.append(f"| `{spec.name}` | {spec.description} | {defaults} | {grid} |")
    return "\n".join(rows)


def _show(value: Any) -> str:
    return ", ".join(map(str, value)) if isinstance(value, tuple) else str(value)
