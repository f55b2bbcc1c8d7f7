from __future__ import annotations

import re

import msgspec
import numpy as np
import pytest

from imagemood.evaluation.metrics import evaluate_predictions
from imagemood.models import model_directory
from imagemood.models.metadata import ModelMetadata
from imagemood.models.model_card import render
from tests.hostile_labels import LABELS

METADATA = ModelMetadata(
    labels=("awe", "fear"),
    vocabulary=("volcano", "shark", "cat"),
    inputs=("tags",),
    prior={"awe": 0.75, "fear": 0.25},
    algorithm="logistic",
    parameters={},
    training_set={"n_images": 40, "images_per_mood": {"awe": 30, "fear": 10}},
    versions={"onnx": "1.2", "scikit-learn": "1.7"},
)


def test_card_states_inputs_training_data_use_and_limits():
    lines = render(METADATA).splitlines()
    assert lines[0] == "# A mood classifier"
    assert "Predicts the probabilities of 2 moods from tags: awe, fear." in lines
    assert "Algorithm: logistic, trained on 40 labelled pictures (3 tags)." in lines
    assert [line for line in lines if line.startswith(("| awe", "| fear"))] == ["| awe | 30 |", "| fear | 10 |"]
    assert "No metrics were measured; run `imagemood evaluate`." in lines
    assert "## Limits" in lines
    assert "    imagemood classify --model THIS_DIRECTORY photo.jpg" in lines
    assert lines[-1] == "Trained with onnx 1.2, scikit-learn 1.7."


def test_card_of_several_inputs():
    metadata = msgspec.structs.replace(METADATA, inputs=("tags", "embedding"))
    assert "2 moods from tags and embedding:" in render(metadata)


def test_card_without_information_about_the_training_set():
    card = render(msgspec.structs.replace(METADATA, training_set={}))
    assert "trained on an unknown number of labelled pictures" in card
    assert "| mood |" not in card


METRICS = {
    "n_images": 40,
    "n_folds": 5,
    "accuracy": 0.756,
    "macro_f1": 0.5,
    "calibration_error": 0.0312,
    "per_class": {"awe": {"precision": 0.8, "recall": 0.75, "f1": 0.774, "support": 30}},
}


@pytest.mark.parametrize(
    ("n_folds", "method"),
    [
        (5, "Stratified 5-fold cross-validation on the training set"),
        (0, "On 40 pictures that were not used for training"),
    ],
)
def test_card_with_metrics(n_folds, method):
    card = render(msgspec.structs.replace(METADATA, metrics={**METRICS, "n_folds": n_folds}))
    assert f"{method}: accuracy 75.6%, macro F1 0.500, expected calibration error 0.031." in card
    assert "| awe | 0.80 | 0.75 | 0.77 | 30 |" in card.splitlines()


def test_card_with_intervals_and_agreement():
    intervals = {"confidence_level": 0.95, "n_resamples": 1000, "accuracy": [0.7, 0.81]}
    intervals["per_class"] = {"awe": {"precision": [0.7, 0.9], "recall": [0.6, 0.9], "f1": [0.71, 0.85]}}
    agreement = {"top_two_accuracy": 0.9, "valence": {"accuracy": 0.875, "confusions": [[20, 5], [0, 15]]}}
    metadata = msgspec.structs.replace(METADATA, metrics={**METRICS, **agreement, "intervals": intervals})
    lines = render(metadata).splitlines()
    assert "| awe | 0.80 (0.70 to 0.90) | 0.75 (0.60 to 0.90) | 0.77 (0.71 to 0.85) | 30 |" in lines
    (summary,) = (line for line in lines if "accuracy 75.6%" in line)
    assert "accuracy 75.6% (70.0% to 81.0%), macro F1 0.500, expected calibration error 0.031" in summary
    assert summary.endswith(", top-two accuracy 90.0%, valence accuracy 87.5%.")
    assert "In parentheses: 95% confidence intervals from 1,000 bootstrap resamples." in lines


def test_card_of_an_evaluation():
    """All fields of an evaluation are accepted by the metadata and shown."""
    labels = ("awe", "fear")
    probabilities = np.array([[0.9, 0.1], [0.2, 0.8], [0.3, 0.7]])
    evaluation = evaluate_predictions(["awe", "fear", "awe"], probabilities, labels, n_resamples=10)
    card = render(msgspec.structs.replace(METADATA, metrics=evaluation.to_dict()))
    assert "valence accuracy 66.7%." in card
    assert "top-two" not in card


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("intervals", {"accuracy": [0.1, 0.2]}),
        ("intervals", {"confidence_level": 0.95, "n_resamples": 5, "accuracy": [0.1]}),
        ("valence", [0.5]),
        ("top_two_accuracy", "high"),
    ],
)
def test_damaged_metrics_are_refused(name, value):
    with pytest.raises(ValueError, match="Expected|missing"):
        msgspec.structs.replace(METADATA, metrics={**METRICS, name: value})


@pytest.mark.parametrize("name", ["default", "tags"])
def test_card_of_the_built_in_models_shows_their_metrics(name):
    metadata = model_directory.load(name).metadata
    card = render(metadata)
    assert f"accuracy {metadata.metrics['accuracy']:.1%}" in card
    for mood in metadata.labels:
        assert card.count(f"| {mood} |") == 2  # in the training set, and in the metrics


def test_labels_are_text_in_markdown():
    labels = (*LABELS, "plain")
    metadata = msgspec.structs.replace(
        METADATA,
        labels=labels,
        prior=dict.fromkeys(labels, 1.0),
        algorithm="<script>alert(1)</script>",
        training_set={"images_per_mood": dict.fromkeys(labels, 1)},
        versions={"a|b": "*1*"},
    )
    card = render(metadata)
    rows = [line for line in card.splitlines() if line.endswith(" | 1 |")]
    assert len(rows) == len(labels)
    assert all(len(re.findall(r"(?<!\\)\|", row)) == 3 for row in rows)
    assert re.search(r"(?<!\\)[<*$~:]", "".join(rows)) is None
    assert "\\<script\\>alert(1)\\</script\\>" in card
    assert card.splitlines()[-1] == "Trained with a\\|b \\*1\\*."
    assert max(map(len, rows)) < 200
