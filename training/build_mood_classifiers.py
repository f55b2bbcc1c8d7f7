"""Train the built-in mood classifiers for the built-in network, and evaluate them on the validation photos.

    python training/build_mood_classifiers.py PHOTOS -o src/imagemood/builtin

PHOTOS has a subfolder of photos for each mood, split according to `split.SPLIT`: the regression on tags is
trained on the training part, its weight relative to the network's mood head is chosen on the development part,
and the metrics in the model cards come from the validation part.

The default model is a logarithmic opinion pool: the weighted sum of the logits of the network's mood head and
those of a logistic regression on tags. The two weights also calibrate the model (C. Genest, J. V. Zidek,
"Combining probability distributions", Statistical Science 1(1), 1986). The contribution of each tag to a
prediction is therefore exact, and the heat maps show the larger term of the sum.
"""

from __future__ import annotations

import argparse
import dataclasses
import itertools
import sys
from importlib.metadata import version
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper
from split import SPLIT, twentieth

from imagemood.evaluation.metrics import Evaluation, evaluate_predictions
from imagemood.learning import Recipe, TrainingSet, train
from imagemood.learning.labelled_pictures import read_labelled_pictures
from imagemood.learning.trained_model import TrainedModel
from imagemood.models import model_directory
from imagemood.models.tagger import Tagger
from imagemood.prediction.cascade import Cascade

WEIGHTS = np.arange(0, 1.55, 0.05)
REGULARISATION = (0.1, 0.5, 2.0)  # candidates for C of the logistic regression on tags


def parts_of(folder: Path) -> dict[str, TrainingSet]:
    """Compute the features of all photos and split them."""
    photos = read_labelled_pictures(folder, Cascade(Tagger.load()))
    numbers = np.array([twentieth(Path(path)) for path in photos.paths])
    return {
        name: photos.training_set.take(np.flatnonzero(np.isin(numbers, list(twentieths))))
        for name, twentieths in SPLIT.items()
    }


def tags_model(parts: dict[str, TrainingSet]) -> TrainedModel:
    """Train on tags alone, with the C that is best on the development part."""
    training = parts["training"].select(["tags"])
    candidates = [train(training, Recipe("logistic", {"C": c})) for c in REGULARISATION]
    return min(candidates, key=lambda model: evaluate(model.classifier().predict, parts["development"]).log_loss)


def evaluate(predict: Any, part: TrainingSet) -> Evaluation:
    """Evaluate a classifier on photos that it was not trained on."""
    probabilities = predict(part.tags, part.embedding)
    return evaluate_predictions(part.moods, probabilities, tuple(sorted(set(part.moods))))


def mood_head(tagger: Path) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Read the mood head from the network: weights (n_moods, n_embedding) and biases (n_moods,)."""
    network = onnx.load(tagger)
    stored = {
        weight.name.removesuffix("_half"): numpy_helper.to_array(weight) for weight in network.graph.initializer
    }
    weight, bias = (stored[f"network.moods.{name}"].astype(np.float32) for name in ("weight", "bias"))
    return weight, bias


def pool(
    head: tuple[NDArray[np.float32], NDArray[np.float32]], tags: TrainedModel, weights: tuple[float, float]
) -> bytes:
    """Return the opinion pool as ONNX, from embedding and tags to probabilities."""
    regression = tags.estimator[-1]
    parameters = {
        "head": head[0].T * weights[0],
        "coefficients": regression.coef_.T * weights[1],
        "bias": head[1] * weights[0] + regression.intercept_ * weights[1],
    }
    nodes = [
        helper.make_node("MatMul", ["embedding", "head"], ["head_logits"]),
        helper.make_node("Sqrt", ["tags"], ["roots"]),
        helper.make_node("MatMul", ["roots", "coefficients"], ["tag_logits"]),
        helper.make_node("Add", ["head_logits", "tag_logits"], ["sum"]),
        helper.make_node("Add", ["sum", "bias"], ["logits"]),
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
    """Return the weights that maximise the likelihood of the labels of a part."""
    assert part.embedding is not None
    head_logits = part.embedding @ head[0].T + head[1]
    tag_logits = tags.estimator.decision_function(part.tags)
    truth = np.unique(part.moods, return_inverse=True)[1]

    def loss(weights: tuple[float, float]) -> float:
        logits = head_logits * weights[0] + tag_logits * weights[1]
        logits -= logits.max(axis=1, keepdims=True)
        return float(np.mean(np.log(np.exp(logits).sum(axis=1)) - logits[np.arange(len(truth)), truth]))

    return min(itertools.product(WEIGHTS.tolist(), WEIGHTS.tolist()), key=loss)


def main(photos: Path, folder: Path) -> None:
    parts = parts_of(photos)
    tags = tags_model(parts)
    metrics = evaluate(tags.classifier().predict, parts["validation"])
    print(f"tags alone: {metrics.accuracy:.1%}, macro F1 {metrics.macro_f1:.3f}", file=sys.stderr)
    dataclasses.replace(tags, metrics=metrics.to_dict()).write(folder / "tags_moods")

    head = mood_head(folder / "network.onnx")
    weights = best_weights(head, tags, parts["development"])
    network = pool(head, tags, weights)
    metadata = msgspec.structs.replace(
        tags.metadata(),
        inputs=("tags", "embedding"),
        algorithm="opinion pool of the network's mood head and a logistic regression on tags",
        parameters={"weight_of_network": round(weights[0], 2), "weight_of_tags": round(weights[1], 2)},
        versions={name: version(name) for name in ("image-mood-classifier", "scikit-learn", "onnx")},
    )
    model_directory.write(folder / "moods", network, metadata)
    metrics = evaluate(model_directory.load(folder / "moods").predict, parts["validation"])
    print(f"weights {weights}: {metrics.accuracy:.1%}, macro F1 {metrics.macro_f1:.3f}", file=sys.stderr)
    model_directory.write(folder / "moods", network, msgspec.structs.replace(metadata, metrics=metrics.to_dict()))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("photos", type=Path, help="folder with a subfolder of photos for each mood")
    parser.add_argument("-o", "--output", type=Path, required=True, help="folder to write to")
    options = parser.parse_args()
    main(options.photos, options.output)
