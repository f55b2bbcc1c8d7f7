"""Tables of the service under load, and of the official Acumos runner."""

from __future__ import annotations

from benchmark_results import load_results
from markdown_table import table

REQUESTS = {"tag_rows": "1000 tag rows", "photos": "one photo"}
SERVERS = {"ours": "imagemood serve", "plain FastAPI": "plain FastAPI", "official runner": "official runner"}
REQUEST_MS_2018, MODEL_MS_2018, TRAINING_S_2018 = 51, 29, 98
"""Times of the 2018 program for the same tasks."""


def load() -> str:
    results = load_results("service_load")
    rows = []
    for key, request in REQUESTS.items():
        for n_connections, servers in results[key].items():
            for name, server in SERVERS.items():
                row = servers[name]
                times = (f"{row[percentile]:.1f}" for percentile in ("p50_ms", "p95_ms", "p99_ms"))
                ratio = "" if name == "ours" else f"{servers['ours']['per_s'] / row['per_s']:.1f}×"
                rows.append((request, n_connections, server, f"{row['per_s']:.0f}", *times, ratio))
    percentiles = ("p50, ms", "p95, ms", "p99, ms")
    header = ("request", "connections", "server", "responses/s", *percentiles, "speed-up of imagemood")
    return table(header, rows)


def beside_cascade() -> str:
    rows = []
    for n_connections, row in load_results("service_load")["bare"].items():
        times = (f"{row[name]:.0f}" if name in row else "" for name in ("p50_ms", "p95_ms", "p99_ms"))
        rates = (f"{row[rate]:.0f}" for rate in ("per_s", "bare_per_s"))
        rows.append((n_connections, *rates, f"{row['share']:.0%}", *times))
    header = ("connections", "photos/s", "the cascade alone", "share", "p50, ms", "p95, ms", "p99, ms")
    return table(header, rows)


def endurance() -> str:
    results = load_results("service_load")
    memory, overload = results["memory"], results["overload"]
    accepted, refused = (overload["answers"].get(status, 0) for status in ("200", "503"))
    rows = [
        ("memory before the first request", f"{memory['at_rest_mb']:.0f} MB"),
        (
            f"memory after a tenth of {memory['n_requests']:,} requests of tag rows, and after all of them",
            f"{memory['after_tenths_mb'][0]:.0f} and {memory['after_mb']:.0f} MB",
        ),
        (
            f"overload for {overload['seconds']:.0f} s: {overload['connections']} connections, four times as many "
            "as the queue and the batches hold",
            f"{overload['answered']:,} responses, {overload['lost']} lost: {accepted:,} with moods, "
            f"{refused:,} with status 503",
        ),
        (
            "under overload: p50 and p99 of accepted requests, p99 of refused ones",
            f"{overload['p50_ms']:.0f}, {overload['p99_ms']:.0f} and {overload['refusal_p99_ms']:.0f} ms",
        ),
    ]
    return table(("", ""), rows)


def mixed_load() -> str:
    results = load_results("mixed_load")
    memory = [sample["mb"] for sample in results["memory"] if sample["mb"]]
    n_third = len(memory) // 3
    first, last = (f"{max(part):.0f}" for part in (memory[:n_third], memory[-n_third:]))
    repeated = results["repeated"]
    n_broken = sum(n for reason, n in repeated.items() if "503" not in reason)
    n_busy = sum(n for reason, n in repeated.items() if "503" in reason)
    rows = [
        ("minutes", f"{results['minutes']:.0f}"),
        ("workers killed, restarts", f"{results['killed_workers']}, {results['restarts']}"),
        ("requests answered", f"{results['answered']:,}"),
        ("requests lost", f"{results['lost']:,}"),
        ("sent again because of a killed worker or a restart; because of status 503", f"{n_broken:,}; {n_busy:,}"),
        ("most memory of all processes in the first and in the last third", f"{first} and {last} MB"),
    ]
    return table(("", ""), rows)


