"""What the benchmarks have measured."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent


def results(name: str) -> Any:
    figures: Any = json.loads((ROOT / "benchmarks" / "results" / f"{name}.json").read_text())
    return figures
