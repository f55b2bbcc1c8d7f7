"""The model card: a README on the training data, accuracy and limits of a mood classifier."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from imagemood._text import short_label
from imagemood.models.metadata import ModelMetadata
from imagemood.models.tagger_card import TaggerCard

_MARKUP = re.compile(r"[\\`*_\[\]<>|&~$:#]")
_LIMITS = """\
## Limits

The model predicts the moods that pictures evoked in those who labelled the training set. It does not predict what
the people in a picture feel, nor what everyone who looks at it feels: people often disagree, and people with other
backgrounds may label pictures differently. A probability is an estimate of the label, not a measure of a feeling.

Do not use the model to judge or diagnose people, to make decisions that have consequences for anyone, or to
influence people's feelings without their knowledge.
"""


def render(metadata: ModelMetadata, tagger: TaggerCard | None = None) -> str:
    """Return the model card as Markdown; `tagger` is the card of the tagger in the model directory, if any."""
    inputs = " and ".join(metadata.inputs)
    n_images = metadata.training_set.get("n_images", "an unknown number of")
    parts = [
        "# A mood classifier\n",
        f"Predicts the probabilities of {len(metadata.labels)} moods from {inputs}: "
        f"{', '.join(map(_escape, metadata.labels))}.\n",
        f"Algorithm: {_escape(metadata.algorithm)}, trained on {n_images} labelled pictures "
        f"({len(metadata.vocabulary)} tags).\n",
        "" if tagger is None else _tagger(tagger),
        _pictures_per_mood(metadata),
        _metrics(metadata),
        _LIMITS,
        "## Use\n\n    imagemood classify --model THIS_DIRECTORY photo.jpg\n",
        f"Trained with {_versions(metadata)}.\n",
    ]
    return "\n".join(part for part in parts if part)


def _tagger(card: TaggerCard) -> str:
    origin = f" from {_escape(card.source)}" if card.source else ""
    licence = f", whose licence is {_escape(card.license)}" if card.license else ", whose licence is not recorded"
    return f"The directory also contains the tagger, {_escape(card.name)}{origin}{licence}.\n"


def _escape(text: str) -> str:
    """Return a name as text that Markdown shows as it is."""
    return _MARKUP.sub(r"\\\g<0>", short_label(text))


def _versions(metadata: ModelMetadata) -> str:
    return ", ".join(f"{_escape(name)} {_escape(version)}" for name, version in metadata.versions.items())


def _pictures_per_mood(metadata: ModelMetadata) -> str:
    counts = metadata.training_set.get("images_per_mood", {})
    if not counts:
        return ""
    rows = [f"| {_escape(mood)} | {n} |" for mood, n in counts.items()]
    return "\n".join(["| mood | pictures |", "|---|---|", *rows]) + "\n"


def _metrics(metadata: ModelMetadata) -> str:
    metrics = metadata.metrics
    if not metrics.get("per_class"):
        return "No metrics were measured; run `imagemood evaluate`.\n"
    intervals = metrics.get("intervals") or {}
    rows = [
        f"| {_escape(mood)} | {_cells(row, intervals.get('per_class', {}).get(mood, {}))} | {row['support']} |"
        for mood, row in metrics["per_class"].items()
    ]
    header = ["| mood | precision | recall | F1 | pictures |", "|---|---|---|---|---|"]
    if metrics["n_folds"]:
        method = f"Stratified {metrics['n_folds']}-fold cross-validation on the training set"
    else:
        method = f"On {metrics['n_images']} pictures that were not used for training"
    return (
        f"## Metrics\n\n{method}: accuracy {metrics['accuracy']:.1%}{_range(intervals.get('accuracy'), '.1%')}, "
        f"macro F1 {metrics['macro_f1']:.3f}, expected calibration error {metrics['calibration_error']:.3f}"
        f"{_agreement(metrics)}.\n\n{_explanation(intervals)}" + "\n".join([*header, *rows]) + "\n"
    )


def _agreement(metrics: dict[str, Any]) -> str:
    """Return the top-two accuracy and the valence accuracy, as far as they were measured."""
    valence = (metrics.get("valence") or {}).get("accuracy")
    shares = {"top-two accuracy": metrics.get("top_two_accuracy"), "valence accuracy": valence}
    return "".join(f", {name} {share:.1%}" for name, share in shares.items() if share is not None)


def _explanation(intervals: dict[str, Any]) -> str:
    if not intervals:
        return ""
    level, n_resamples = intervals["confidence_level"], intervals["n_resamples"]
    return f"In parentheses: {level:.0%} confidence intervals from {n_resamples:,} bootstrap resamples.\n\n"


def _cells(row: dict[str, float], intervals: dict[str, Any]) -> str:
    return " | ".join(
        f"{row[name]:.2f}{_range(intervals.get(name), '.2f')}" for name in ("precision", "recall", "f1")
    )


def _range(ends: Sequence[float] | None, spec: str) -> str:
    return "" if ends is None else f" ({ends[0]:{spec}} to {ends[1]:{spec}})"
