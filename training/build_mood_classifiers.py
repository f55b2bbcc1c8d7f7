"""Build the built-in mood classifiers for the built-in network.

    python training/build_mood_classifiers.py PHOTOS --predictions WORK/fold*/predictions.npz -o
    src/imagemood/builtin

PHOTOS has a subfolder of photos for each mood. The predictions are the output of `train_network.py` for the photos
of each fold (`split.FOLDS`), which the network of that fold was not trained on. The metrics in the model cards
come from these folds, for both models.

`moods/`, the default, is the mood head of the network. A factor for its logits calibrates the probabilities (C.
Guo et al., "On Calibration of Modern Neural Networks", ICML 2017); it maximises the likelihood of the labels of
the folds. `tags_moods/` is a logistic regression on the tags, trained on all photos.
"""

from __future__ import annotations

import argparse
import dataclasses
import sys
from importlib.metadata import version
from pathlib import Path

import msgspec
import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import numpy_helper
from split import FOLDS, twentieth

from imagemood.evaluation.metrics import Evaluation, evaluate_predictions
from imagemood.finetuning import calibration
from imagemood.finetuning.calibration import best_factor, softmax
from imagemood.learning import Recipe, TrainingSet, train
from imagemood.learning.labelled_pictures import read_labelled_pictures
from imagemood.learning.trained_model import TrainedModel
from imagemood.models import model_directory
from imagemood.models.metadata import ModelMetadata
from imagemood.models.tagger import Tagger
from imagemood.prediction.cascade import Cascade

REGULARISATION = (0.1, 0.5, 2.0)  # candidates for C of the logistic regression on tags


def read_photos(folder: Path) -> tuple[TrainingSet, NDArray[np.intp]]:
    """Compute the tags of all photos; also return the twentieth of each photo."""
    photos = read_labelled_pictures(folder, Cascade(Tagger.load()))
    return photos.training_set.select(["tags"]), np.array([twentieth(Path(path)) for path in photos.paths])


def fold_numbers(twentieths: NDArray[np.intp]) -> NDArray[np.intp]:
    """Return the fold of each photo."""
    return np.array([next(i for i, fold in enumerate(FOLDS) if number in fold) for number in twentieths])


def cross_validated(photos: TrainingSet, folds: NDArray[np.intp], c: float) -> Evaluation:
    """Evaluate the regression on tags, each fold by a model that was trained on the others."""
    labels = tuple(sorted(set(photos.moods)))
    probabilities = np.empty((len(photos.moods), len(labels)))
    for fold in np.unique(folds):
        model = train(photos.take(np.flatnonzero(folds != fold)), Recipe("logistic", {"C": c}))
        assert photos.tags is not None
        probabilities[folds == fold] = model.classifier().predict(photos.tags[folds == fold])
    return evaluate(np.array(photos.moods), probabilities, folds)


def evaluate(moods: NDArray[np.str_], probabilities: NDArray[np.float64], folds: NDArray[np.intp]) -> Evaluation:
    """Return the metrics of predictions, and their spread over the folds if there are several."""
    labels = tuple(sorted(set(moods)))
    parts = [evaluate_predictions(moods[folds == i], probabilities[folds == i], labels) for i in np.unique(folds)]
    if len(parts) == 1:
        return parts[0]
    names = ("accuracy", "macro_f1")
    spread = {name: float(np.std([getattr(part, name) for part in parts], ddof=1)) for name in names}
    return evaluate_predictions(moods, probabilities, labels, n_folds=len(parts), spread=spread)


def mood_head(tagger: Path) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Read the mood head from the network: weights (n_moods, n_embedding) and biases (n_moods,)."""
    graphs = [onnx.load(tagger).graph]
    graphs += [attribute.g for node in graphs[0].node if node.op_type == "If" for attribute in node.attribute]
    stored = {
        weight.name.rpartition("network.")[2].removesuffix("_half"): numpy_helper.to_array(weight)
        for graph in graphs
        for weight in graph.initializer
    }
    weight, bias = (stored[f"moods.{name}"].astype(np.float32) for name in ("weight", "bias"))
    return weight, bias


def calibrated(head: tuple[NDArray[np.float32], NDArray[np.float32]], factor: float) -> bytes:
    """Return the mood head as ONNX, from the embedding to probabilities."""
    return calibration.mood_head(*head, factor)


def read_predictions(files: list[Path]) -> dict[str, NDArray[np.float64]]:
    """Return the logits of each photo by its name; those of several trainings are averaged."""
    found: dict[str, list[NDArray[np.float64]]] = {}
    for file in files:
        with np.load(file) as stored:
            for name, logits in zip(stored["names"].tolist(), stored["logits"].astype(np.float64), strict=True):
                found.setdefault(name, []).append(logits)
    return {name: np.mean(logits, axis=0) for name, logits in found.items()}


def write_tags_model(photos_folder: Path, folder: Path) -> None:
    """Train the model on tags with the best regularisation, and write it."""
    photos, twentieths = read_photos(photos_folder)
    evaluations = {c: cross_validated(photos, fold_numbers(twentieths), c) for c in REGULARISATION}
    c, metrics = min(evaluations.items(), key=lambda item: item[1].log_loss)
    print(f"tags alone: {metrics.accuracy:.1%}, macro F1 {metrics.macro_f1:.3f}", file=sys.stderr)
    tags: TrainedModel = train(photos, Recipe("logistic", {"C": c}))
    dataclasses.replace(tags, metrics=metrics.to_dict()).write(folder)


def write_default_model(photos_folder: Path, files: list[Path], tags: ModelMetadata, folder: Path) -> None:
    """Calibrate the mood head of the network next to the folder of the model, and write it."""
    predictions = read_predictions(files)
    paths = [photos_folder / name for name in predictions]
    moods = np.array([path.parent.name for path in paths])
    parts = fold_numbers(np.array([twentieth(path) for path in paths]))
    logits = np.stack(list(predictions.values()))
    factor = best_factor(logits, np.unique(moods, return_inverse=True)[1])
    metrics = evaluate(moods, softmax(logits * factor), parts)
    print(f"factor {factor}: {metrics.accuracy:.2%}, macro F1 {metrics.macro_f1:.4f}", file=sys.stderr)
    metadata = msgspec.structs.replace(
        tags,
        vocabulary=(),
        inputs=("embedding",),
        algorithm="mood head of the built-in network",
        parameters={"factor_of_logits": factor},
        metrics=metrics.to_dict(),
        versions={name: version(name) for name in ("image-mood-classifier", "onnx")},
    )
    model_directory.write(folder, calibrated(mood_head(folder.parent / "network.onnx"), factor), metadata)


def main(photos_folder: Path, files: list[Path], folder: Path, *, keep_tags: bool) -> None:
    if not keep_tags:
        write_tags_model(photos_folder, folder / "tags_moods")
    tags = model_directory.load(folder / "tags_moods").metadata
    write_default_model(photos_folder, files, tags, folder / "moods")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("photos", type=Path, help="folder with a subfolder of photos for each mood")
    parser.add_argument(
        "--predictions", type=Path, nargs="+", required=True, help="predictions of train_network.py"
    )
    parser.add_argument("--keep-tags", action="store_true", help="build only the default model again")
    parser.add_argument("-o", "--output", type=Path, required=True, help="folder to write to")
    options = parser.parse_args()
    main(options.photos, options.predictions, options.output, keep_tags=options.keep_tags)
