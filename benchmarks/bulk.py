"""How fast bulk runs are next to `imagemood classify`, and how much memory they take.

    python benchmarks/bulk.py PHOTOS

PHOTOS is a folder of photos. The two commands take turns on the same 2,000 of them, each measured from start to
end of its process. For memory, the folder is made larger by links; the system says what the peak of a process is.
The figures go to `benchmarks/results/bulk.json`, from which `make docs` writes the table of docs/bulk.md.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from imagemood.inputs import find
from imagemood.network import n_cores

RESULTS = Path(__file__).parent / "results" / "bulk.json"
N_PHOTOS = 2000
N_ROUNDS = 5
COMMAND = [sys.executable, "-m", "imagemood"]


def linked(photos: list[Path], folder: Path, n: int) -> Path:
    """Make a folder of so many photos, each of which may be there many times."""
    for i in range(n):
        place = folder / f"{i // 1000:04d}"
        place.mkdir(parents=True, exist_ok=True)
        (place / f"{i:07d}.jpg").symlink_to(photos[i % len(photos)])
    return folder


def run(*arguments: str | Path) -> tuple[float, float]:
    """Run a command; give its seconds and the peak of its memory in MB."""
    start = time.perf_counter()
    process = subprocess.Popen([*COMMAND, *map(str, arguments)], stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - start
    process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0, arguments
    return seconds, usage.ru_maxrss / 1000


def speed(photos: Path, work: Path) -> dict[str, object]:
    seconds: dict[str, list[float]] = {"classify": [], "bulk": []}
    for i in range(N_ROUNDS):
        seconds["classify"].append(run("classify", photos, "-o", work / "moods.parquet")[0])
        seconds["bulk"].append(run("bulk", photos, "-o", work / f"moods{i}")[0])
    rates = {name: [N_PHOTOS / s for s in values] for name, values in seconds.items()}
    ratios = [ours / theirs for ours, theirs in zip(rates["bulk"], rates["classify"], strict=True)]
    return {
        "n_photos": N_PHOTOS,
        "images_per_s": {name: statistics.median(values) for name, values in rates.items()},
        "spread": {name: [min(values), max(values)] for name, values in rates.items()},
        "share_of_classify": statistics.median(ratios),
    }


def memory(photos: list[Path], work: Path, sizes: list[int]) -> list[dict[str, float]]:
    peaks = []
    for n in sizes:
        folder = linked(photos, work / f"{n}", n)
        seconds, peak_mb = run("bulk", folder, "-o", work / f"moods-of-{n}")
        peaks.append({"n_photos": n, "peak_mb": peak_mb, "images_per_s": n / seconds})
        shutil.rmtree(folder)
    return peaks


def main(photos: Path, sizes: list[int]) -> None:
    sources = find([photos])
    drawn = [Path(source.name).resolve() for source in sources[:: max(1, len(sources) // N_PHOTOS)]][:N_PHOTOS]
    figures = json.loads(RESULTS.read_text()) if RESULTS.exists() else {}
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        figures.update(speed(linked(drawn, work / "photos", N_PHOTOS), work))
        figures["memory"] = memory(drawn, work, sizes)
    figures.update(n_cores=n_cores(), machine=platform.processor() or platform.machine())
    RESULTS.write_text(json.dumps(figures, indent=1) + "\n")
    print(json.dumps(figures, indent=1))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("photos", type=Path, help="folder of photos")
    parser.add_argument("--sizes", type=int, nargs="+", default=[2000, 20_000, 200_000], help="for memory")
    arguments = parser.parse_args()
    main(arguments.photos, arguments.sizes)
