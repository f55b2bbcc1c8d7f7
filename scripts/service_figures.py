"""Tables of how the service does under load."""

from __future__ import annotations

from results import results

JOBS = {"tag_rows": "1000 tag rows", "photos": "a photo"}
SERVERS = ("ours", "plain FastAPI", "official runner")


def load() -> str:
    figures = results("serve")
    rows = [
        "| request | connections | server | answers/s | p50, ms | p95, ms | p99, ms | ours to this |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for job, title in JOBS.items():
        for n_connections, servers in figures[job].items():
            for name in SERVERS:
                row = servers[name]
                times = " | ".join(f"{row[key]:.1f}" for key in ("p50_ms", "p95_ms", "p99_ms"))
                ratio = "" if name == "ours" else f"{servers['ours']['per_s'] / row['per_s']:.1f}×"
                rows.append(f"| {title} | {n_connections} | {name} | {row['per_s']:.0f} | {times} | {ratio} |")
    return "\n".join(rows)


def endurance() -> str:
    figures = results("serve")
    bare, memory, over = figures["bare"], figures["memory"], figures["overload"]
    accepted, refused = (over["answers"].get(status, 0) for status in ("200", "503"))
    return "\n".join(
        [
            "| | |",
            "|---|---|",
            "| photos, 16 connections, next to the bare cascade on pictures in memory "
            f"| {bare['served_per_s']:.0f} and {bare['bare_per_s']:.0f} photos/s: {bare['share']:.0%} |",
            f"| memory at rest | {memory['at_rest_mb']:.0f} MB |",
            f"| after a tenth of {memory['n_requests']:,} requests of tag rows, and after all of them "
            f"| {memory['after_tenths_mb'][0]:.0f} and {memory['after_mb']:.0f} MB |",
            f"| {over['connections']} connections, four times what it can have in hand, "
            f"for {over['seconds']:.0f} s | {over['answered']:,} answers, {over['lost']} lost: "
            f"{accepted:,} moods, {refused:,} refusals |",
            f"| p50 and p99 of the accepted, p99 of the refused | {over['p50_ms']:.0f}, {over['p99_ms']:.0f} and "
            f"{over['refusal_p99_ms']:.0f} ms |",
        ]
    )
