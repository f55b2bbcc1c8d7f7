"""Compare the speed of bulk runs with `imagemood classify`, and measure their peak memory.

    python benchmarks/bulk.py PHOTOS

PHOTOS is a folder of photos. The two commands run alternately on the same 2,000 photos, each timed from the
start to the end of its process. For the memory measurements, symbolic links enlarge the folder; the operating
system reports the peak memory of the process. The results go to `benchmarks/results/bulk.json`, from which `make
docs` writes the tables of docs/bulk.md.
"""

from __future__ import annotations

import argparse
import itertools
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import timing

from imagemood.pictures.finding.sources import find_pictures

N_PHOTOS = 2000
COMMAND = [sys.executable, "-m", "imagemood"]


def link_photos(photos: list[Path], folder: Path, n: int) -> Path:
    """Create a folder of `n` links to the photos, repeating them as needed."""
    for i in range(n):
        subfolder = folder / f"{i // 1000:04d}"
        subfolder.mkdir(parents=True, exist_ok=True)
        (subfolder / f"{i:07d}.jpg").symlink_to(photos[i % len(photos)])
    return folder


def run(*arguments: str | Path) -> tuple[float, float]:
    """Run a command and return its duration in seconds and its peak memory in MB."""
    start = time.perf_counter()
    process = subprocess.Popen([*COMMAND, *map(str, arguments)], stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - start
    process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0, arguments
    return seconds, usage.ru_maxrss / 1000


def speed(photos: Path, work: Path) -> dict[str, Any]:
    targets = (work / f"moods{i}" for i in itertools.count())
    rates = timing.rates_alternately(
        {
            "imagemood bulk": lambda: run("bulk", photos, "-o", next(targets)),
            "imagemood classify": lambda: run("classify", photos, "-o", work / "moods.parquet"),
        },
        N_PHOTOS,
        warm_up=False,
    )
    timing.print_table(f"{N_PHOTOS:,} photos", "photos/s", rates, more_is_better=True)
    return {"n_photos": N_PHOTOS, "photos_per_s": timing.as_dicts(rates)}


def memory(photos: list[Path], work: Path, sizes: list[int]) -> list[dict[str, float]]:
    peaks = []
    for n in sizes:
        folder = link_photos(photos, work / f"{n}", n)
        seconds, peak_mb = run("bulk", folder, "-o", work / f"moods-of-{n}")
        peaks.append({"n_photos": n, "peak_mb": peak_mb, "images_per_s": n / seconds})
        print(f"bulk, {n:,} photos: peak memory {peak_mb:.0f} MB, {n / seconds:.0f} photos/s", flush=True)
        shutil.rmtree(folder)
        shutil.rmtree(work / f"moods-of-{n}")
    return peaks


def main(photos: Path, sizes: list[int]) -> None:
    pictures = find_pictures([photos])
    step = max(1, len(pictures) // N_PHOTOS)
    sample = [Path(picture.name).resolve() for picture in pictures[::step]][:N_PHOTOS]
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        results = speed(link_photos(sample, work / "photos", N_PHOTOS), work)
        results["memory"] = memory(sample, work, sizes)
    timing.save_results("bulk", results)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("photos", type=Path, help="folder of photos")
    parser.add_argument(
        "--sizes", type=int, nargs="+", default=[2000, 20_000, 200_000], help="sizes for the memory measurements"
    )
    arguments = parser.parse_args()
    main(arguments.photos, arguments.sizes)
