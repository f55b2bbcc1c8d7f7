"""How the cost grows with pictures and cores, and how good the choice of threads and batches is.

    python benchmarks/growth.py [--photos FOLDER]

Without a folder, photos are cut from the sample pictures. Figures go to `benchmarks/results/growth.json`.
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

import contest

import pictures
from imagemood.models.network import n_cores
from imagemood.pictures.picture import each
from imagemood.prediction.cascade import Cascade
from imagemood.prediction.pipeline import stream
from imagemood.prediction.stages import Stages

COUNTS = (1, 10, 100, 1000, 10_000)
N_SEARCHED = 160
WORKERS, THREADS, BATCHES = (1, 2, 4), (1, 2), (1, 2, 4, 8, 16)


def grow(folder: Path) -> dict[str, dict[str, float]]:
    """Seconds for each number of pictures, with the cores that this process has."""
    cascade = Cascade.load(device="cpu")
    paths = sorted(folder.glob("*.jpg"))

    def way(n_pictures: int) -> Callable[[], object]:
        return lambda: list(cascade.classify_many(paths[:n_pictures]))

    way(COUNTS[1])()
    seconds = {}
    for n_pictures in COUNTS:
        n_rounds = 1 if n_pictures > 1000 else 3
        found = contest.in_turns({str(n_pictures): way(n_pictures)}, n_rounds=n_rounds, warm_up=n_pictures < 1000)
        seconds.update(contest.named(found))
    return seconds


def growth(folder: Path) -> dict[str, Any]:
    """Milliseconds for a picture, on one core and on all, each in a process that has no more."""
    found = {}
    for cores in sorted({1, n_cores()}):
        command = [sys.executable, __file__, "--grow", folder, "--cores", str(cores)]
        seconds = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout)
        each_ms = {name: contest.Spread(**row).times(1000 / int(name)) for name, row in seconds.items()}
        contest.show(f"Each of so many pictures, cores: {cores}", "ms", each_ms)
        found[str(cores)] = contest.named(each_ms)
    return found


def searched(paths: list[Path]) -> dict[str, Any]:
    """Pictures a second with what is chosen by itself, and with all that one might choose."""
    cascade = Cascade.load(device="cpu")
    ways: dict[str, Callable[[], object]] = {"chosen by itself": lambda: list(cascade.classify_many(paths))}

    def way(stages: Stages, n_workers: int, n_batch: int) -> Callable[[], object]:
        return lambda: list(stream(each(paths), stages.answer, size_px=224, n_workers=n_workers, n_batch=n_batch))

    for n_threads in THREADS:
        stages = Stages(cascade.tagger, cascade.moods, 1).with_threads(n_threads)
        for n_workers, n_batch in itertools.product(WORKERS, BATCHES):
            name = f"{n_workers} workers × {n_threads} threads, batches of {n_batch}"
            ways[name] = way(stages, n_workers, n_batch)
    rates = contest.rates_in_turns(ways, len(paths))
    contest.show(f"Workers, threads and batches, {len(paths)} photos", "photos/s", rates, more_is_better=True)
    best = max(rates, key=lambda name: rates[name].median)
    share = rates["chosen by itself"].median / rates[best].median
    print(f"Chosen by itself: {share:.0%} of the best, which is {best}.")
    return {"photos_per_s": contest.named(rates), "best": best, "share_of_best": share}


def main(source: Path | None) -> None:
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made) / "photos"
        paths = pictures.make(folder, 224, COUNTS[-1], source)
        if not folder.exists():
            folder.mkdir()
            for path in paths:
                (folder / path.name).symlink_to(path.resolve())
        figures = {"each_ms": growth(folder), "searched": searched(paths[:N_SEARCHED])}
    contest.keep("growth", figures)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--photos", type=Path, help="folder of JPEG files to measure on")
    parser.add_argument("--grow", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--cores", type=int, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.grow is None:
        main(arguments.photos)
    else:
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[: arguments.cores])
        print(json.dumps(grow(arguments.grow)))
