"""Tables of how fast the cascade is, next to what one would run instead."""

from __future__ import annotations

from typing import Any

from results import results

BARE = "bare session, decoded pictures"
PLAIN = "ONNX Runtime and Pillow"
EAGER = "timm, PyTorch eager"


def summary() -> str:
    rows = [
        "| | imagemood | the bare network, pictures decoded | ONNX Runtime and Pillow | timm and PyTorch |",
        "|---|---|---|---|---|",
    ]
    for side_px, figures in results("photos")["sides"].items():
        rates = figures["photos_per_s"]
        ours = rates["imagemood"]["median"]
        others = [rates[BARE]["median"], rates[PLAIN]["median"], rates[EAGER]["median"]]
        cells = [f"{rate:.0f}: {ours / rate:.2f} ×" for rate in others]
        rows.append(f"| photos of {side_px} pixels, photos/s | {ours:.0f} | {' | '.join(cells)} |")
    start, first = results("startup")["help_s"], results("startup")["first_answer_s"]
    rows.append(
        f"| the first photo of a new process, s | {first['imagemood classify']['median']:.2f} | "
        f"| {first[PLAIN]['median']:.2f} | {first[EAGER]['median']:.1f} |"
    )
    rows.append(f"| `imagemood --help`, s | {start['imagemood --help']['median']:.2f} | | | |")
    return "\n".join(rows)


def photos() -> str:
    rows = ["| photos | | photos/s | from | to | imagemood is |", "|---|---|---|---|---|---|"]
    for side_px, figures in results("photos")["sides"].items():
        size = f"{figures['n_photos']} of {side_px} pixels, {figures['mb_per_file']:.2f} MB each"
        rows += _compared(size, figures["photos_per_s"], more_is_better=True)
    return "\n".join(rows)


def reduced_scale() -> str:
    rows = [
        "| photos of | change of a mood's probability, mean | largest | same strongest mood |",
        "|---|---|---|---|",
    ]
    for side_px, figures in results("photos")["sides"].items():
        change = figures["reduced_scale"]
        rows.append(
            f"| {side_px} pixels | {change['mean_change']:.4f} | {change['largest_change']:.3f} "
            f"| {change['same_top_mood']:.1%} of {figures['n_photos']} |"
        )
    return "\n".join(rows)


def stage_two() -> str:
    rows = ["| | | ms | from | to | imagemood is |", "|---|---|---|---|---|---|"]
    for n_images, figures in results("rows")["answering_ms"].items():
        rows += _compared(f"tag rows of {int(n_images):,} image{'s' * (n_images != '1')}", figures)
    return "\n".join(rows)


def seconds() -> str:
    rows = ["| | | s | from | to | imagemood is |", "|---|---|---|---|---|---|"]
    rows += _compared("806,000 tag rows to a matrix", results("rows")["matrix_s"])
    rows += _compared("training on 806 images of 1000 tags", results("rows")["training_s"])
    rows += _compared("help", results("startup")["help_s"])
    rows += _compared("the first photo of a new process", results("startup")["first_answer_s"])
    return "\n".join(rows)


def growth() -> str:
    found = results("growth")["each_ms"]
    counts = list(next(iter(found.values())))
    rows = [
        "| ms for each of | " + " | ".join(f"{int(n):,}" for n in counts) + " |",
        "|---|" + "---|" * len(counts),
    ]
    for cores, row in found.items():
        cells = [f"{row[n]['median']:.2f}" for n in counts]
        rows.append(f"| {cores} core{'s' * (cores != '1')} | " + " | ".join(cells) + " |")
    return "\n".join(rows)


def searched() -> str:
    found = results("growth")["searched"]
    rates = {name: row["median"] for name, row in found["photos_per_s"].items()}
    chosen = rates.pop("chosen by itself")
    best = sorted(rates, key=lambda name: -rates[name])
    rows = ["| | photos/s |", "|---|---|", f"| **chosen by itself** | **{chosen:.0f}** |"]
    rows += [f"| {name} | {rates[name]:.0f} |" for name in best[:5]]
    rows += [f"| … {len(best) - 6} others … | |", f"| {best[-1]} | {rates[best[-1]]:.0f} |"]
    return "\n".join(rows)


def precision() -> str:
    rows = [
        "| | photos/s, one core | accuracy | same strongest mood | mean change | same strongest tag | MB |",
        "|---|---|---|---|---|---|---|",
    ]
    for name, row in results("precision")["networks"].items():
        rows.append(
            f"| {name} | {row['photos_per_s']:.0f} | {row['accuracy']:.1%} | {row['same_top_mood']:.1%} "
            f"| {row['mean_change']:.4f} | {row['same_top_tag']:.1%} | {row['size_mb']:.1f} |"
        )
    return "\n".join(rows)


def _compared(title: str, figures: dict[str, Any], *, more_is_better: bool = False) -> list[str]:
    """Give a line for each; the first is ours."""
    ours = next(iter(figures.values()))["median"]
    rows = []
    for name, row in figures.items():
        times = ours / row["median"] if more_is_better else row["median"] / ours
        better = "" if not rows else f"{times:.2f} ×" if times < 10 else f"{times:.0f} ×"
        cells = " | ".join(f"{row[part]:.3g}" for part in ("median", "low", "high"))
        rows.append(f"| {'' if rows else title} | {name} | {cells} | {better} |")
    return rows
