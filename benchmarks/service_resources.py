"""Measure the memory of the service's processes, and the CPU time that it needs for each photo.

    python benchmarks/service_resources.py [--photos FOLDER]

The service runs with one worker and with two. Memory is the proportional set size (PSS), in which processes
share the pages that they have in common; it is measured before the first request, and after the photos. The CPU
time is that of all processes of the service, so that other programs that run at the same time change it little.
The results go to `benchmarks/results/service_resources.json`.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
from pathlib import Path
from typing import Any

import benchmark_photos
import psutil
import timing
from service_load import free_port, generate_load, running

SIDE_PX, N_PHOTOS, N_CONNECTIONS, N_REQUESTS = 1200, 100, 16, 400  # larger than what is decoded in threads
WORKERS = (1, 2)
TYPES: dict[str, object] = {"content-type": "image/jpeg", "accept": "*/*"}


def processes(service: psutil.Process) -> dict[str, list[psutil.Process]]:
    """Return the processes of a service by their kind."""
    found: dict[str, list[psutil.Process]] = {"main": [service], "worker": [], "decoder": []}
    for child in service.children(recursive=True):
        command = " ".join(child.cmdline())
        if "spawn_main" in command:
            found["worker"].append(child)
        elif "resource_tracker" not in command:
            found["decoder"].append(child)
    return found


def memory_mb(found: dict[str, list[psutil.Process]]) -> dict[str, float]:
    """Return the memory of all processes, and the mean of each kind."""
    each = {kind: [process.memory_full_info().pss / 1e6 for process in group] for kind, group in found.items()}
    means = {kind: statistics.mean(values) for kind, values in each.items() if values}
    return {"total": sum(map(sum, each.values())), **means}


def cpu_s(service: psutil.Process) -> float:
    """Return the CPU time of all processes, and of those that have ended."""
    times = [process.cpu_times() for group in processes(service).values() for process in group]
    return sum(time.user + time.system + time.children_user + time.children_system for time in times)


def measure(n_workers: int, bodies: list[Path], folder: Path) -> dict[str, Any]:
    """Measure a service with a number of workers."""
    port = free_port()
    command = [sys.executable, "-m", "imagemood", "serve", "--port", port, "--no-access-log"]
    with running([*map(str, command), "--workers", str(n_workers)], port, folder) as service:
        found = processes(service)
        at_rest = memory_mb(found)
        assert at_rest["decoder"]
        address = f"http://127.0.0.1:{port}/v1/moods"
        options: dict[str, object] = {"connections": N_CONNECTIONS, "seconds": 600, **TYPES}
        generate_load(address, bodies, **options, requests=N_CONNECTIONS * 4)
        start = cpu_s(service)
        load = generate_load(address, bodies, **options, requests=N_REQUESTS)
        cpu_ms = 1000 * (cpu_s(service) - start) / N_REQUESTS
        after = memory_mb(processes(service))  # there are more decoders if a picture has taken long
        return {"at_rest_mb": at_rest, "after_mb": after, "cpu_ms_per_photo": cpu_ms, "load": load}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])  # type: ignore[union-attr]
    parser.add_argument("--photos", type=Path)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        bodies = benchmark_photos.make_photos(folder / "photos", SIDE_PX, N_PHOTOS, arguments.photos)
        results = {str(n): measure(n, bodies, folder) for n in WORKERS}
    timing.save_results("service_resources", results)


if __name__ == "__main__":
    main()
