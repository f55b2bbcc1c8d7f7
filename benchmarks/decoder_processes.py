"""Compare decoding in threads with decoding in separate processes, in the cascade and in the service.

    python benchmarks/decoder_processes.py [--photos FOLDER] [--rounds 15]

Both ways alternate in each round. In addition to the photos per second, the CPU time of all processes is measured,
because it hardly depends on the other load of the machine. Without a folder, the photos are crops of the sample
pictures. The results go to `benchmarks/results/decoder_processes.json`.
"""

from __future__ import annotations

import argparse
import contextlib
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import benchmark_photos
import psutil
import service_load
import timing

from imagemood.pictures.processes.decoder_processes import DecoderProcesses
from imagemood.prediction.cascade import Cascade

N_PHOTOS = {224: 200, 1024: 60, 4000: 12}
SERVICE_SIDE_PX, N_SERVICE_PHOTOS = 1200, 60  # the service decodes smaller photos in threads in any case
TIMEOUT_S = 60
N_CONNECTIONS, SECONDS = 16, 2.0
THREADS, PROCESSES = "threads", "processes"


def cpu_s(process: psutil.Process) -> float:
    """Return the CPU time of a process and of its children."""
    times = [each.cpu_times() for each in (process, *process.children())]
    return float(sum(each.user + each.system for each in times))


def measure_alternately(
    candidates: dict[str, tuple[psutil.Process, Callable[[], int]]], n_rounds: int
) -> dict[str, dict[str, float]]:
    """Return the medians over all rounds; each candidate is a process, and a function that returns the photos."""
    rates: dict[str, list[float]] = {name: [] for name in candidates}
    cpu_ms: dict[str, list[float]] = {name: [] for name in candidates}
    for _, function in candidates.values():
        function()
    for _ in range(n_rounds):
        for name, (process, function) in candidates.items():
            start, start_cpu_s = time.perf_counter(), cpu_s(process)
            n_photos = function()
            rates[name].append(n_photos / (time.perf_counter() - start))
            cpu_ms[name].append(1000 * (cpu_s(process) - start_cpu_s) / n_photos)
    return {
        name: {"photos_per_s": statistics.median(rates[name]), "cpu_ms": statistics.median(cpu_ms[name])}
        for name in candidates
    }


def compare_cascades(folder: Path, source: Path | None, n_rounds: int) -> dict[str, Any]:
    """Compare a cascade that decodes in threads with one that decodes in processes."""
    cascades = {
        THREADS: Cascade.load(device="cpu"),
        PROCESSES: Cascade.load(device="cpu", decode_timeout_s=TIMEOUT_S),
    }
    results = {}
    for side_px, n_photos in N_PHOTOS.items():
        paths = benchmark_photos.make_photos(folder / str(side_px), side_px, n_photos, source)

        def classify(cascade: Cascade, paths: list[Path] = paths) -> int:
            return sum(result.error is None for result in cascade.classify_many(paths))

        candidates = {
            name: (psutil.Process(), lambda cascade=cascade, classify=classify: classify(cascade))
            for name, cascade in cascades.items()
        }
        results[str(side_px)] = measure_alternately(candidates, n_rounds)
        print(f"{side_px} pixels: {results[str(side_px)]}", flush=True)
    return results


def compare_services(folder: Path, bodies: list[Path], n_rounds: int) -> dict[str, Any]:
    """Compare a service that decodes in threads with one that decodes in processes."""
    with contextlib.ExitStack() as stack:
        candidates = {}
        for name, timeout_s in {THREADS: 0, PROCESSES: TIMEOUT_S}.items():
            port = service_load.free_port()
            options = ["--no-access-log", "--port", str(port), "--decode-timeout", str(timeout_s)]
            command = [sys.executable, "-m", "imagemood", "serve", *options]
            process = stack.enter_context(service_load.running(command, port, folder))

            def send(port: int = port) -> int:
                address = f"http://127.0.0.1:{port}/model/methods/mood"
                load = service_load.generate_load(address, bodies, connections=N_CONNECTIONS, seconds=SECONDS)
                return int(load["answers"]["200"])

            candidates[name] = (process, send)
        results: dict[str, Any] = measure_alternately(candidates, n_rounds)
        for name, (process, _) in candidates.items():
            results[name]["memory_mb"] = service_load.memory_mb(process)
    print(f"service: {results}", flush=True)
    return results


def start_s(photo: bytes) -> dict[str, float]:
    """Return the seconds that the first picture takes, for which a process is started, and the next one."""
    first, second = [], []
    for _ in range(timing.N_ROUNDS):
        with DecoderProcesses(TIMEOUT_S) as decoders:
            for seconds in (first, second):
                start = time.perf_counter()
                decoders.decode(photo, size_px=224)
                seconds.append(time.perf_counter() - start)
    return {"first_s": statistics.median(first), "next_s": statistics.median(second)}


def main(source: Path | None, n_rounds: int) -> None:
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        cascades = compare_cascades(folder, source, n_rounds)
        paths = benchmark_photos.make_photos(folder / "service", SERVICE_SIDE_PX, N_SERVICE_PHOTOS, source)
        photos = [path.read_bytes() for path in paths]
        bodies = benchmark_photos.write_bodies(folder, photos)
        results = {
            "sides": cascades,
            "service": compare_services(folder, bodies, n_rounds),
            "start": start_s(photos[0]),
        }
    timing.save_results("decoder_processes", results)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--photos", type=Path, help="folder of JPEG files (default: crops of the sample pictures)")
    parser.add_argument("--rounds", type=int, default=15)
    arguments = parser.parse_args()
    main(arguments.photos, arguments.rounds)
