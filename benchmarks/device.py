"""Compare CPU and GPU: pictures per second, and the differences between their results.

    python benchmarks/device.py [--photos FOLDER] [--device cuda:N]

Without a folder, the photos are crops of the sample pictures. The results go to `benchmarks/results/device.json`.
The exit code is 1 if the results of the devices differ by more than 1e-3, and 2 if the GPU is not available.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path

import benchmark_photos
import numpy as np
import timing
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table

from imagemood.errors import MoodError
from imagemood.prediction.cascade import Cascade
from imagemood.prediction.result import Result

N_PHOTOS, SIDE_PX = 512, 224
BATCHES = (1, 8, 32, 128, 512)
TOLERANCE = 1e-3
Rates = dict[str, dict[str, timing.Spread]]
COMPARED = ("probabilities", "scores", "embedding", "mood_maps")


def network(cascades: dict[str, Cascade], pixels: NDArray[np.uint8]) -> Rates:
    """Return the pictures per second of the network alone, on decoded pictures, for several batch sizes."""

    def candidate(cascade: Cascade, n_batch: int) -> Callable[[], object]:
        batches = [pixels[i : i + n_batch] for i in range(0, len(pixels), n_batch)]
        return lambda: [cascade.tagger.predict(batch) for batch in batches]

    rates = {}
    for n_batch in BATCHES:
        candidates = {device: candidate(cascade, n_batch) for device, cascade in cascades.items()}
        rates[f"network alone, batches of {n_batch}"] = timing.rates_alternately(
            candidates, len(pixels), n_rounds=3
        )
    return rates


def from_files(cascades: dict[str, Cascade], paths: list[Path]) -> Rates:
    """Return the pictures per second of the whole cascade, from JPEG files."""

    def candidate(cascade: Cascade) -> Callable[[], object]:
        return lambda: list(cascade.classify_many(paths))

    candidates = {device: candidate(cascade) for device, cascade in cascades.items()}
    return {"from JPEG files to moods": timing.rates_alternately(candidates, len(paths), n_rounds=3)}


def print_rates(rates: Rates, devices: Iterable[str]) -> None:
    """Print the rates of both devices and the speed-up of the GPU."""
    table = Table("pictures per second", *devices, "speed-up")
    for name, row in rates.items():
        cpu, gpu = (spread.median for spread in row.values())
        table.add_row(name, f"{cpu:.4g}", f"{gpu:.4g}", f"{gpu / cpu:.2f}")
    Console().print(table)


def differences(cascades: dict[str, Cascade], paths: list[Path]) -> dict[str, float]:
    """Return the largest difference between the results of the devices, for each of their arrays."""
    results = [list(cascade.classify_many(paths)) for cascade in cascades.values()]
    largest = dict.fromkeys(COMPARED, 0.0)
    for one, other in zip(*results, strict=True):
        for name in COMPARED:
            largest[name] = max(largest[name], _difference(one, other, name))
    for name, difference in largest.items():
        print(f"largest difference of {name}: {difference:.1e}")
    return largest


def _difference(one: Result, other: Result, name: str) -> float:
    a, b = getattr(one, name), getattr(other, name)
    if a is None or b is None:
        assert a is b, f"only one device returns {name}"
        return 0.0
    return float(np.abs(np.asarray(a) - np.asarray(b)).max())


def main(source: Path | None, device: str) -> int:
    try:
        gpu = Cascade.load(device=device)
    except MoodError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    if not gpu.tagger.network.on_gpu:
        print(f"error: --device {device} is not a GPU", file=sys.stderr)
        return 2
    cascades = {"cpu": Cascade.load(device="cpu"), gpu.tagger.network.device: gpu}
    with tempfile.TemporaryDirectory() as temporary:
        paths = benchmark_photos.make_photos(Path(temporary) / "photos", SIDE_PX, N_PHOTOS, source)
        pixels = benchmark_photos.decode_photos(paths, gpu.tagger.size_px)
        largest = differences(cascades, paths)
        rates = network(cascades, pixels) | from_files(cascades, paths)
        print_rates(rates, cascades)
        results = {
            "device": gpu.tagger.network.device,
            "providers": gpu.tagger.network.providers,
            "n_photos": len(paths),
            "differences": largest,
            "images_per_s": {name: timing.as_dicts(row) for name, row in rates.items()},
        }
    timing.save_results("device", results)
    return int(max(largest.values()) > TOLERANCE)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--photos", type=Path, help="folder of JPEG files (default: crops of the sample pictures)")
    parser.add_argument("--device", default="cuda", help="cuda or cuda:N")
    arguments = parser.parse_args()
    sys.exit(main(arguments.photos, arguments.device))
