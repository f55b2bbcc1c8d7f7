"""Tables of the service under load."""

from __future__ import annotations

from benchmark_results import load_results

REQUESTS = {"tag_rows": "1000 tag rows", "photos": "one photo"}
SERVERS = {"ours": "imagemood serve", "plain FastAPI": "plain FastAPI", "official runner": "official runner"}


def load() -> str:
    results = load_results("service_load")
    rows = [
        "| request | connections | server | responses/s | p50, ms | p95, ms | p99, ms | speed-up of imagemood |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for key, request in REQUESTS.items():
        for n_connections, servers in results[key].items():
            for name, server in SERVERS.items():
                row = servers[name]
                times = " | ".join(f"{row[percentile]:.1f}" for percentile in ("p50_ms", "p95_ms", "p99_ms"))
                ratio = "" if name == "ours" else f"{servers['ours']['per_s'] / row['per_s']:.1f}×"
                rows.append(f"| {request} | {n_connections} | {server} | {row['per_s']:.0f} | {times} | {ratio} |")
    return "\n".join(rows)


def endurance() -> str:
    results = load_results("service_load")
    bare, memory, overload = results["bare"], results["memory"], results["overload"]
    accepted, refused = (overload["answers"].get(status, 0) for status in ("200", "503"))
    return "\n".join(
        [
            "| | |",
            "|---|---|",
            "| photos/s of the service (16 connections) and of the cascade alone, called on pictures in memory "
            f"| {bare['served_per_s']:.0f} and {bare['bare_per_s']:.0f}: {bare['share']:.0%} |",
            f"| memory before the first request | {memory['at_rest_mb']:.0f} MB |",
            f"| memory after a tenth of {memory['n_requests']:,} requests of tag rows, and after all of them "
            f"| {memory['after_tenths_mb'][0]:.0f} and {memory['after_mb']:.0f} MB |",
            f"| overload for {overload['seconds']:.0f} s: {overload['connections']} connections, four times as "
            f"many as the queue and the batches hold | {overload['answered']:,} responses, "
            f"{overload['lost']} lost: {accepted:,} with moods, {refused:,} with status 503 |",
            "| under overload: p50 and p99 of accepted requests, p99 of refused ones "
            f"| {overload['p50_ms']:.0f}, {overload['p99_ms']:.0f} and {overload['refusal_p99_ms']:.0f} ms |",
        ]
    )
