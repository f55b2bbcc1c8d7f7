"""Tables of how fast bulk runs are, and how much memory they take."""

from __future__ import annotations

from results import results


def speed() -> str:
    figures = results("bulk")
    title = f"{figures['n_photos']:,} photos, {figures['machine']['n_cores']} cores"
    rates = figures["photos_per_s"]
    share = rates["imagemood bulk"]["median"] / rates["imagemood classify"]["median"]
    rows = [f"| {title} | photos/s | from | to |", "|---|---|---|---|"]
    rows += [
        f"| `{name}` | {row['median']:.0f} | {row['low']:.0f} | {row['high']:.0f} |" for name, row in rates.items()
    ]
    return "\n".join([*rows, f"| `bulk` to `classify` | {share:.0%} | | |"])


def memory() -> str:
    rows = ["| photos | peak of memory, MB |", "|---|---|"]
    rows += [f"| {row['n_photos']:,} | {row['peak_mb']:.0f} |" for row in results("bulk")["memory"]]
    return "\n".join(rows)
