"""Pictures a second on the CPU and on a GPU, and by how much their answers differ.

    python benchmarks/device.py [--photos FOLDER] [--device cuda:N]

Without a folder, photos are cut from the sample pictures. Figures go to `benchmarks/results/device.json`. The exit
code is 1 if answers differ by more than 1e-3, and 2 if there is no such GPU.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path

import contest
import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table

import pictures
from imagemood.errors import MoodError
from imagemood.prediction.cascade import Cascade
from imagemood.prediction.result import Result

N_PHOTOS, SIDE_PX = 512, 224
BATCHES = (1, 8, 32, 128, 512)
TOLERANCE = 1e-3
Rates = dict[str, dict[str, contest.Spread]]
COMPARED = ("probabilities", "scores", "embedding", "mood_maps")


def network(cascades: dict[str, Cascade], pixels: NDArray[np.uint8]) -> Rates:
    """Pictures a second of the network alone, on decoded pictures, in batches of several sizes."""

    def way(cascade: Cascade, n_batch: int) -> Callable[[], object]:
        batches = [pixels[i : i + n_batch] for i in range(0, len(pixels), n_batch)]
        return lambda: [cascade.tagger.predict(batch) for batch in batches]

    rates = {}
    for n_batch in BATCHES:
        ways = {device: way(cascade, n_batch) for device, cascade in cascades.items()}
        rates[f"network alone, batches of {n_batch}"] = contest.rates_in_turns(ways, len(pixels), n_rounds=3)
    return rates


def from_files(cascades: dict[str, Cascade], paths: list[Path]) -> Rates:
    """Pictures a second of the whole cascade, from JPEG files."""

    def way(cascade: Cascade) -> Callable[[], object]:
        return lambda: list(cascade.classify_many(paths))

    ways = {device: way(cascade) for device, cascade in cascades.items()}
    return {"from files to moods": contest.rates_in_turns(ways, len(paths), n_rounds=3)}


def show(rates: Rates, devices: Iterable[str]) -> None:
    """Print a line for each way, and how many times faster the GPU is."""
    table = Table("pictures a second", *devices, "times")
    for name, row in rates.items():
        cpu, gpu = (spread.median for spread in row.values())
        table.add_row(name, f"{cpu:.4g}", f"{gpu:.4g}", f"{gpu / cpu:.2f}")
    Console().print(table)


def differences(cascades: dict[str, Cascade], paths: list[Path]) -> dict[str, float]:
    """Largest difference between the devices of each of the numbers in their answers."""
    answers = [list(cascade.classify_many(paths)) for cascade in cascades.values()]
    found = dict.fromkeys(COMPARED, 0.0)
    for one, other in zip(*answers, strict=True):
        for name in COMPARED:
            found[name] = max(found[name], _difference(one, other, name))
    for name, difference in found.items():
        print(f"largest difference of {name}: {difference:.1e}")
    return found


def _difference(one: Result, other: Result, name: str) -> float:
    a, b = getattr(one, name), getattr(other, name)
    if a is None or b is None:
        assert a is b, f"only one device gives {name}"
        return 0.0
    return float(np.abs(np.asarray(a) - np.asarray(b)).max())


def main(source: Path | None, device: str) -> int:
    try:
        gpu = Cascade.load(device=device)
    except MoodError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    if not gpu.tagger.network.on_gpu:
        print(f"error: --device {device} is no GPU", file=sys.stderr)
        return 2
    cascades = {"cpu": Cascade.load(device="cpu"), gpu.tagger.network.device: gpu}
    with tempfile.TemporaryDirectory() as made:
        paths = pictures.make(Path(made) / "photos", SIDE_PX, N_PHOTOS, source)
        pixels = pictures.decoded(paths, gpu.tagger.size_px)
        found = differences(cascades, paths)
        rates = network(cascades, pixels) | from_files(cascades, paths)
        show(rates, cascades)
        figures = {
            "device": gpu.tagger.network.device,
            "providers": gpu.tagger.network.providers,
            "n_photos": len(paths),
            "differences": found,
            "images_per_s": {name: contest.named(row) for name, row in rates.items()},
        }
    contest.keep("device", figures)
    return int(max(found.values()) > TOLERANCE)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--photos", type=Path, help="folder of JPEG files to measure on")
    parser.add_argument("--device", default="cuda", help="cuda or cuda:N")
    arguments = parser.parse_args()
    sys.exit(main(arguments.photos, arguments.device))
