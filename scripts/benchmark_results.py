"""Reads the results that the benchmarks have written."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

RESULTS = Path(__file__).resolve().parent.parent / "benchmarks" / "results"


def load_results(name: str) -> Any:
    results: Any = json.loads((RESULTS / f"{name}.json").read_text("utf-8"))
    return results
