"""Measure how the throughput of the service on a Ray cluster grows with the number of replicas.

    python benchmarks/ray_serve.py [--replicas 1 2] [--rounds 3]

The cluster, its HTTP proxy and the clients run on this machine. Each replica has one core, and the numbers of
replicas alternate. The results go to `benchmarks/results/ray_serve.json`.
"""

from __future__ import annotations

import argparse
import logging
import os
import statistics
import tempfile
from pathlib import Path
from typing import Any

import benchmark_photos
import ray
import timing
from ray import serve
from service_load import free_port, generate_load

from imagemood import _usage_reports
from imagemood.serve.ray_serve import build_app

SIDE_PX, N_PHOTOS, N_CONNECTIONS, N_REQUESTS = 1024, 100, 16, 400
TYPES: dict[str, object] = {"content-type": "image/jpeg", "accept": "*/*", "seconds": 600}


def measure(replicas: int, address: str, bodies: list[Path]) -> float:
    """Return the responses per second of a number of replicas."""
    serve.run(build_app({"replicas": replicas}))
    options = {**TYPES, "connections": N_CONNECTIONS}
    generate_load(address, bodies, **options, requests=N_CONNECTIONS * 4)
    load = generate_load(address, bodies, **options, requests=N_REQUESTS)
    assert load["answers"] == {"200": N_REQUESTS}, load
    return float(load["per_s"])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--replicas", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--rounds", type=int, default=3)
    arguments = parser.parse_args()
    os.environ.update(_usage_reports.VARIABLES)
    ray.init(include_dashboard=False, log_to_driver=False, logging_level=logging.ERROR)
    port = free_port()
    serve.start(http_options={"host": "127.0.0.1", "port": port})
    per_s: dict[int, list[float]] = {replicas: [] for replicas in arguments.replicas}
    with tempfile.TemporaryDirectory() as folder:
        bodies = benchmark_photos.make_photos(Path(folder) / "photos", SIDE_PX, N_PHOTOS, None)
        for _ in range(arguments.rounds):
            for replicas, values in per_s.items():
                values.append(measure(replicas, f"http://127.0.0.1:{port}/v1/moods", bodies))
    results: dict[str, Any] = {str(replicas): statistics.median(values) for replicas, values in per_s.items()}
    print(results)
    timing.save_results("ray_serve", results)
    ray.shutdown()


if __name__ == "__main__":
    main()
