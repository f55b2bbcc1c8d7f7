"""Tables of the built-in network's accuracy, and of the coordinates of the moods."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from benchmark_results import load_results
from markdown_table import table

from imagemood.prediction.affect import VALENCE_AROUSAL

METRICS = {
    "accuracy": ("label is the most probable mood (accuracy)", ".1%"),
    "top_two_accuracy": ("label is among the two most probable moods (top-two accuracy)", ".1%"),
    "valence_accuracy": ("positive or negative as the label (valence accuracy)", ".1%"),
    "macro_f1": ("macro F1", ".3f"),
    "log_loss": ("log loss", ".3f"),
    "calibration_error": ("expected calibration error", ".3f"),
}
"""Title and format of each metric of the built-in network."""
PUBLISHED = {
    "AlexNet": (59.9, "61.1"),
    "VGG-16": (65.5, "138.4"),
    "DenseNet-121": (67.2, "8.0"),
    "ResNet-50": (67.5, "25.6"),
    "StyleNet": (68.9, ""),
    "WSCNet (ResNet-101)": (70.1, "44.5"),
    "Stimuli-aware": (72.4, ""),
    "MDAN": (76.4, ""),
}
"""Accuracy on FI in percent (EmoSet, ICCV 2023, Table 3), and millions of weights, if known."""


def interval_text(ends: Sequence[float], spec: str) -> str:
    """Return the ends of a confidence interval as text."""
    return f"{ends[0]:{spec}} to {ends[1]:{spec}}"


def validation() -> str:
    network = load_results("network")
    metrics = {**network["cross_validation"]}
    metrics["valence_accuracy"] = metrics["valence"]["accuracy"]
    rows = []
    for name, (title, spec) in METRICS.items():
        spread = f"± {metrics['spread'][name]:{spec}}" if name in metrics["spread"] else ""
        rows.append((title, f"{metrics[name]:{spec}}", interval_text(metrics["intervals"][name], spec), spread))
    rows.append(("top tag equals that of the published network", f"{network['tags']['same']:.1%}", "", ""))
    return table((f"{network['n_images']:,} photos, {method(metrics)}", "", "95% interval", "over folds"), rows)


def method(metrics: dict[str, Any]) -> str:
    """Return how metrics were measured."""
    return "cross-validation" if metrics["n_folds"] > 1 else "validation part"


def resolution() -> str:
    """Return the results on reduced photos and, for comparison, with two views."""
    network = load_results("network")
    rows = [
        (
            f"{row['size_px']} pixels",
            f"{row['accuracy']:.1%}",
            interval_text(row["accuracy_interval"], ".1%"),
            f"{row['macro_f1']:.3f}",
            f"{row['log_loss']:.3f}",
        )
        for row in network["resolution"]
    ]
    two = network["two_views"]
    interval = interval_text(two["intervals"]["accuracy"], ".1%")
    rows.append(
        (
            "224 pixels, `--views 2`",
            f"{two['accuracy']:.1%}",
            interval,
            f"{two['macro_f1']:.3f}",
            f"{two['log_loss']:.3f}",
        )
    )
    return table(("side of the photos", "accuracy", "95% interval", "macro F1", "log loss"), rows)


def valence() -> str:
    """Return the confusions of positive and negative moods."""
    found = load_results("network")["cross_validation"]["valence"]
    rows = [
        (f"label {name}", *(f"{n:,}" for n in counts), f"{counts[i] / sum(counts):.1%}")
        for i, (name, counts) in enumerate(zip(found["labels"], found["confusions"], strict=True))
    ]
    return table(("", *(f"predicted {name}" for name in found["labels"]), "correct"), rows)


def published() -> str:
    """Return published results on the same dataset, and that of the built-in network among them."""
    network = load_results("network")
    metrics = network["cross_validation"]
    ends = metrics["intervals"]["accuracy"]
    ours = f"**{metrics['accuracy']:.1%}** ({interval_text(ends, '.1%')})"
    rows = [
        (accuracy, (name, f"{accuracy:.1f}%", millions, "published"))
        for name, (accuracy, millions) in PUBLISHED.items()
    ]
    millions = f"{network['n_weights'] / 1e6:.1f}"
    rows.append((100 * metrics["accuracy"], ("**built-in network**", ours, millions, method(metrics))))
    header = ("method", "accuracy", "million weights", "source")
    return table(header, [cells for _, cells in sorted(rows)])


def tried() -> str:
    """Return the results of all networks that were tried, except those of the learning curve."""
    rows = []
    for name, entry in load_results("networks_tried").items():
        if name.startswith(LEARNING_CURVE):
            continue
        times = [f"{entry['ms'] / entry['ms_published']:.2f} ×"] if entry.get("ms") else [""]
        others = (
            f"{entry[key]:.{digits}f}" if key in entry else "" for key, digits in (("mb", 1), ("minutes", 0))
        )
        evaluated = f"{entry['evaluated_on']}, {entry['n_images']:,}"
        rows.append((entry["title"], evaluated, *_entry_cells(entry), *times, *others))
    header = ("network", "evaluated on", *ENTRY_HEADER, "time", "MB", "minutes")
    return table(header, rows)


def learning_curve() -> str:
    """Return the results by number of training photos, from the smallest."""
    entries = load_results("networks_tried")
    found = [entry for name, entry in entries.items() if name.startswith(LEARNING_CURVE)]
    rows = [(f"{entry['n_train']:,}", *_entry_cells(entry)) for entry in sorted(found, key=lambda e: e["n_train"])]
    return table(("training photos", *ENTRY_HEADER), rows)


LEARNING_CURVE = "share-"
"""How the names of the networks of the learning curve begin in the results."""
ENTRY_HEADER = ("accuracy", "macro F1", "log loss", "calibration error")


def _entry_cells(entry: dict[str, Any]) -> list[str]:
    accuracy = f"{entry['accuracy']:.1%}"
    if "intervals" in entry:
        accuracy += f" ({interval_text(entry['intervals']['accuracy'], '.1%')})"
    return [accuracy, *(f"{entry[name]:.3f}" for name in ("macro_f1", "log_loss", "calibration_error"))]


def costs() -> str:
    """Return the time and the size of the built-in network, relative to the published network."""
    network = load_results("network")
    base, ms, mb = network["base"], network["ms"], network["mb"]
    name = f"published network (EfficientNet-{base.capitalize()}), tags"
    rows = [(name, f"{ms[base]:.1f}", "1.00 ×", f"{mb[base]:.1f}")]
    for title, key in (
        ("built-in network, moods", "moods"),
        ("built-in network, moods and tags", "moods_and_tags"),
    ):
        rows.append((title, f"{ms[key]:.1f}", f"{ms[key] / ms[base]:.2f} ×", f"{mb['built_in']:.1f}"))
    return table(("", "ms per decoded photo", "time", "MB"), rows)


def sizes() -> str:
    network, frozen = load_results("network"), load_results("sizes")
    rows = [
        (size, f"{network['ms'][size]:.1f}", f"{frozen[size]['accuracy']:.1%}", f"{frozen[size]['macro_f1']:.3f}")
        for size in ("lite0", "lite1", "lite2")
        if size in network["ms"]
    ]
    return table(("network", "ms per photo", "SVM on its embedding, accuracy", "macro F1"), rows)


def composites() -> str:
    network = load_results("network")
    share, n_images = network["composites"]["log_odds"], network["n_composites"]
    title = f"{2 * n_images:,} maps of {n_images:,} composites of photos"
    return table(("", ""), [(title, f"{share:.1%}"), ("chance", "50.0%")])


def mood_coordinates() -> str:
    rows = [(mood, f"{valence:+.2f}", f"{arousal:+.2f}") for mood, (valence, arousal) in VALENCE_AROUSAL.items()]
    return table(("mood", "valence", "arousal"), rows)
