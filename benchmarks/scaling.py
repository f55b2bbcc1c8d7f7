"""Measure the time per picture by number of pictures and cores, and the automatic choice of threads and batches.

    python benchmarks/scaling.py [--photos FOLDER]

Without a folder, the photos are crops of the sample pictures. The results go to `benchmarks/results/scaling.json`.
"""

from __future__ import annotations

import argparse
import itertools
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import benchmark_photos
import timing

from imagemood.models.device import cpu_count
from imagemood.pictures.picture_like import as_pictures
from imagemood.prediction.cascade import Cascade
from imagemood.prediction.pipeline import predict_stream
from imagemood.prediction.stages import Stages

COUNTS = (1, 10, 100, 1000, 10_000)
N_SEARCHED = 160
WORKERS, THREADS, BATCHES = (1, 2, 4), (1, 2), (1, 2, 4, 8, 16)


def times_by_count(folder: Path) -> dict[str, dict[str, float]]:
    """Return the seconds for each number of pictures, using the CPU cores of this process."""
    cascade = Cascade.load(device="cpu")
    paths = sorted(folder.glob("*.jpg"))

    def candidate(n_pictures: int) -> Callable[[], object]:
        return lambda: list(cascade.classify_many(paths[:n_pictures]))

    candidate(COUNTS[1])()
    seconds = {}
    for n_pictures in COUNTS:
        n_rounds = 1 if n_pictures > 1000 else 3
        candidates = {str(n_pictures): candidate(n_pictures)}
        spreads = timing.time_alternately(candidates, n_rounds=n_rounds, warm_up=n_pictures < 1000)
        seconds.update(timing.as_dicts(spreads))
    return seconds


def times_by_cores(folder: Path) -> dict[str, Any]:
    """Return the milliseconds per picture on one core and on all, each measured in a process limited to them."""
    results = {}
    for cores in sorted({1, cpu_count()}):
        command = [sys.executable, __file__, "--measure", folder, "--cores", str(cores)]
        seconds = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout)
        each_ms = {name: timing.Spread(**row).times(1000 / int(name)) for name, row in seconds.items()}
        timing.print_table(f"Time per picture by number of pictures, cores: {cores}", "ms", each_ms)
        results[str(cores)] = timing.as_dicts(each_ms)
    return results


def batching(paths: list[Path]) -> dict[str, Any]:
    """Return the pictures per second of the automatic choice and of all combinations in the grid."""
    cascade = Cascade.load(device="cpu")
    candidates: dict[str, Callable[[], object]] = {
        "chosen automatically": lambda: list(cascade.classify_many(paths))
    }

    def candidate(stages: Stages, n_workers: int, batch_size: int) -> Callable[[], object]:
        return lambda: list(
            predict_stream(
                as_pictures(paths), stages.predict, size_px=224, n_workers=n_workers, batch_size=batch_size
            )
        )

    for n_threads in THREADS:
        stages = Stages(cascade.tagger, cascade.mood_classifier, 1).with_threads(n_threads)
        for n_workers, batch_size in itertools.product(WORKERS, BATCHES):
            name = f"{n_workers} workers × {n_threads} threads, batches of {batch_size}"
            candidates[name] = candidate(stages, n_workers, batch_size)
    rates = timing.rates_alternately(candidates, len(paths))
    timing.print_table(
        f"Workers, threads and batches, {len(paths)} photos", "photos/s", rates, more_is_better=True
    )
    best = max(rates, key=lambda name: rates[name].median)
    share = rates["chosen automatically"].median / rates[best].median
    print(f"The automatic choice reaches {share:.0%} of the best combination: {best}.")
    return {"photos_per_s": timing.as_dicts(rates), "best": best, "share_of_best": share}


def main(source: Path | None) -> None:
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary) / "photos"
        paths = benchmark_photos.make_photos(folder, 224, COUNTS[-1], source)
        if not folder.exists():
            folder.mkdir()
            for path in paths:
                (folder / path.name).symlink_to(path.resolve())
        results = {"each_ms": times_by_cores(folder), "searched": batching(paths[:N_SEARCHED])}
    timing.save_results("scaling", results)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--photos", type=Path, help="folder of JPEG files (default: crops of the sample pictures)")
    parser.add_argument("--measure", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--cores", type=int, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.measure is None:
        main(arguments.photos)
    else:
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[: arguments.cores])
        print(json.dumps(times_by_count(arguments.measure)))
