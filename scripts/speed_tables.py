"""Tables of the speed of the cascade and of its alternatives."""

from __future__ import annotations

from typing import Any

from benchmark_results import load_results

SESSION_ONLY = "session only, decoded pictures"
ONNX_RUNTIME = "ONNX Runtime and Pillow"
TIMM = "timm, PyTorch eager"


def summary() -> str:
    rows = [
        "| | imagemood | session only, decoded pictures | ONNX Runtime and Pillow | timm and PyTorch |",
        "|---|---|---|---|---|",
    ]
    for side_px, results in load_results("photo_throughput")["sides"].items():
        rates = results["photos_per_s"]
        ours = rates["imagemood"]["median"]
        others = [rates[SESSION_ONLY]["median"], rates[ONNX_RUNTIME]["median"], rates[TIMM]["median"]]
        cells = [f"{rate:.0f}: {ours / rate:.2f} ×" for rate in others]
        rows.append(f"| photos of {side_px} pixels, photos/s | {ours:.0f} | {' | '.join(cells)} |")
    start, first = load_results("startup")["help_s"], load_results("startup")["first_answer_s"]
    rows.append(
        f"| first photo of a new process, s | {first['imagemood classify']['median']:.2f} | "
        f"| {first[ONNX_RUNTIME]['median']:.2f} | {first[TIMM]['median']:.1f} |"
    )
    rows.append(f"| `imagemood --help`, s | {start['imagemood --help']['median']:.2f} | | | |")
    return "\n".join(rows)


def photos() -> str:
    rows = ["| photos | | photos/s | min | max | speed-up of imagemood |", "|---|---|---|---|---|---|"]
    for side_px, results in load_results("photo_throughput")["sides"].items():
        size = f"{results['n_photos']} of {side_px} pixels, {results['mb_per_file']:.2f} MB each"
        rows += _compared(size, results["photos_per_s"], more_is_better=True)
    return "\n".join(rows)


def reduced_scale() -> str:
    rows = [
        "| size of the photos | change of a mood's probability: mean | maximum | same top mood |",
        "|---|---|---|---|",
    ]
    for side_px, results in load_results("photo_throughput")["sides"].items():
        change = results["reduced_scale"]
        rows.append(
            f"| {side_px} pixels | {change['mean_change']:.4f} | {change['largest_change']:.3f} "
            f"| {change['same_top_mood']:.1%} of {results['n_photos']} |"
        )
    return "\n".join(rows)


def stage_two() -> str:
    rows = ["| | | ms | min | max | speed-up of imagemood |", "|---|---|---|---|---|---|"]
    for n_images, results in load_results("tag_rows")["answering_ms"].items():
        rows += _compared(f"tag rows of {int(n_images):,} image{'s' * (n_images != '1')}", results)
    return "\n".join(rows)


def seconds() -> str:
    rows = ["| | | s | min | max | speed-up of imagemood |", "|---|---|---|---|---|---|"]
    rows += _compared("converting 806,000 tag rows to a matrix", load_results("tag_rows")["matrix_s"])
    rows += _compared("training on 806 images with 1000 tags each", load_results("tag_rows")["training_s"])
    rows += _compared("start of the process", load_results("startup")["help_s"])
    rows += _compared("first photo of a new process", load_results("startup")["first_answer_s"])
    return "\n".join(rows)


def scaling() -> str:
    times = load_results("scaling")["each_ms"]
    counts = list(next(iter(times.values())))
    rows = [
        "| ms per photo in a folder of | " + " | ".join(f"{int(n):,}" for n in counts) + " |",
        "|---|" + "---|" * len(counts),
    ]
    for cores, row in times.items():
        cells = [f"{row[n]['median']:.2f}" for n in counts]
        rows.append(f"| {cores} core{'s' * (cores != '1')} | " + " | ".join(cells) + " |")
    return "\n".join(rows)


def batching() -> str:
    results = load_results("scaling")["searched"]
    rates = {name: row["median"] for name, row in results["photos_per_s"].items()}
    automatic = rates.pop("chosen automatically")
    best = sorted(rates, key=lambda name: -rates[name])
    rows = ["| | photos/s |", "|---|---|", f"| **chosen automatically** | **{automatic:.0f}** |"]
    rows += [f"| {name} | {rates[name]:.0f} |" for name in best[:5]]
    rows += [f"| … {len(best) - 6} others … | |", f"| {best[-1]} | {rates[best[-1]]:.0f} |"]
    return "\n".join(rows)


def precision() -> str:
    rows = [
        "| | photos/s, one core | accuracy | same top mood | mean change | same top tag | MB |",
        "|---|---|---|---|---|---|---|",
    ]
    for name, row in load_results("precision")["networks"].items():
        rows.append(
            f"| {name} | {row['photos_per_s']:.0f} | {row['accuracy']:.1%} | {row['same_top_mood']:.1%} "
            f"| {row['mean_change']:.4f} | {row['same_top_tag']:.1%} | {row['size_mb']:.1f} |"
        )
    return "\n".join(rows)


def _compared(title: str, results: dict[str, Any], *, more_is_better: bool = False) -> list[str]:
    """Format one row for each candidate; the first one is imagemood."""
    ours = next(iter(results.values()))["median"]
    rows = []
    for name, row in results.items():
        times = ours / row["median"] if more_is_better else row["median"] / ours
        better = "" if not rows else f"{times:.2f} ×" if times < 10 else f"{times:.0f} ×"
        cells = " | ".join(f"{row[part]:.3g}" for part in ("median", "low", "high"))
        rows.append(f"| {'' if rows else title} | {name} | {cells} | {better} |")
    return rows
