"""Measure the service under load, alternately with a plain FastAPI application and the official Acumos runner.

    python benchmarks/service_load.py RUNNER_ENVIRONMENT [--photos FOLDER] [--overload-s 60] [--soak 100000]
                                      [--parts tag_rows photos bare memory overload]

RUNNER_ENVIRONMENT is a Python 3.9 environment with the official runner (docs/deployment.md describes how to
create it), which serves bundles of the same models. The plain FastAPI application,
`benchmarks/plain_fastapi.py`, calls the same model once per request. All servers and the load generator,
`benchmarks/load_generator.py`, run on this machine. Without a folder, the photos are crops of the sample
pictures of scikit-image. The results go to `benchmarks/results/service_load.json`; with `--parts`, the others
remain as they are. The tables of docs/service.md are printed in the end, and `make generate` writes them there.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import benchmark_photos
import numpy as np
import psutil
import timing

from imagemood import tables
from imagemood.acumos.dump import BundleOptions, dump
from imagemood.models import model_directory
from imagemood.models.device import cpu_count
from imagemood.prediction.cascade import Cascade
from imagemood.tables.tag_set import TagSet

HERE = Path(__file__).parent
CONNECTIONS = (1, 8, 64)
BARE_CONNECTIONS = (8, 16, 64)
N_ROUNDS, SECONDS, N_PHOTOS = 3, 2.0, 200
N_BARE_ROUNDS = 7
PARTS = ("tag_rows", "photos", "bare", "memory", "overload")
QUEUE = 128  # the default of `imagemood serve --queue`


@contextlib.contextmanager
def running(command: list[Any], port: int, folder: Path) -> Iterator[psutil.Process]:
    """Run a server for the duration of the block."""
    with (
        (folder / f"{port}.log").open("wb") as log,
        subprocess.Popen(command, stdout=log, stderr=log, cwd=folder) as p,
    ):
        try:
            for _ in range(600):
                assert p.poll() is None, (folder / f"{port}.log").read_text()
                if is_ready(port):
                    break
                time.sleep(0.1)
            time.sleep(1)
            yield psutil.Process(p.pid)
        finally:
            p.terminate()


def is_ready(port: int) -> bool:
    """Return whether a server responds, and does not respond that it is starting; not all have this route."""
    try:
        urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=5).close()
    except urllib.error.HTTPError as error:
        return error.code != 503
    except OSError:
        return False
    return True


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def generate_load(address: str, bodies: list[Path], **options: object) -> dict[str, Any]:
    """Run the load generator in a separate process."""
    flags = [part for name, value in options.items() for part in (f"--{name}", str(value))]
    command = [sys.executable, HERE / "load_generator.py", address, *flags, "--body", *bodies]
    results: dict[str, Any] = json.loads(subprocess.run(command, check=True, capture_output=True).stdout)
    return results


def load_alternately(
    servers: dict[str, str], bodies: list[Path], n_connections: int
) -> dict[str, dict[str, float]]:
    """Load the servers alternately, several times, and return the medians."""
    runs_of: dict[str, list[dict[str, Any]]] = {name: [] for name in servers}
    for _ in range(N_ROUNDS):
        for name, address in servers.items():
            runs_of[name].append(generate_load(address, bodies, connections=n_connections, seconds=SECONDS))
    for name, runs in runs_of.items():
        assert all(set(run["answers"]) == {"200"} and not run["lost"] for run in runs), (name, runs)
    return {
        name: {key: statistics.median(run[key] for run in runs) for key in ("per_s", "p50_ms", "p95_ms", "p99_ms")}
        for name, runs in runs_of.items()
    }


def bare_rate(photos: list[bytes]) -> float:
    """Return the photos per second of the cascade alone, on encoded photos in memory."""
    cascade = Cascade.load()
    list(cascade.classify_many(photos[:50]))
    start = time.perf_counter()
    n_done = sum(1 for _ in cascade.classify_many(photos * 4))
    return n_done / (time.perf_counter() - start)


def share_of_bare(address: str, bodies: list[Path], photos: list[bytes]) -> dict[str, dict[str, float]]:
    """Compare the rates of the service and of the cascade alone, by connections.

    The cascade is measured before each run of the service, as the speed of a virtual machine changes in minutes.
    """
    rows: dict[int, list[dict[str, float]]] = {n: [] for n in BARE_CONNECTIONS}
    for _ in range(N_BARE_ROUNDS):
        for n in BARE_CONNECTIONS:
            bare = bare_rate(photos)
            run = generate_load(address, bodies, connections=n, seconds=2 * SECONDS)
            assert set(run["answers"]) == {"200"}, run
            assert not run["lost"], run
            measured = {key: run[key] for key in ("per_s", "p50_ms", "p95_ms", "p99_ms")}
            rows[n].append({**measured, "bare_per_s": bare, "share": run["per_s"] / bare})
    return {str(n): {key: statistics.median(row[key] for row in rows[n]) for key in rows[n][0]} for n in rows}


def memory_mb(process: psutil.Process) -> float:
    return float(sum(p.memory_info().rss for p in [process, *process.children(recursive=True)]) / 1e6)


def soak(process: psutil.Process, address: str, rows: Path, n_requests: int) -> dict[str, float]:
    """Return the memory before the first request and after each tenth of `n_requests`."""
    at_rest = memory_mb(process)
    tenths = []
    for _ in range(10):
        generate_load(address, [rows], connections=8, seconds=600, requests=n_requests // 10)
        tenths.append(memory_mb(process))
    return {"n_requests": n_requests, "at_rest_mb": at_rest, "after_tenths_mb": tenths, "after_mb": tenths[-1]}


def overload(address: str, bodies: list[Path], seconds: float, queue: int) -> dict[str, Any]:
    """Open four times as many connections as the queue and the running batches hold."""
    capacity = queue + 8 * cpu_count()
    results = generate_load(address, bodies, connections=4 * capacity, seconds=seconds)
    answered = sum(results["answers"].values())
    with urllib.request.urlopen(address.rpartition("/model")[0] + "/readyz") as after:  # noqa: S310 (the service under test)
        alive = after.status == 200
    return {**results, "connections": 4 * capacity, "seconds": seconds, "answered": answered, "alive": alive}


def prepare_requests(folder: Path, photos: Path | None) -> tuple[Path, list[Path], list[bytes]]:
    """Write the request bodies: a thousand tag rows of one image, and photos."""
    vocabulary = model_directory.load("tags").vocabulary
    scores = np.random.default_rng(0).dirichlet(np.full(len(vocabulary), 0.05)).astype(np.float32)
    rows = folder / "rows.pb"
    tags = TagSet.from_matrix(scores[np.newaxis], [0], vocabulary, keep_zeros=True)
    rows.write_bytes(tables.encode(tags.table, "protobuf"))
    contents = [
        path.read_bytes() for path in benchmark_photos.make_photos(folder / "photos", 224, N_PHOTOS, photos)
    ]
    return rows, benchmark_photos.write_bodies(folder, contents), contents


@contextlib.contextmanager
def running_servers(environment: Path, folder: Path) -> Iterator[tuple[dict[str, str], psutil.Process]]:
    """Run all servers, and yield their addresses and the process of the service."""
    bundles = {"moods": BundleOptions(), "cascade": BundleOptions(kind="cascade")}
    ports = {name: free_port() for name in ("ours", "plain", *bundles)}
    runner = [environment / "bin" / "acumos_model_runner", "--host", "127.0.0.1", "--port"]
    plain = [sys.executable, "-m", "uvicorn", "--app-dir", HERE, "plain_fastapi:app", "--log-level", "warning"]
    commands: dict[str, list[Any]] = {
        "ours": [sys.executable, "-m", "imagemood", "serve", "--no-access-log", "--port", str(ports["ours"])],
        "plain": [*plain, "--port", str(ports["plain"])],
    }
    for name, options in bundles.items():
        dump(folder / name, options=options)
        commands[name] = [*runner, str(ports[name]), folder / name]
    with contextlib.ExitStack() as stack:
        processes = {
            name: stack.enter_context(running(command, ports[name], folder)) for name, command in commands.items()
        }
        yield {name: f"http://127.0.0.1:{port}" for name, port in ports.items()}, processes["ours"]


def compare_servers(
    addresses: dict[str, str], bodies: list[Path], *, method: str, plain_route: str, bundle: str
) -> dict[str, Any]:
    """Compare the servers for one kind of request, for each number of connections."""
    servers = {
        "ours": f"{addresses['ours']}/model/methods/{method}",
        "plain FastAPI": f"{addresses['plain']}/{plain_route}",
        "official runner": f"{addresses[bundle]}/model/methods/classify",
    }
    return {str(n): load_alternately(servers, bodies, n) for n in CONNECTIONS}


def main(environment: Path, photos: Path | None, overload_s: float, n_soak: int, parts: list[str]) -> None:
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        rows, bodies, contents = prepare_requests(folder, photos)
        with running_servers(environment, folder) as (addresses, process):
            methods = f"{addresses['ours']}/model/methods"
            measure: dict[str, Callable[[], dict[str, Any]]] = {
                "tag_rows": lambda: compare_servers(
                    addresses, [rows], method="classify", plain_route="rows", bundle="moods"
                ),
                "photos": lambda: compare_servers(
                    addresses, bodies, method="mood", plain_route="photo", bundle="cascade"
                ),
                "bare": lambda: share_of_bare(f"{methods}/mood", bodies, contents),
                "memory": lambda: soak(process, f"{methods}/classify", rows, n_soak),
                "overload": lambda: overload(f"{methods}/mood", bodies, overload_s, QUEUE),
            }
            measured = {part: measure[part]() for part in parts}
    file = timing.RESULTS / "service_load.json"
    others = {} if set(parts) == set(PARTS) else json.loads(file.read_text("utf-8"))
    results: dict[str, Any] = {
        "load_generator": "benchmarks/load_generator.py, on the same cores",
        "n_photos": len(contents),
        "photo_kb": statistics.mean(map(len, contents)) / 1e3,
        **{part: measured[part] if part in measured else others[part] for part in PARTS},
    }
    timing.save_results("service_load", results)
    sys.path.append(str(HERE.parent / "scripts"))
    import service_tables

    print(service_tables.load(), service_tables.beside_cascade(), service_tables.endurance(), sep="\n\n")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("environment", type=Path, help="Python 3.9 environment with the official runner")
    parser.add_argument("--photos", type=Path, help="folder of JPEG files (default: crops of the sample pictures)")
    parser.add_argument("--overload-s", type=float, default=60, help="seconds of overload")
    parser.add_argument("--soak", type=int, default=100_000, help="requests of the memory test")
    parser.add_argument("--parts", nargs="+", choices=PARTS, default=PARTS, help="what to measure (default: all)")
    arguments = parser.parse_args()
    main(arguments.environment, arguments.photos, arguments.overload_s, arguments.soak, list(arguments.parts))
