"""Tables of the built-in network's accuracy, and of the coordinates of the moods."""

from __future__ import annotations

from benchmark_results import load_results
from markdown_table import table

from imagemood.prediction.affect import VALENCE_AROUSAL


def validation() -> str:
    network = load_results("network")
    intervals = network["intervals"]
    titles = {
        "accuracy": ("accuracy", ".1%"),
        "macro_f1": ("macro F1", ".3f"),
        "log_loss": ("log loss", ".3f"),
        "calibration_error": ("expected calibration error", ".3f"),
        "top_two": ("label among the two most probable moods", ".1%"),
        "valence": ("positive against negative moods, accuracy", ".1%"),
    }
    rows = [(title, *interval_cells(intervals[name], spec)) for name, (title, spec) in titles.items()]
    rows.append(("accuracy with two views", f"{network['two_views']['accuracy']:.1%}", ""))
    rows += [
        (f"accuracy on photos reduced to {size} pixels", f"{share:.1%}", "")
        for size, share in network["resolution"]
    ]
    rows.append(("top tag equals that of the published network", f"{network['tags']['same']:.1%}", ""))
    return table((f"{network['n_images']:,} photos, cross-validation", "", "95% interval"), rows)


def interval_cells(metric: dict[str, float], spec: str) -> tuple[str, str]:
    """Return the cells of a metric and of its confidence interval."""
    return f"{metric['value']:{spec}}", f"{metric['low']:{spec}} to {metric['high']:{spec}}"


def sizes() -> str:
    network, frozen = load_results("network"), load_results("sizes")
    rows = []
    for size in ("lite0", "lite1", "lite2"):
        fine_tuned = "not tried"
        if size == "lite0":
            moods, ms = network["cross_validation"], network["ms"]
            fine_tuned = f"{moods['accuracy']:.1%}, {ms['moods']:.1f} ms, with tags {ms['moods_and_tags']:.1f} ms"
        rows.append((size, f"{network['ms'][size]:.1f}", f"{frozen[size]['accuracy']:.1%}", fine_tuned))
    header = ("network", "ms per photo", "SVM on its embedding, accuracy", "with a mood body")
    return table(header, rows)


def composites() -> str:
    network = load_results("network")
    share, n_images = network["composites"]["log_odds"], network["n_composites"]
    title = f"{2 * n_images:,} maps of {n_images:,} composites of photos"
    return table(("", ""), [(title, f"{share:.1%}"), ("chance", "50.0%")])


def mood_coordinates() -> str:
    rows = [(mood, f"{valence:+.2f}", f"{arousal:+.2f}") for mood, (valence, arousal) in VALENCE_AROUSAL.items()]
    return table(("mood", "valence", "arousal"), rows)
