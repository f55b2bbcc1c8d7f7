"""Measure the time that each group of visual features takes, and the rate for a folder of photos.

    python benchmarks/visual_features.py PHOTOS

PHOTOS is a folder of photos, from which a random sample of 500 is taken. The results are written to
`benchmarks/results/visual_features.json`, from which `make generate` writes a table of docs/visual.md.
"""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path

import numpy as np

from imagemood import visual
from imagemood.models.device import cpu_count
from imagemood.pictures.finding.sources import find_pictures
from imagemood.prediction.visual_features import compute_many

RESULTS = Path(__file__).parent / "results" / "visual_features.json"
N_PHOTOS = 500
N_ROUNDS = 3


def group_costs(images_rgb: list[np.ndarray]) -> dict[str, float]:
    """Return the median time in milliseconds that each group takes for one image, on one thread."""
    seconds: dict[str, list[float]] = {
        name: [] for name in ("colour spaces", *(group.name for group in visual.GROUPS))
    }
    for image in images_rgb:
        start = time.perf_counter()
        arrays = visual.ImageArrays(image)
        for name in ("saturation", "brightness", "hue_cos", "hsv", "grey"):
            getattr(arrays, name)
        seconds["colour spaces"].append(time.perf_counter() - start)
        for group in visual.GROUPS:
            start = time.perf_counter()
            group.measure(arrays)
            seconds[group.name].append(time.perf_counter() - start)
    return {name: 1000 * float(np.median(values)) for name, values in seconds.items()}


def main(photos: Path) -> None:
    pictures = find_pictures([photos])
    rng = np.random.default_rng(0)
    sample = [pictures[i] for i in sorted(rng.choice(len(pictures), min(N_PHOTOS, len(pictures)), replace=False))]
    decoded = [picture.decode(visual.SIZE_PX) for picture in sample]
    costs = group_costs(decoded)
    rates = []
    for _ in range(N_ROUNDS):
        start = time.perf_counter()
        assert all(result.error is None for result in compute_many(sample))
        rates.append(len(sample) / (time.perf_counter() - start))
    results = {
        "n_photos": len(sample),
        "n_cores": cpu_count(),
        "images_per_s": float(np.median(rates)),
        "group_ms": costs,
    }
    RESULTS.write_text(json.dumps(results, indent=1) + "\n")
    print(json.dumps(results, indent=1))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("photos", type=Path, help="folder of photos")
    main(parser.parse_args().photos)
