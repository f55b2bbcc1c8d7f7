"""Tables of the built-in network's accuracy."""

from __future__ import annotations

from benchmark_results import load_results

from imagemood.prediction.affect import VALENCE_AROUSAL


def validation() -> str:
    network = load_results("network")
    tags, moods = network["tags"], network["validation"]
    return "\n".join(
        [
            f"| {network['n_images']:,} validation photos | |",
            "|---|---|",
            f"| accuracy | {moods['accuracy']:.1%} |",
            f"| macro F1 | {moods['macro_f1']:.3f} |",
            f"| log loss | {moods['log_loss']:.3f} |",
            f"| expected calibration error | {moods['calibration_error']:.3f} |",
            f"| top tag equals that of the published network | {tags['same']:.1%} |",
            f"| top tag of the published network is among the top five | {tags['among_five']:.1%} |",
            *(
                f"| accuracy on photos reduced to {size} pixels | {share:.1%} |"
                for size, share in network["resolution"]
            ),
        ]
    )


def sizes() -> str:
    network, frozen = load_results("network"), load_results("sizes")
    rows = [
        "| network | ms per photo | SVM on its embedding, accuracy | with fine-tuned mood blocks |",
        "|---|---|---|---|",
    ]
    for size in ("lite0", "lite1", "lite2"):
        fine_tuned = "not tried"
        if size == "lite0":
            fine_tuned = f"{network['validation']['accuracy']:.1%}, {network['ms']['built_in']:.1f} ms"
        rows.append(f"| {size} | {network['ms'][size]:.1f} | {frozen[size]['accuracy']:.1%} | {fine_tuned} |")
    return "\n".join(rows)


def composites() -> str:
    network = load_results("network")
    share, n_images = network["composites"]["log_odds"], network["n_composites"]
    return "\n".join(
        [
            "| | |",
            "|---|---|",
            f"| {2 * n_images:,} maps of {n_images:,} composites of validation photos | {share:.1%} |",
            "| chance | 50.0% |",
        ]
    )


def places() -> str:
    rows = ["| mood | valence | arousal |", "|---|---|---|"]
    return "\n".join([*rows, *(f"| {mood} | {v:+.2f} | {a:+.2f} |" for mood, (v, a) in VALENCE_AROUSAL.items())])
