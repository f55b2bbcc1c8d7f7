"""Time several candidates alternately, print a table of the results and save them."""

from __future__ import annotations

import json
import os
import platform
import statistics
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import psutil
from rich.console import Console
from rich.table import Table

from imagemood.models.device import cpu_count
from imagemood.models.network import ONNXRUNTIME_VERSION

RESULTS = Path(__file__).parent / "results"
N_ROUNDS = 5


class Spread(NamedTuple):
    """Median, minimum and maximum over the rounds."""

    median: float
    low: float
    high: float

    @classmethod
    def of(cls, values: list[float]) -> Spread:
        """Summarise the values of all rounds."""
        return cls(statistics.median(values), min(values), max(values))

    def times(self, factor: float) -> Spread:
        """Convert to another unit."""
        return Spread(*(factor * value for value in self))

    def per_second(self, n_items: int) -> Spread:
        """Convert the seconds that `n_items` took to items per second."""
        return Spread(n_items / self.median, n_items / self.high, n_items / self.low)


def time_alternately(
    candidates: Mapping[str, Callable[[], object]],
    *,
    n_rounds: int = N_ROUNDS,
    n_calls: int = 1,
    warm_up: bool = True,
) -> dict[str, Spread]:
    """Return the seconds per call; each round calls every candidate, so that other load affects all equally."""
    seconds: dict[str, list[float]] = {name: [] for name in candidates}
    for function in candidates.values() if warm_up else ():
        function()
    for _ in range(n_rounds):
        for name, function in candidates.items():
            start = time.perf_counter()
            for _ in range(n_calls):
                function()
            seconds[name].append((time.perf_counter() - start) / n_calls)
    return {name: Spread.of(values) for name, values in seconds.items()}


def rates_alternately(
    candidates: Mapping[str, Callable[[], object]],
    n_items: int,
    *,
    n_rounds: int = N_ROUNDS,
    warm_up: bool = True,
) -> dict[str, Spread]:
    """Return the items per second of each candidate, whose calls process `n_items` each."""
    seconds = time_alternately(candidates, n_rounds=n_rounds, warm_up=warm_up)
    return {name: spread.per_second(n_items) for name, spread in seconds.items()}


def machine() -> dict[str, Any]:
    """Describe the machine and the versions of the software."""
    return {
        "processor": _processor(),
        "n_cores": cpu_count(),
        "memory_gb": round(psutil.virtual_memory().total / 2**30),
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        "onnxruntime": ONNXRUNTIME_VERSION,
    }


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    return next((line.split(":")[1].strip() for line in lines if line.startswith("model name")), "unknown")


def print_table(title: str, unit: str, rows: Mapping[str, Spread], *, more_is_better: bool = False) -> None:
    """Print one row per candidate with the speed-up of the first one, imagemood, over it."""
    ours = next(iter(rows))
    table = Table("", f"{unit}, median", "min", "max", "speed-up of imagemood", title=title)
    for name, (median, low, high) in rows.items():
        ratio = rows[ours].median / median if more_is_better else median / rows[ours].median
        speedup = "" if name == ours else f"{ratio:.2f} ×"
        table.add_row(name, *(f"{value:.4g}" for value in (median, low, high)), speedup)
    Console(width=None if os.isatty(1) else 110).print(table)


def as_dicts(rows: Mapping[str, Spread]) -> dict[str, dict[str, float]]:
    """Convert to nested dictionaries, for JSON."""
    return {name: spread._asdict() for name, spread in rows.items()}


def save_results(name: str, results: Mapping[str, Any]) -> None:
    """Write the results and a description of the machine to `benchmarks/results/NAME.json`."""
    RESULTS.mkdir(exist_ok=True)
    content = json.dumps({"machine": machine(), **results}, indent=1, ensure_ascii=False)
    (RESULTS / f"{name}.json").write_text(content + "\n", encoding="utf-8")
