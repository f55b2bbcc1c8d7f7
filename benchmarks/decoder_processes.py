"""Compare decoding in threads with decoding in separate processes, in the cascade and in the service.

    python benchmarks/decoder_processes.py [--photos FOLDER] [--rounds 15]

Both ways alternate in each round, so that other load on the machine affects both. Without a folder, the photos are
crops of the sample pictures. The results go to `benchmarks/results/decoder_processes.json`.
"""

from __future__ import annotations

import argparse
import contextlib
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import benchmark_photos
import service_load
import timing

from imagemood.pictures.decoder_processes import DecoderProcesses
from imagemood.prediction.cascade import Cascade

N_PHOTOS = {224: 200, 1024: 60, 4000: 12}
TIMEOUT_S = 60
N_CONNECTIONS, SECONDS = 16, 2.0
THREADS, PROCESSES = "threads", "processes"


def compare_cascades(folder: Path, source: Path | None, n_rounds: int) -> dict[str, Any]:
    """Return the photos per second of a cascade that decodes in threads, and of one that decodes in processes."""
    cascades = {
        THREADS: Cascade.load(device="cpu"),
        PROCESSES: Cascade.load(device="cpu", decode_timeout_s=TIMEOUT_S),
    }
    results = {}
    for side_px, n_photos in N_PHOTOS.items():
        paths = benchmark_photos.make_photos(folder / str(side_px), side_px, n_photos, source)
        candidates = {
            name: lambda cascade=cascade, paths=paths: list(cascade.classify_many(paths))
            for name, cascade in cascades.items()
        }
        rates = timing.rates_alternately(candidates, len(paths), n_rounds=n_rounds)
        timing.print_table(f"{len(paths)} photos of {side_px} pixels", "photos/s", rates, more_is_better=True)
        results[str(side_px)] = timing.as_dicts(rates)
    return results


def compare_services(folder: Path, bodies: list[Path], n_rounds: int) -> dict[str, Any]:
    """Return the photos per second of the service, and its memory, with both ways to decode."""
    with contextlib.ExitStack() as stack:
        rates: dict[str, list[float]] = {THREADS: [], PROCESSES: []}
        ports, processes = {}, {}
        for name, timeout_s in {THREADS: 0, PROCESSES: TIMEOUT_S}.items():
            ports[name] = service_load.free_port()
            options = ["--no-access-log", "--port", str(ports[name]), "--decode-timeout", str(timeout_s)]
            command = [sys.executable, "-m", "imagemood", "serve", *options]
            processes[name] = stack.enter_context(service_load.running(command, ports[name], folder))
        for _ in range(n_rounds):
            for name, port in ports.items():
                address = f"http://127.0.0.1:{port}/model/methods/mood"
                load = service_load.generate_load(address, bodies, connections=N_CONNECTIONS, seconds=SECONDS)
                rates[name].append(load["per_s"])
        spreads = {name: timing.Spread.of(values) for name, values in rates.items()}
        timing.print_table("service, photos of 224 pixels", "photos/s", spreads, more_is_better=True)
        memory = {name: service_load.memory_mb(process) for name, process in processes.items()}
    return {"photos_per_s": timing.as_dicts(spreads), "memory_mb": memory}


def first_decode_s(photo: bytes) -> float:
    """Return the seconds that the first picture takes, for which a process is started."""
    seconds = []
    for _ in range(timing.N_ROUNDS):
        start = time.perf_counter()
        with DecoderProcesses(TIMEOUT_S) as decoders:
            decoders.decode(photo, size_px=224)
            seconds.append(time.perf_counter() - start)
    return min(seconds)


def main(source: Path | None, n_rounds: int) -> None:
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        cascades = compare_cascades(folder, source, n_rounds)
        _, bodies, photos = service_load.prepare_requests(folder, source)
        results = {
            "sides": cascades,
            "service": compare_services(folder, bodies, n_rounds),
            "first_decode_s": first_decode_s(photos[0]),
        }
    timing.save_results("decoder_processes", results)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--photos", type=Path, help="folder of JPEG files (default: crops of the sample pictures)")
    parser.add_argument("--rounds", type=int, default=15)
    arguments = parser.parse_args()
    main(arguments.photos, arguments.rounds)
