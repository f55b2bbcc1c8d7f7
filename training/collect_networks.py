"""Add a network that was tried, with its results, to `benchmarks/results/networks_tried.json`.

    python training/collect_networks.py NAME --title TITLE --photos PHOTOS --runs RUN...
    python training/collect_networks.py NAME --title TITLE --evaluation benchmarks/results/network.json

The first command reads trainings: work folders of `train_network.py`, or `.npz` files of `train_on_gpu.py`. The
predictions of several RUNs are pooled if they are for different photos, such as those of the five folds, and
averaged if they are for the same photos, such as those of several seeds. As for the built-in model, one factor for
the logits is chosen on the predictions, so that the probabilities are calibrated. PHOTOS is the folder that the
networks were trained on. With `--network`, the folder with the exported network, its size and its speed are added,
and the speed of the network in `--published`. The second command reads the results of `evaluate_network.py`.

A NAME that is already in the file is replaced. `make generate` writes the table.
"""

from __future__ import annotations

import argparse
import json
from collections import defaultdict
from pathlib import Path
from typing import Any

import numpy as np
from network_speed import MOODS_ONLY, times
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar
from scipy.special import log_softmax, softmax
from training_runs import Run, count_training_photos, minutes

from imagemood.evaluation.metrics import Evaluation, evaluate_predictions
from imagemood.models.tagger import Tagger
from imagemood.models.tagger_output import ALL_OUTPUTS
from imagemood.pictures.pixels.decoding import decode

RESULTS = Path(__file__).parent.parent / "benchmarks" / "results" / "networks_tried.json"
METRICS = ("n_images", "accuracy", "macro_f1", "log_loss", "calibration_error", "top_two_accuracy")
N_RESAMPLES = 2000
N_TIMED = 50  # photos


def evaluate(runs: list[Run]) -> tuple[Evaluation, float]:
    """Return the metrics of the pooled predictions, and the factor of the logits that calibrates them."""
    found: dict[str, list[NDArray[np.float64]]] = defaultdict(list)
    for run in runs:
        for name, row in run.logits().items():
            found[name].append(row)
    logits = np.stack([np.mean(rows, axis=0) for rows in found.values()])
    moods = np.array([name.split("/")[0] for name in found])
    labels = tuple(sorted(set(moods.tolist())))
    rows, truth = np.arange(len(moods)), np.searchsorted(labels, moods)

    def loss(factor: float) -> float:
        return float(-log_softmax(logits * factor, axis=1)[rows, truth].mean())

    factor = float(minimize_scalar(loss, bounds=(0.5, 2), method="bounded").x)
    probabilities = softmax(logits * factor, axis=1)
    return evaluate_predictions(moods, probabilities, labels, n_resamples=N_RESAMPLES), factor


def evaluated_on(parts: set[str]) -> str:
    """Return the photos on which networks were evaluated, from the parts they were trained on."""
    if parts == {"split"}:
        return "development part"
    if parts == {"0"}:
        return "validation part"
    n_folds = len(set("".join(parts)) & set("01234"))
    return "cross-validation" if n_folds == 5 else f"fold {' and '.join(sorted(parts))}"


def from_runs(paths: list[Path], photos: Path) -> dict[str, Any]:
    """Return the results of trainings."""
    runs = [Run.read(path) for path in paths]
    evaluation, factor = evaluate(runs)
    return {
        "size": runs[0].size,
        "evaluated_on": evaluated_on({run.trained_on for run in runs}),
        "n_train": round(np.mean([count_training_photos(photos, run) for run in runs])),
        **summary(evaluation.to_dict()),
        "factor_of_logits": factor,
        **({"minutes": float(np.mean([minutes(run.history) for run in runs]))} if runs[0].history else {}),
        "history": runs[0].history if len(runs) == 1 else [],
    }


def from_evaluation(file: Path) -> dict[str, Any]:
    """Return results of `evaluate_network.py`: of the cross-validation, or of the validation part alone."""
    results = json.loads(file.read_text("utf-8"))
    metrics = results.get("cross_validation", results.get("validation"))
    return {
        "size": results.get("base", "lite0"),
        "evaluated_on": "cross-validation" if metrics["n_folds"] > 1 else "validation part",
        **summary(metrics),
        "ms": results["ms"].get("moods", results["ms"].get("built_in")),
        "ms_published": results["ms"][results.get("base", "lite0")],
        **({"mb": results["mb"]["built_in"]} if "mb" in results else {}),
    }


def summary(evaluation: dict[str, Any]) -> dict[str, Any]:
    """Return the metrics over all moods, as far as they were computed, and some intervals."""
    found = {name: evaluation[name] for name in METRICS if name in evaluation}
    if evaluation.get("valence"):
        found["valence_accuracy"] = evaluation["valence"]["accuracy"]
    if evaluation.get("intervals"):
        found["intervals"] = {name: evaluation["intervals"][name] for name in ("accuracy", "macro_f1")}
    return found


def speed(network: Path, published: Path, photos: Path) -> dict[str, float]:
    """Return the size of a network, and its speed and that of the published one, measured alternately."""
    paths = sorted(photos.glob("*/*"))[:N_TIMED]
    pixels = np.stack([decode(path.read_bytes(), name=str(path), size_px=224) for path in paths])
    taggers = [Tagger.load(folder / "network.onnx") for folder in (network, published)]
    ms = times({"ms": (taggers[0], MOODS_ONLY), "ms_published": (taggers[1], ALL_OUTPUTS)}, pixels)
    return {**ms, "mb": (network / "network.onnx").stat().st_size / 1e6}


def record(name: str, entry: dict[str, Any], file: Path) -> None:
    """Add an entry to the file, or replace the one with this name."""
    entries = json.loads(file.read_text("utf-8")) if file.is_file() else {}
    file.write_text(json.dumps({**entries, name: entry}, indent=1, ensure_ascii=False) + "\n", "utf-8")


def main(options: argparse.Namespace) -> None:
    entry = {"title": options.title}
    if options.evaluation is not None:
        entry |= from_evaluation(options.evaluation)
    else:
        entry |= from_runs(options.runs, options.photos)
    if options.minutes is not None:
        entry["minutes"] = options.minutes
    if options.network is not None:
        entry |= speed(options.network, options.published, options.photos)
    record(options.name, entry, options.output)
    print(json.dumps({key: value for key, value in entry.items() if key != "history"}, indent=1))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("name", help="name of the entry")
    parser.add_argument("--title", required=True, help="description for the table")
    source = parser.add_mutually_exclusive_group(required=True)
    source.add_argument("--runs", type=Path, nargs="+", help="trainings")
    source.add_argument("--evaluation", type=Path, help="results of evaluate_network.py")
    parser.add_argument("--photos", type=Path, help="folder with a subfolder of photos for each mood")
    parser.add_argument("--minutes", type=float, help="duration of a training that has no log")
    parser.add_argument("--network", type=Path, help="folder with the exported network")
    parser.add_argument("--published", type=Path, help="folder with the exported published network")
    parser.add_argument("-o", "--output", type=Path, default=RESULTS, help="file for the results")
    parsed = parser.parse_args()
    if parsed.photos is None and (parsed.runs or parsed.network):
        parser.error("--runs and --network need --photos")
    if parsed.network is not None and parsed.published is None:
        parser.error("--network needs --published")
    main(parsed)
