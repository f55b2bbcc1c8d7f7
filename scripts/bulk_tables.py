"""Tables of the speed and the memory of bulk runs."""

from __future__ import annotations

from benchmark_results import load_results
from markdown_table import table


def speed() -> str:
    results = load_results("bulk")
    title = f"{results['n_photos']:,} photos, {results['machine']['n_cores']} cores"
    rates = results["photos_per_s"]
    rows = [
        (f"`{name}`", *(f"{row[key]:.0f}" for key in ("median", "low", "high"))) for name, row in rates.items()
    ]
    share = rates["imagemood bulk"]["median"] / rates["imagemood classify"]["median"]
    return table(
        (title, "photos/s", "min", "max"), [*rows, ("`bulk` relative to `classify`", f"{share:.0%}", "", "")]
    )


def memory() -> str:
    rows = [(f"{row['n_photos']:,}", f"{row['peak_mb']:.0f}") for row in load_results("bulk")["memory"]]
    return table(("photos", "peak memory, MB"), rows)
