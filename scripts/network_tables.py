"""Tables of the built-in network's accuracy, and of the coordinates of the moods."""

from __future__ import annotations

from benchmark_results import load_results
from markdown_table import table

from imagemood.prediction.affect import VALENCE_AROUSAL


def validation() -> str:
    network = load_results("network")
    tags, moods = network["tags"], network["validation"]
    rows = [
        ("accuracy", f"{moods['accuracy']:.1%}"),
        ("macro F1", f"{moods['macro_f1']:.3f}"),
        ("log loss", f"{moods['log_loss']:.3f}"),
        ("expected calibration error", f"{moods['calibration_error']:.3f}"),
        ("top tag equals that of the published network", f"{tags['same']:.1%}"),
        ("top tag of the published network is among the top five", f"{tags['among_five']:.1%}"),
    ]
    rows += [
        (f"accuracy on photos reduced to {size} pixels", f"{share:.1%}") for size, share in network["resolution"]
    ]
    return table((f"{network['n_images']:,} validation photos", ""), rows)


def sizes() -> str:
    network, frozen = load_results("network"), load_results("sizes")
    rows = []
    for size in ("lite0", "lite1", "lite2"):
        fine_tuned = "not tried"
        if size == "lite0":
            fine_tuned = f"{network['validation']['accuracy']:.1%}, {network['ms']['built_in']:.1f} ms"
        rows.append((size, f"{network['ms'][size]:.1f}", f"{frozen[size]['accuracy']:.1%}", fine_tuned))
    header = ("network", "ms per photo", "SVM on its embedding, accuracy", "with fine-tuned mood blocks")
    return table(header, rows)


def composites() -> str:
    network = load_results("network")
    share, n_images = network["composites"]["log_odds"], network["n_composites"]
    title = f"{2 * n_images:,} maps of {n_images:,} composites of validation photos"
    return table(("", ""), [(title, f"{share:.1%}"), ("chance", "50.0%")])


def mood_coordinates() -> str:
    rows = [(mood, f"{valence:+.2f}", f"{arousal:+.2f}") for mood, (valence, arousal) in VALENCE_AROUSAL.items()]
    return table(("mood", "valence", "arousal"), rows)
