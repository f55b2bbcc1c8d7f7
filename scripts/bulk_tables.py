"""Tables of the speed and the memory of bulk runs."""

from __future__ import annotations

from benchmark_results import load_results


def speed() -> str:
    results = load_results("bulk")
    title = f"{results['n_photos']:,} photos, {results['machine']['n_cores']} cores"
    rates = results["photos_per_s"]
    share = rates["imagemood bulk"]["median"] / rates["imagemood classify"]["median"]
    rows = [f"| {title} | photos/s | min | max |", "|---|---|---|---|"]
    rows += [
        f"| `{name}` | {row['median']:.0f} | {row['low']:.0f} | {row['high']:.0f} |" for name, row in rates.items()
    ]
    return "\n".join([*rows, f"| `bulk` relative to `classify` | {share:.0%} | | |"])


def memory() -> str:
    rows = ["| photos | peak memory, MB |", "|---|---|"]
    rows += [f"| {row['n_photos']:,} | {row['peak_mb']:.0f} |" for row in load_results("bulk")["memory"]]
    return "\n".join(rows)