def acumos_runner() -> str:
    results = load_results("acumos_runner")
    request = f"{results['request_ms']:.1f} ms (95 % below {results['request_p95_ms']:.1f} ms)"
    share = results["model_ms"] / MODEL_MS_2018
    rows = [
        ("one request to the official runner", request, f"{REQUEST_MS_2018} ms"),
        (
            "of which the model",
            f"{results['model_ms']:.2f} ms, {share:.1%} of the 2018 time",
            f"{MODEL_MS_2018} ms",
        ),
        ("the same rows through `imagemood`", f"{results['imagemood_ms']:.2f} ms", ""),
        ("training, default settings", f"{results['training_s']:.1f} s", ""),
        (f"reading a CSV file of {results['n_tag_rows']:,} rows", f"{results['reading_s']:.1f} s", ""),
        (
            "training with the 2018 grid search",
            f"{results['grid_s'] + results['training_s']:.0f} s",
            f"{TRAINING_S_2018} s",
        ),
        ("size of `model.zip`", f"{results['bundle_mb']:.1f} MB", ""),
    ]
    return table(("", "this project", "2018"), rows)


def decoder_processes() -> str:
    results = load_results("decoder_processes")
    n_cores = results["machine"]["n_cores"]
    rows = []
    measured = {f"photos of {side_px} pixels": row for side_px, row in results["sides"].items()}
    measured["requests to the service, photos of 1200 pixels"] = results["service"]
    for name, row in measured.items():
        threads_ms, processes_ms = (row[way]["cpu_ms"] for way in ("threads", "processes"))
        rates = (f"{1000 * n_cores / cpu_ms:.0f}" for cpu_ms in (threads_ms, processes_ms))
        times = (f"{cpu_ms:.1f}" for cpu_ms in (threads_ms, processes_ms))
        rows.append((name, *times, *rates, f"{processes_ms / threads_ms - 1:+.0%}"))
    header = ("", "threads: CPU ms per photo", "processes", "threads: photos/s", "processes", "CPU time")
    return table(header, rows)


def decoder_memory() -> str:
    service = load_results("decoder_processes")["service"]
    threads_mb, processes_mb = (service[way]["memory_mb"] for way in ("threads", "processes"))
    return f"The service takes {processes_mb:.0f} MB of memory instead of {threads_mb:.0f} MB."


def under_attack() -> str:
    rows = []
    for attack, row in load_results("service_under_attack")["attacks"].items():
        ordinary = row["statuses"]["ordinary"]
        n_lost = sum(n for status, n in ordinary.items() if status != "200")
        times = (f"{row[name]:.0f}" for name in ("p50_ms", "p99_ms", "healthz_max_ms"))
        rows.append(
            (attack, ordinary["200"], str(n_lost), *times, f"{row['rest_mb']:.0f} and {row['peak_mb']:.0f} MB")
        )
    header = (
        "attack",
        "photos answered",
        "lost",
        "p50, ms",
        "p99, ms",
        "slowest /healthz, ms",
        "memory before, peak",
    )
    return table(header, rows)


def time_to_stop() -> str:
    rows = [(state, f"{seconds:.1f}") for state, seconds in load_results("service_under_attack")["stop_s"].items()]
    return table(("state when SIGTERM arrives", "seconds until the service has stopped"), rows)


def cost_of_limits() -> str:
    rates = load_results("service_under_attack")["rates"]
    rows = []
    for way in ("threads", "processes"):
        before, after = (rates[f"{way} {version}"]["cpu_ms"] for version in ("before", "after"))
        rows.append((way, f"{before:.2f}", f"{after:.2f}", f"{after / before - 1:+.1%}"))
    return table(("decoding in", "CPU ms per photo without the limits", "with the limits", "difference"), rows)


def resources() -> str:
    results = load_results("service_resources")
    rows = []
    for n_workers in ("1", "2"):
        row = results[n_workers]
        rest, after = row["at_rest_mb"], row["after_mb"]
        worker_mb = after.get("worker", after["main"])
        cpu_ms = row["cpu_ms_per_photo"]
        memory = (rest["total"], after["total"], worker_mb, after["decoder"])
        rows.append((n_workers, *(f"{mb:.0f}" for mb in memory), f"{cpu_ms:.0f}", f"{1000 / cpu_ms:.0f}"))
    header = (
        "workers",
        "MB at rest",
        "MB after the photos",
        "of which a worker",
        "of which a decoder",
        "CPU ms per photo",
        "photos/s per core",
    )
    return table(header, rows)


def ray_replicas() -> str:
    results = load_results("ray_serve")
    rows = [(replicas, f"{results[replicas]:.0f}") for replicas in ("1", "2")]
    return table(("replicas with one core each", "photos/s"), rows)
