"""What each group of visual features costs, and how fast a folder is measured.

    python benchmarks/visual.py PHOTOS

PHOTOS is a folder of photos; 500 of them are drawn. The figures go to `benchmarks/results/visual.json`, from which
`make docs` writes the table of docs/visual.md.
"""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path

import numpy as np

from imagemood import visual
from imagemood.models.network import n_cores
from imagemood.pictures import decoding
from imagemood.pictures.sources import find
from imagemood.prediction.visual_features import measure_many
from imagemood.visual.picture import Picture

RESULTS = Path(__file__).parent / "results" / "visual.json"
N_PHOTOS = 500
N_ROUNDS = 3


def group_costs(pictures: list[np.ndarray]) -> dict[str, float]:
    """Measure milliseconds of each group for one picture, on one thread: medians over pictures."""
    seconds: dict[str, list[float]] = {name: [] for name in ("colour spaces", *visual.GROUPS)}
    for pixels in pictures:
        start = time.perf_counter()
        picture = Picture(pixels)
        for plane in ("saturation", "brightness", "hue_cos", "hsv", "grey"):
            getattr(picture, plane)
        seconds["colour spaces"].append(time.perf_counter() - start)
        for name, measure in visual.GROUPS.items():
            start = time.perf_counter()
            measure(picture)
            seconds[name].append(time.perf_counter() - start)
    return {name: 1000 * float(np.median(values)) for name, values in seconds.items()}


def main(photos: Path) -> None:
    sources = find([photos])
    dice = np.random.default_rng(0)
    drawn = [sources[i] for i in sorted(dice.choice(len(sources), min(N_PHOTOS, len(sources)), replace=False))]
    pictures = [decoding.decode(source.read(), size_px=visual.SIZE_PX) for source in drawn]
    costs = group_costs(pictures)
    rates = []
    for _ in range(N_ROUNDS):
        start = time.perf_counter()
        assert all(result.error is None for result in measure_many(drawn))
        rates.append(len(drawn) / (time.perf_counter() - start))
    figures = {
        "n_photos": len(drawn),
        "n_cores": n_cores(),
        "images_per_s": float(np.median(rates)),
        "group_ms": costs,
    }
    RESULTS.write_text(json.dumps(figures, indent=1) + "\n")
    print(json.dumps(figures, indent=1))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("photos", type=Path, help="folder of photos")
    main(parser.parse_args().photos)
