"""Measure contestants in turns, and print and keep what came of it."""

from __future__ import annotations

import json
import os
import platform
import statistics
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import onnxruntime as ort
import psutil
from rich.console import Console
from rich.table import Table

from imagemood.models.network import n_cores

RESULTS = Path(__file__).parent / "results"
N_ROUNDS = 5


class Spread(NamedTuple):
    """Median and extremes over the rounds."""

    median: float
    low: float
    high: float

    @classmethod
    def of(cls, values: list[float]) -> Spread:
        """Summarise one value for each round."""
        return cls(statistics.median(values), min(values), max(values))

    def times(self, factor: float) -> Spread:
        """Turn into another unit."""
        return Spread(*(factor * value for value in self))

    def per_second(self, n_items: int) -> Spread:
        """Turn seconds for so many items into items a second."""
        return Spread(n_items / self.median, n_items / self.high, n_items / self.low)


def in_turns(
    contestants: Mapping[str, Callable[[], object]],
    *,
    n_rounds: int = N_ROUNDS,
    n_calls: int = 1,
    warm_up: bool = True,
) -> dict[str, Spread]:
    """Seconds of a call of each, one after the other in each round, so that a busy machine harms all alike."""
    seconds: dict[str, list[float]] = {name: [] for name in contestants}
    for function in contestants.values() if warm_up else ():
        function()
    for _ in range(n_rounds):
        for name, function in contestants.items():
            start = time.perf_counter()
            for _ in range(n_calls):
                function()
            seconds[name].append((time.perf_counter() - start) / n_calls)
    return {name: Spread.of(values) for name, values in seconds.items()}


def rates_in_turns(
    contestants: Mapping[str, Callable[[], object]],
    n_items: int,
    *,
    n_rounds: int = N_ROUNDS,
    warm_up: bool = True,
) -> dict[str, Spread]:
    """Items a second of each, where a call works on so many."""
    seconds = in_turns(contestants, n_rounds=n_rounds, warm_up=warm_up)
    return {name: spread.per_second(n_items) for name, spread in seconds.items()}


def machine() -> dict[str, Any]:
    """Say what the figures were measured on."""
    return {
        "processor": _processor(),
        "n_cores": n_cores(),
        "memory_gb": round(psutil.virtual_memory().total / 2**30),
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        "onnxruntime": ort.__version__,
    }


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    return next((line.split(":")[1].strip() for line in lines if line.startswith("model name")), "unknown")


def show(title: str, unit: str, rows: Mapping[str, Spread], *, more_is_better: bool = False) -> None:
    """Print a table, each line with how many times the first one, which is ours, is better."""
    ours = next(iter(rows))
    table = Table("", f"{unit}, median", "from", "to", "imagemood is", title=title)
    for name, (median, low, high) in rows.items():
        times = rows[ours].median / median if more_is_better else median / rows[ours].median
        share = "" if name == ours else f"{times:.2f} ×"
        table.add_row(name, *(f"{value:.4g}" for value in (median, low, high)), share)
    Console(width=None if os.isatty(1) else 110).print(table)


def named(rows: Mapping[str, Spread]) -> dict[str, dict[str, float]]:
    """Write medians and extremes with their names, for JSON."""
    return {name: spread._asdict() for name, spread in rows.items()}


def keep(name: str, figures: Mapping[str, Any]) -> None:
    """Write the figures, and what they were measured on, to `benchmarks/results/NAME.json`."""
    RESULTS.mkdir(exist_ok=True)
    content = json.dumps({"machine": machine(), **figures}, indent=1, ensure_ascii=False)
    (RESULTS / f"{name}.json").write_text(content + "\n", encoding="utf-8")
