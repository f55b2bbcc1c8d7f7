"""Evaluate the built-in network by cross-validation, and its tags and its speed.

    python training/evaluate_network.py PHOTOS --folds FOLDS --published PUBLISHED

FOLDS has the output of `export_network.py` in the subfolders 0 to 4: the networks that `train_network.py` trained
on the photos outside each fold with the recipe of the built-in network. PUBLISHED has that of `export_network.py
--size SIZE` for each published network: lite0, lite1 and lite2. The results go to
`benchmarks/results/network.json`.
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
from build_mood_classifiers import calibrated, mood_head
from metrics import with_intervals
from numpy.typing import NDArray
from split import FOLDS, twentieth

from imagemood.evaluation.metrics import evaluate_predictions
from imagemood.models import model_directory
from imagemood.models.mood_classifier import MoodClassifier
from imagemood.models.network import Network
from imagemood.models.tagger import Tagger
from imagemood.models.tagger_output import ALL_OUTPUTS
from imagemood.pictures.decoding import decode
from imagemood.prediction import heatmap
from imagemood.prediction.cascade import Cascade

RESULTS = Path(__file__).parent.parent / "benchmarks" / "results" / "network.json"
SIZES_PX = (32, 64, 96, 128, 160, 224)
N_COMPOSITES, N_TIMED = 200, 100  # composites for each fold

Pixels = NDArray[np.uint8]


def read_folds(folder: Path) -> list[tuple[Pixels, NDArray[np.str_]]]:
    """Read the photos of each fold and their moods."""
    folds: list[list[Path]] = [[] for _ in FOLDS]
    for path in sorted(folder.glob("*/*")):
        folds[next(i for i, numbers in enumerate(FOLDS) if twentieth(path) in numbers)].append(path)
    return [
        (
            np.stack([decode(path.read_bytes(), name=str(path), size_px=224) for path in paths]),
            np.array([path.parent.name for path in paths]),
        )
        for paths in folds
    ]


def load_fold(folder: Path) -> tuple[Tagger, MoodClassifier]:
    """Load the network of a fold, with the calibration of the built-in model."""
    default = model_directory.load("default").metadata
    head = calibrated(mood_head(folder / "network.onnx"), default.parameters["factor_of_logits"])
    return Tagger.load(folder / "network.onnx"), MoodClassifier(Network(head, name=str(folder)), default)


def predict(cascade: Cascade, pixels: Iterator[Pixels]) -> NDArray[np.float64]:
    """Return the probabilities of the moods, as `imagemood classify` computes them."""
    probabilities = [result.probabilities for result in cascade.classify_many(pixels, ())]
    return np.stack([row for row in probabilities if row is not None])


def reduced(pixels: Pixels, size_px: int) -> Iterator[Pixels]:
    """Yield the photos at a lower resolution; the cascade enlarges them again."""
    for photo in pixels:
        yield np.asarray(PIL.Image.fromarray(photo).resize((size_px, size_px), PIL.Image.Resampling.LANCZOS))


def agreement(ours: Tagger, original: Tagger, pixels: Pixels) -> dict[str, float]:
    """Return the largest difference from the scores of the original network, and how often its top tag is ours."""
    differences, same = [], []
    for start in range(0, len(pixels), 8):
        pair = [tagger.predict(pixels[start : start + 8], ("tags",)).scores for tagger in (ours, original)]
        differences.append(np.abs(pair[0] - pair[1]).max())
        same.append(pair[0].argmax(axis=1) == pair[1].argmax(axis=1))
    return {"same": float(np.concatenate(same).mean()), "largest_difference": float(max(differences))}


def composites(tagger: Tagger, pixels: Pixels, moods: NDArray[np.str_]) -> dict[str, list[bool]]:
    """Join halves of photos of two moods, and return whether each heat map highlights the right half."""
    rng = np.random.default_rng(0)
    labels = list(tagger.card.mood_labels)
    hits: dict[str, list[bool]] = {"log_odds": [], "logit": []}
    for _ in range(N_COMPOSITES):
        left, right = rng.choice(labels, 2, replace=False)
        photos = [pixels[rng.choice(np.flatnonzero(moods == mood))] for mood in (left, right)]
        composite = np.concatenate([photos[0][:, :112], photos[1][:, 112:]], axis=1)
        maps = tagger.predict(composite[np.newaxis], ("mood_maps",)).mood_maps
        assert maps is not None
        for mood, own, other in ((left, slice(0, 3), slice(4, 7)), (right, slice(4, 7), slice(0, 3))):
            index = labels.index(mood)
            for name, region in (("log_odds", heatmap.log_odds(maps[0], index)), ("logit", maps[0][index])):
                hits[name].append(bool(region[:, own].mean() > region[:, other].mean()))
    return hits


def times(published: dict[str, Tagger], pixels: Pixels) -> dict[str, float]:
    """Return the median milliseconds per decoded photo, after warm-up, on all cores, networks alternately."""
    built_in = Tagger.load()
    runs = {name: (tagger, ALL_OUTPUTS) for name, tagger in published.items()}
    runs |= {"moods": (built_in, frozenset(("embedding",))), "moods_and_tags": (built_in, ALL_OUTPUTS)}
    seconds: dict[str, list[float]] = {name: [] for name in runs}
    for photo in pixels[:N_TIMED]:
        for name, (tagger, outputs) in runs.items():
            start = time.perf_counter()
            tagger.predict(photo[np.newaxis], outputs)
            seconds[name].append(time.perf_counter() - start)
    return {name: float(np.median(values)) * 1000 for name, values in seconds.items()}


def cross_validate(folds: list[tuple[Pixels, NDArray[np.str_]]], networks: Path) -> dict[str, Any]:
    """Evaluate the network of each fold on the photos of the fold, and pool the results."""
    views: dict[str, list[NDArray[np.float64]]] = {name: [] for name in ("one", "two", *map(str, SIZES_PX))}
    hits: dict[str, list[bool]] = {"log_odds": [], "logit": []}
    for i, (pixels, moods) in enumerate(folds):
        tagger, classifier = load_fold(networks / str(i))
        cascade = Cascade(tagger, classifier)
        views["one"].append(predict(cascade, iter(pixels)))
        views["two"].append(predict(Cascade(tagger, classifier, n_views=2), iter(pixels)))
        for size_px in SIZES_PX:
            views[str(size_px)].append(predict(cascade, reduced(pixels, size_px)))
        for name, values in composites(tagger, pixels, moods).items():
            hits[name] += values
        print(
            f"fold {i}: {np.mean(np.array(classifier.labels)[views['one'][i].argmax(1)] == moods):.4f}",
            file=sys.stderr,
        )
    labels = classifier.labels
    moods = np.concatenate([moods for _, moods in folds])
    truth = np.searchsorted(labels, moods)
    pooled = {name: np.concatenate(parts) for name, parts in views.items()}
    each = [evaluate_predictions(own, part, labels) for (_, own), part in zip(folds, views["one"], strict=True)]
    spread = {name: float(np.std([getattr(fold, name) for fold in each])) for name in ("accuracy", "macro_f1")}
    return {
        "n_images": len(moods),
        "largest_class": float(np.bincount(truth).max() / len(truth)),
        "n_composites": N_COMPOSITES * len(folds),
        "cross_validation": evaluate_predictions(
            moods, pooled["one"], labels, n_folds=len(folds), spread=spread
        ).to_dict(),
        "intervals": with_intervals(truth, pooled["one"], labels),
        "validation": each[0].to_dict(),
        "two_views": evaluate_predictions(moods, pooled["two"], labels).to_dict(),
        "resolution": [[size, float((pooled[str(size)].argmax(1) == truth).mean())] for size in SIZES_PX],
        "composites": {name: float(np.mean(values)) for name, values in hits.items()},
    }


def main(folder: Path, networks: Path, published_folder: Path) -> None:
    folds = read_folds(folder)
    results = cross_validate(folds, networks)
    results["tags_alone"] = model_directory.load("tags").metadata.metrics
    published = {path.name: Tagger.load(path / "network.onnx") for path in sorted(published_folder.iterdir())}
    results["tags"] = agreement(Tagger.load(), published["lite0"], folds[0][0])
    results["ms"] = times(published, folds[0][0])
    RESULTS.write_text(json.dumps(results, indent=1) + "\n")
    shown = ("intervals", "resolution", "composites", "tags", "ms")
    print(json.dumps({key: results[key] for key in shown}, indent=1), file=sys.stderr)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("photos", type=Path, help="folder with a subfolder of photos for each mood")
    parser.add_argument("--folds", type=Path, required=True, help="folder with the exported network of each fold")
    parser.add_argument(
        "--published", type=Path, required=True, help="folder with the exported published networks"
    )
    options = parser.parse_args()
    main(options.photos, options.folds, options.published)
