"""Tables of the speed of the cascade and of its alternatives."""

from __future__ import annotations

from typing import Any

from benchmark_results import load_results
from markdown_table import table

SESSION_ONLY = "session only, decoded pictures"
ONNX_RUNTIME = "ONNX Runtime and Pillow"
TIMM = "timm, PyTorch eager"
SPREAD = ("min", "max", "speed-up of imagemood")


def summary() -> str:
    rows = []
    for side_px, results in load_results("photo_throughput")["sides"].items():
        rates = {name: row["median"] for name, row in results["photos_per_s"].items()}
        ours = rates["imagemood"]
        others = (f"{rates[name]:.0f}: {ours / rates[name]:.2f} ×" for name in (SESSION_ONLY, ONNX_RUNTIME, TIMM))
        rows.append((f"photos of {side_px} pixels, photos/s", f"{ours:.0f}", *others))
    start, first = load_results("startup")["help_s"], load_results("startup")["first_answer_s"]
    first_s = {name: row["median"] for name, row in first.items()}
    rows.append(
        (
            "first photo of a new process, s",
            f"{first_s['imagemood classify']:.2f}",
            "",
            f"{first_s[ONNX_RUNTIME]:.2f}",
            f"{first_s[TIMM]:.1f}",
        )
    )
    rows.append(("`imagemood --help`, s", f"{start['imagemood --help']['median']:.2f}", "", "", ""))
    return table(("", "imagemood", SESSION_ONLY, ONNX_RUNTIME, "timm and PyTorch"), rows)


def photos() -> str:
    rows = []
    for side_px, results in load_results("photo_throughput")["sides"].items():
        size = f"{results['n_photos']} of {side_px} pixels, {results['mb_per_file']:.2f} MB each"
        rows += _compared(size, results["photos_per_s"], more_is_better=True)
    return table(("photos", "", "photos/s", *SPREAD), rows)


def reduced_scale() -> str:
    rows = []
    for side_px, results in load_results("photo_throughput")["sides"].items():
        change = results["reduced_scale"]
        same = f"{change['same_top_mood']:.1%} of {results['n_photos']}"
        rows.append((f"{side_px} pixels", f"{change['mean_change']:.4f}", f"{change['largest_change']:.3f}", same))
    header = ("size of the photos", "change of a mood's probability: mean", "maximum", "same top mood")
    return table(header, rows)


def mood_classifiers() -> str:
    rows = []
    for n_images, results in load_results("tag_rows")["answering_ms"].items():
        rows += _compared(f"tag rows of {int(n_images):,} image{'s' * (n_images != '1')}", results)
    return table(("", "", "ms", *SPREAD), rows)


def seconds() -> str:
    tag_rows, startup = load_results("tag_rows"), load_results("startup")
    rows = [
        *_compared("converting 806,000 tag rows to a matrix", tag_rows["matrix_s"]),
        *_compared("training on 806 images with 1000 tags each", tag_rows["training_s"]),
        *_compared("start of the process", startup["help_s"]),
        *_compared("first photo of a new process", startup["first_answer_s"]),
    ]
    return table(("", "", "s", *SPREAD), rows)


def scaling() -> str:
    times = load_results("scaling")["each_ms"]
    counts = list(next(iter(times.values())))
    rows = [
        (f"{cores} core{'s' * (cores != '1')}", *(f"{row[n]['median']:.2f}" for n in counts))
        for cores, row in times.items()
    ]
    return table(("ms per photo in a folder of", *(f"{int(n):,}" for n in counts)), rows)


def batching() -> str:
    results = load_results("scaling")["searched"]
    rates = {name: row["median"] for name, row in results["photos_per_s"].items()}
    automatic = rates.pop("chosen automatically")
    best = sorted(rates, key=lambda name: -rates[name])
    rows = [
        ("**chosen automatically**", f"**{automatic:.0f}**"),
        *((name, f"{rates[name]:.0f}") for name in best[:5]),
        (f"… {len(best) - 6} others …", ""),
        (best[-1], f"{rates[best[-1]]:.0f}"),
    ]
    return table(("", "photos/s"), rows)


def precision() -> str:
    rows = [
        (
            name,
            f"{row['photos_per_s']:.0f}",
            f"{row['accuracy']:.1%}",
            f"{row['same_top_mood']:.1%}",
            f"{row['mean_change']:.4f}",
            f"{row['same_top_tag']:.1%}",
            f"{row['size_mb']:.1f}",
        )
        for name, row in load_results("precision")["networks"].items()
    ]
    header = ("", "photos/s, one core", "accuracy", "same top mood", "mean change", "same top tag", "MB")
    return table(header, rows)


def _compared(title: str, results: dict[str, Any], *, more_is_better: bool = False) -> list[tuple[str, ...]]:
    """Return one row for each candidate; the first one is imagemood, and has the title."""
    ours = next(iter(results.values()))["median"]
    rows: list[tuple[str, ...]] = []
    for name, row in results.items():
        ratio = ours / row["median"] if more_is_better else row["median"] / ours
        speed_up = "" if not rows else f"{ratio:.2f} ×" if ratio < 10 else f"{ratio:.0f} ×"
        values = (f"{row[part]:.3g}" for part in ("median", "low", "high"))
        rows.append(("" if rows else title, name, *values, speed_up))
    return rows
