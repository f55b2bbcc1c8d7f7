"""Tables of the built-in network's figures."""

from __future__ import annotations

from results import results

from imagemood.prediction.affect import PLACES


def validation() -> str:
    network = results("network")
    tags, moods = network["tags"], network["validation"]
    return "\n".join(
        [
            f"| {network['n_images']:,} validation photos | |",
            "|---|---|",
            f"| accuracy | {moods['accuracy']:.1%} |",
            f"| macro F1 | {moods['macro_f1']:.3f} |",
            f"| log loss | {moods['log_loss']:.3f} |",
            f"| expected calibration error | {moods['calibration_error']:.3f} |",
            f"| strongest tag is the published network's | {tags['same']:.1%} |",
            f"| the published network's strongest tag is among the five strongest | {tags['among_five']:.1%} |",
            *(
                f"| accuracy on photos reduced to {size} pixels | {share:.1%} |"
                for size, share in network["resolution"]
            ),
        ]
    )


def sizes() -> str:
    network, frozen = results("network"), results("sizes")
    rows = [
        "| network | ms for a photo | SVM on its embedding | with blocks that learned moods |",
        "|---|---|---|---|",
    ]
    for size in ("lite0", "lite1", "lite2"):
        taught = "not tried"
        if size == "lite0":
            taught = f"{network['validation']['accuracy']:.1%}, {network['ms']['built_in']:.1f} ms"
        rows.append(f"| {size} | {network['ms'][size]:.1f} | {frozen[size]['accuracy']:.1%} | {taught} |")
    return "\n".join(rows)


def composites() -> str:
    network = results("network")
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
    return "\n".join([*rows, *(f"| {mood} | {v:+.2f} | {a:+.2f} |" for mood, (v, a) in PLACES.items())])
