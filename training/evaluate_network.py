"""Evaluate the built-in network by cross-validation, and its tags and its speed.

    python training/evaluate_network.py PHOTOS --folds FOLDS --published PUBLISHED --work WORK --runs RUN...

FOLDS has the output of `export_network.py` in the subfolders 0 to 4: the networks that `train_network.py` trained
on the photos outside each fold with the recipe of the built-in network; folds without a subfolder are left out.
PUBLISHED has that of `export_network.py --size SIZE` for each published network: lite0, lite1 and lite2. WORK
keeps the predictions of each fold, so that an interrupted evaluation resumes. Each RUN is a work folder of
`train_network.py`, from which the duration of the training is read. The results go to
`benchmarks/results/network.json`, and `make generate` writes the tables.

`--n-photos 40 -o FILE` tries everything on few photos.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from fold_predictions import SIZE_PX, Fold, split_photos
from network_speed import MOODS_ONLY, agreement, times
from numpy.typing import NDArray
from training_runs import minutes, read_log

from imagemood import builtin
from imagemood.evaluation.metrics import Evaluation, evaluate_predictions
from imagemood.models import model_directory
from imagemood.models.tagger import Tagger
from imagemood.models.tagger_output import ALL_OUTPUTS
from imagemood.pictures.pixels.decoding import decode

RESULTS = Path(__file__).parent.parent / "benchmarks" / "results" / "network.json"
REDUCED_SIZES_PX = (64, 128)
N_RESAMPLES = 2000
N_TIMED, N_TAGGED = 200, 1000  # photos
METRICS = ("accuracy", "macro_f1", "log_loss", "calibration_error", "top_two_accuracy")


def cross_validate(folds: list[Fold]) -> dict[str, Any]:
    """Evaluate the network of each fold on the photos of the fold, and pool the results."""
    labels = folds[0].classifier.labels
    moods = np.concatenate([fold.moods for fold in folds])
    parts = [fold.probabilities() for fold in folds]
    each = [evaluate_predictions(fold.moods, part, labels) for fold, part in zip(folds, parts, strict=True)]

    def pooled(parts: list[NDArray[np.float64]], **options: Any) -> Evaluation:
        return evaluate_predictions(moods, np.concatenate(parts), labels, n_resamples=N_RESAMPLES, **options)

    views = {
        size_px: pooled([fold.probabilities(size_px=size_px) for fold in folds])
        for size_px in (*REDUCED_SIZES_PX, SIZE_PX)
    }
    hits = np.concatenate([fold.composite_hits() for fold in folds])
    return {
        "n_images": len(moods),
        "largest_class": float(np.unique(moods, return_counts=True)[1].max() / len(moods)),
        "n_composites": len(hits) // 2,
        "cross_validation": pooled(parts, n_folds=len(folds), spread=spread(each)).to_dict(),
        "folds": [summary(evaluation) for evaluation in each],
        "two_views": pooled([fold.probabilities(n_views=2) for fold in folds]).to_dict(),
        "resolution": [
            {"size_px": size_px, "accuracy_interval": evaluation.to_dict()["intervals"]["accuracy"]}
            | summary(evaluation)
            for size_px, evaluation in views.items()
        ],
        "composites": dict(zip(("log_odds", "logit"), hits.mean(axis=0).tolist(), strict=True)),
    }


def summary(evaluation: Evaluation) -> dict[str, Any]:
    """Return the number of photos and the metrics over all moods."""
    values = {name: getattr(evaluation, name) for name in ("n_images", *METRICS)}
    assert evaluation.valence is not None
    return values | {"valence_accuracy": evaluation.valence.accuracy}


def spread(evaluations: list[Evaluation]) -> dict[str, float]:
    """Return the standard deviation of the metrics over the folds; it is empty for a single fold."""
    if len(evaluations) == 1:
        return {}
    summaries = [summary(evaluation) for evaluation in evaluations]
    names = (*METRICS, "valence_accuracy")
    return {name: float(np.std([values[name] for values in summaries], ddof=1)) for name in names}


def sizes_mb(published: Path) -> dict[str, float]:
    """Return the sizes of the published networks and of the built-in one in megabytes."""
    files = {path.name: path / "network.onnx" for path in sorted(published.iterdir())}
    files["built_in"] = builtin.path("network.onnx")
    return {name: file.stat().st_size / 1e6 for name, file in files.items()}


def count_weights(file: Path) -> int:
    """Return the number of weights that the moods of a picture need: all but those that only the tags need."""

    def count(graph: Any) -> int:
        nodes = [node for node in graph.node if list(node.output) != ["scores"]]
        inner = [attribute.g for node in nodes for attribute in node.attribute if attribute.HasField("g")]
        return sum(int(np.prod(weight.dims)) for weight in graph.initializer) + sum(map(count, inner))

    return count(onnx.load(file).graph)


def main(options: argparse.Namespace) -> None:
    photos = split_photos(options.photos, options.n_photos)
    networks = {i: folder for i in range(len(photos)) if (folder := options.folds / str(i)).is_dir()}
    print(f"folds: {', '.join(map(str, networks))}", file=sys.stderr)
    results = cross_validate([Fold.load(photos[i], folder, options.work) for i, folder in networks.items()])
    results["tags_alone"] = model_directory.load("tags").metadata.metrics

    published = {path.name: Tagger.load(path / "network.onnx") for path in sorted(options.published.iterdir())}
    base = Tagger.load().card.name.split()[0].rpartition("-")[2].lower()  # EfficientNet-Lite0 and moods
    chosen = photos[0][:: max(1, len(photos[0]) // N_TAGGED)][:N_TAGGED]
    pixels = np.stack([decode(path.read_bytes(), name=str(path), size_px=SIZE_PX) for path in chosen])
    results["base"] = base
    results["tags"] = agreement(Tagger.load(), published[base], pixels)
    runs: Any = {name: (tagger, ALL_OUTPUTS) for name, tagger in published.items()}
    runs |= {"moods": (Tagger.load(), MOODS_ONLY), "moods_and_tags": (Tagger.load(), ALL_OUTPUTS)}
    results["ms"] = times(runs, pixels[:N_TIMED])
    results["n_weights"] = count_weights(builtin.path("network.onnx"))
    results["mb"] = sizes_mb(options.published)
    results["minutes"] = {run.name: minutes(read_log(run)) for run in options.runs}
    options.output.write_text(json.dumps(results, indent=1) + "\n", "utf-8")

    shown = ("folds", "resolution", "composites", "tags", "ms", "mb", "minutes")
    print(json.dumps({key: results[key] for key in shown}, indent=1), file=sys.stderr)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("photos", type=Path, help="folder with a subfolder of photos for each mood")
    parser.add_argument("--folds", type=Path, required=True, help="folder with the exported network of each fold")
    parser.add_argument(
        "--published", type=Path, required=True, help="folder with the exported published networks"
    )
    parser.add_argument("--work", type=Path, required=True, help="folder for the predictions")
    parser.add_argument("--runs", type=Path, nargs="+", default=[], help="work folders of train_network.py")
    parser.add_argument("--n-photos", type=int, help="number of photos of each fold, to try the script")
    parser.add_argument("-o", "--output", type=Path, default=RESULTS, help="file for the results")
    main(parser.parse_args())
