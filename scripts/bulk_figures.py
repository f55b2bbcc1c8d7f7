"""Tables of how fast bulk runs are, and how much memory they take."""

from __future__ import annotations

from results import results


def speed() -> str:
    figures = results("bulk")
    title = f"{figures['n_photos']:,} photos, {figures['n_cores']} cores"
    rows = [f"| {title} | photos/s | from | to |", "|---|---|---|---|"]
    for name in ("classify", "bulk"):
        low, high = figures["spread"][name]
        rows.append(f"| `imagemood {name}` | {figures['images_per_s'][name]:.0f} | {low:.0f} | {high:.0f} |")
    return "\n".join(
        [*rows, f"| `bulk` to `classify`, median of pairs | {figures['share_of_classify']:.0%} | | |"]
    )


def memory() -> str:
    rows = ["| photos | network | peak of memory, MB |", "|---|---|---|"]
    for name, title in (("memory", "built in"), ("memory_small_network", "a small one")):
        rows += [f"| {row['n_photos']:,} | {title} | {row['peak_mb']:.0f} |" for row in results("bulk")[name]]
    return "\n".join(rows)
