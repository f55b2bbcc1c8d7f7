"""Learn the built-in mood classifiers for the built-in network, and measure them on the validation photos.

    python training/build_moods.py PHOTOS -o src/imagemood/builtin

PHOTOS has a folder of photos for each mood, divided as `split.SPLIT` says: tags are learned from the training
part; what weighs them against the network's own moods is chosen on the development part; the figures that go into
the cards come from the validation part.

The default model is a logarithmic opinion pool: the logits of the network's mood head and those of a logistic
regression on tags, added with two weights, which calibrate it at once (C. Genest, J. V. Zidek, "Combining
probability distributions", Statistical Science 1(1), 1986). So the tags have a share in each answer that can be
told exactly, and the maps of the moods are those of the larger share.
"""

from __future__ import annotations

import argparse
import itertools
import sys
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper
from split import SPLIT, twentieth

from imagemood.evaluation.evaluate import evaluate_predictions
from imagemood.evaluation.metrics import Evaluation
from imagemood.learning import Recipe, TrainingSet, train
from imagemood.learning.labelled_photos import read_photos
from imagemood.learning.training import TrainedModel
from imagemood.models import model_directory
from imagemood.models.tagger import Tagger
from imagemood.prediction.cascade import Cascade

WEIGHTS = np.arange(0, 1.55, 0.05)
STRENGTHS = (0.1, 0.5, 2.0)  # of the logistic regression on tags: its C


def parts_of(folder: Path) -> dict[str, TrainingSet]:
    """Look at all photos, and divide what was seen."""
    photos = read_photos(folder, Cascade(Tagger.load()))
    places = np.array([twentieth(Path(path)) for path in photos.paths])
    return {
        name: photos.training_set.take(np.flatnonzero(np.isin(places, list(twentieths))))
        for name, twentieths in SPLIT.items()
    }


def tags_model(parts: dict[str, TrainingSet]) -> TrainedModel:
    """Learn from tags alone, as strongly as the development part likes."""
    learned = parts["training"].select(["tags"])
    candidates = [train(learned, Recipe("logistic", {"C": strength})) for strength in STRENGTHS]
    return min(candidates, key=lambda model: judge(model.classifier().predict, parts["development"]).log_loss)


def judge(predict: Any, part: TrainingSet) -> Evaluation:
    """Measure a classifier on photos it has not learned from."""
    answers = predict(part.tags, part.embedding)
    return evaluate_predictions(part.moods, answers, tuple(sorted(set(part.moods))))


def head_of(tagger: Path) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Take the mood head out of the network: weights (n_moods, n_embedding) and biases (n_moods,)."""
    network = onnx.load(tagger)
    stored = {
        weight.name.removesuffix("_half"): numpy_helper.to_array(weight) for weight in network.graph.initializer
    }
    weight, bias = (stored[f"network.moods.{name}"].astype(np.float32) for name in ("weight", "bias"))
    return weight, bias


def pool(
    head: tuple[NDArray[np.float32], NDArray[np.float32]], tags: TrainedModel, weights: tuple[float, float]
) -> bytes:
    """Write the pool as ONNX: embedding and tags to probabilities."""
    regression = tags.estimator[-1]
    parameters = {
        "head": head[0].T * weights[0],
        "coefficients": regression.coef_.T * weights[1],
        "bias": head[1] * weights[0] + regression.intercept_ * weights[1],
    }
    nodes = [
        helper.make_node("MatMul", ["embedding", "head"], ["seen"]),
        helper.make_node("Sqrt", ["tags"], ["roots"]),
        helper.make_node("MatMul", ["roots", "coefficients"], ["tagged"]),
        helper.make_node("Add", ["seen", "tagged"], ["both"]),
        helper.make_node("Add", ["both", "bias"], ["logits"]),
        helper.make_node("Softmax", ["logits"], ["probabilities"], axis=1),
    ]
    n_moods = len(regression.intercept_)

    def floats(name: str, width: int) -> onnx.ValueInfoProto:
        return helper.make_tensor_value_info(name, TensorProto.FLOAT, [None, width])

    graph = helper.make_graph(
        nodes,
        "moods",
        [floats("tags", regression.coef_.shape[1]), floats("embedding", head[0].shape[1])],
        [floats("probabilities", n_moods)],
        [numpy_helper.from_array(value.astype(np.float32), name) for name, value in parameters.items()],
    )
    network = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=9)
    onnx.checker.check_model(network)
    content: bytes = network.SerializeToString()
    return content


def best_weights(
    head: tuple[NDArray[np.float32], NDArray[np.float32]], tags: TrainedModel, part: TrainingSet
) -> tuple[float, float]:
    """Choose the weights that make the labels of the development part most probable."""
    assert part.embedding is not None
    seen = part.embedding @ head[0].T + head[1]
    tagged = tags.estimator.decision_function(part.tags)
    truth = np.unique(part.moods, return_inverse=True)[1]

    def loss(weights: tuple[float, float]) -> float:
        logits = seen * weights[0] + tagged * weights[1]
        logits -= logits.max(axis=1, keepdims=True)
        return float(np.mean(np.log(np.exp(logits).sum(axis=1)) - logits[np.arange(len(truth)), truth]))

    return min(itertools.product(WEIGHTS.tolist(), WEIGHTS.tolist()), key=loss)


def main(photos: Path, folder: Path) -> None:
    parts = parts_of(photos)
    tags = tags_model(parts)
    figures = judge(tags.classifier().predict, parts["validation"])
    print(f"tags alone: {figures.accuracy:.1%}, macro F1 {figures.macro_f1:.3f}", file=sys.stderr)
    replace(tags, metrics=figures.to_dict()).write(folder / "tags_moods")

    head = head_of(folder / "network.onnx")
    weights = best_weights(head, tags, parts["development"])
    network = pool(head, tags, weights)
    metadata = replace(
        tags.metadata(),
        inputs=("tags", "embedding"),
        algorithm="opinion pool of the network's mood head and a logistic regression on tags",
        parameters={"weight_of_network": round(weights[0], 2), "weight_of_tags": round(weights[1], 2)},
        versions={name: version(name) for name in ("image-mood-classifier", "scikit-learn", "onnx")},
    )
    model_directory.write(folder / "moods", network, metadata)
    figures = judge(model_directory.load(folder / "moods").predict, parts["validation"])
    print(f"weights {weights}: {figures.accuracy:.1%}, macro F1 {figures.macro_f1:.3f}", file=sys.stderr)
    model_directory.write(folder / "moods", network, replace(metadata, metrics=figures.to_dict()))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("photos", type=Path, help="folder with a folder of photos for each mood")
    parser.add_argument("-o", "--output", type=Path, required=True, help="folder to write to")
    options = parser.parse_args()
    main(options.photos, options.output)
