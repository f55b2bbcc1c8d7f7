"""Evaluate the built-in network and the default mood classifier on the validation photos.

    python training/evaluate_network.py PHOTOS --published FOLDER

FOLDER has a subfolder with the output of `export_network.py --size SIZE` for each published network: lite0,
lite1 and lite2. The results go to `benchmarks/results/network.json`.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import PIL.Image
from numpy.typing import NDArray
from split import SPLIT, twentieth

from imagemood.evaluation.metrics import evaluate_predictions
from imagemood.models import model_directory
from imagemood.models.tagger import Tagger
from imagemood.pictures.decoding import decode
from imagemood.prediction import heatmap
from imagemood.prediction.cascade import Cascade

RESULTS = Path(__file__).parent.parent / "benchmarks" / "results" / "network.json"
SIZES_PX = (32, 64, 96, 128, 160, 224)
N_COMPOSITES, N_TIMED = 1000, 100

Pixels = NDArray[np.uint8]


def read_validation(folder: Path) -> tuple[Pixels, NDArray[np.str_]]:
    """Read the validation photos and their moods."""
    paths = [path for path in sorted(folder.glob("*/*")) if twentieth(path) in SPLIT["validation"]]
    pixels = np.stack([decode(path.read_bytes(), name=str(path), size_px=224) for path in paths])
    return pixels, np.array([path.parent.name for path in paths])


def evaluate(cascade: Cascade, pixels: Pixels, moods: NDArray[np.str_]) -> dict[str, Any]:
    """Return the metrics of the whole cascade."""
    probabilities = np.stack([result.probabilities for result in cascade.classify_many(iter(pixels))])
    return evaluate_predictions(moods, probabilities, cascade.require_mood_classifier().labels).to_dict()


def reduced(pixels: Pixels, size_px: int) -> Iterator[Pixels]:
    """Yield the photos at a lower resolution; the cascade enlarges them again."""
    for photo in pixels:
        yield np.asarray(PIL.Image.fromarray(photo).resize((size_px, size_px), PIL.Image.Resampling.LANCZOS))


def agreement(ours: Tagger, original: Tagger, pixels: Pixels) -> dict[str, float]:
    """Return how often the top tag of the original network is our top tag, and among our top five."""
    same, among = [], []
    for start in range(0, len(pixels), 8):
        batch = pixels[start : start + 8]
        top = original.predict(batch).scores.argmax(axis=1)[:, np.newaxis]
        five = np.argsort(-ours.predict(batch).scores, axis=1)[:, :5]
        same.append(five[:, 0] == top[:, 0])
        among.append((five == top).any(axis=1))
    return {"same": float(np.concatenate(same).mean()), "among_five": float(np.concatenate(among).mean())}


def composites(tagger: Tagger, pixels: Pixels, moods: NDArray[np.str_]) -> dict[str, float]:
    """Join halves of photos of two moods, and return the share of heat maps that highlight the right half."""
    rng = np.random.default_rng(0)
    labels = list(tagger.card.mood_labels)
    hits: dict[str, list[bool]] = {"log_odds": [], "logit": []}
    for _ in range(N_COMPOSITES):
        left, right = rng.choice(labels, 2, replace=False)
        photos = [pixels[rng.choice(np.flatnonzero(moods == mood))] for mood in (left, right)]
        composite = np.concatenate([photos[0][:, :112], photos[1][:, 112:]], axis=1)
        maps = tagger.predict(composite[np.newaxis]).mood_maps
        assert maps is not None
        for mood, own, other in ((left, slice(0, 3), slice(4, 7)), (right, slice(4, 7), slice(0, 3))):
            index = labels.index(mood)
            for name, region in (("log_odds", heatmap.log_odds(maps[0], index)), ("logit", maps[0][index])):
                hits[name].append(bool(region[:, own].mean() > region[:, other].mean()))
    return {name: float(np.mean(values)) for name, values in hits.items()}


def times(taggers: dict[str, Tagger], pixels: Pixels) -> dict[str, float]:
    """Return the median milliseconds per decoded photo, after warm-up, on all cores, networks alternately."""
    seconds: dict[str, list[float]] = {name: [] for name in taggers}
    for photo in pixels[:N_TIMED]:
        for name, tagger in taggers.items():
            start = time.perf_counter()
            tagger.predict(photo[np.newaxis])
            seconds[name].append(time.perf_counter() - start)
    return {name: float(np.median(values)) * 1000 for name, values in seconds.items()}


def main(folder: Path, published: Path) -> None:
    pixels, moods = read_validation(folder)
    cascade = Cascade.load()
    networks = {path.name: Tagger.load(path / "network.onnx") for path in sorted(published.iterdir())}
    tags_alone = Cascade(cascade.tagger, model_directory.load("tags"))
    results: dict[str, Any] = {
        "n_images": len(moods),
        "n_composites": N_COMPOSITES,
        "largest_class": float(np.unique(moods, return_counts=True)[1].max() / len(moods)),
        "validation": evaluate(cascade, pixels, moods),
        "two_views": evaluate(Cascade.load(n_views=2), pixels, moods),
        "tags_alone": evaluate(tags_alone, pixels, moods),
    }
    print(f"accuracy {results['validation']['accuracy']:.4f}", file=sys.stderr)
    curve = {
        size: evaluate(cascade, np.stack(list(reduced(pixels, size))), moods)["accuracy"] for size in SIZES_PX
    }
    results["resolution"] = list(curve.items())
    results["tags"] = agreement(cascade.tagger, networks["lite0"], pixels)
    results["composites"] = composites(cascade.tagger, pixels, moods)
    results["ms"] = times({"built_in": cascade.tagger, **networks}, pixels)
    RESULTS.write_text(json.dumps(results, indent=1) + "\n")
    print(json.dumps({key: results[key] for key in ("resolution", "tags", "composites", "ms")}), file=sys.stderr)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("photos", type=Path, help="folder with a subfolder of photos for each mood")
    parser.add_argument(
        "--published", type=Path, required=True, help="folder with the exported published networks"
    )
    options = parser.parse_args()
    main(options.photos, options.published)
