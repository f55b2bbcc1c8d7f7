"""How the service does under load, next to what one would run instead, alternately in one run.

    python benchmarks/serve.py RUNNER_ENVIRONMENT [--photos FOLDER] [--overload-s 60] [--soak 100000]

RUNNER_ENVIRONMENT is a Python 3.9 environment with the official runner, as docs/deployment.md makes it; it serves
our bundles. The plain handler is a FastAPI route that calls the same model once for each request. All run on this
machine, and so does the load generator, `benchmarks/load.py`. Without a folder, the photos are cut from
scikit-image's sample pictures. Figures go to `benchmarks/results/serve.json`.
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
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import contest
import numpy as np
import psutil

import pictures
from imagemood import tables
from imagemood.acumos.dump import BundleOptions, dump
from imagemood.models import model_directory
from imagemood.models.network import n_cores
from imagemood.prediction.cascade import Cascade
from imagemood.tables.messages_pb2 import Image
from imagemood.tables.tag_set import TagSet

HERE = Path(__file__).parent
CONNECTIONS = (1, 8, 64)
N_ROUNDS, SECONDS, N_PHOTOS = 3, 2.0, 200
PLAIN = """
from fastapi import FastAPI, Request, Response
from imagemood import bundle, formats
from imagemood.prediction.cascade import Cascade
from imagemood.tables.formats import _decode_protobuf
from imagemood.tables.messages_pb2 import Image, ImageTag, ImageTagSet
from imagemood.tables.tag_set import TagSet

app, classifier, cascade = FastAPI(), bundle.load("tags"), Cascade.load()

@app.post("/rows")
async def rows(request: Request) -> Response:
    tags = TagSet(_decode_protobuf(await request.body(), "request"))
    answer = classifier.predict_rows(tags).rows
    return Response(formats.encode(answer.table, "protobuf"), media_type="application/vnd.google.protobuf")

@app.post("/photo")
async def photo(request: Request) -> Response:
    moods = cascade.classify(Image.FromString(await request.body()).image_binary).moods
    rows = [ImageTag(image=0, tag=mood, score=p) for mood, p in moods.items()]
    return Response(ImageTagSet(ImageTags=rows).SerializeToString(), media_type="application/vnd.google.protobuf")
"""


@contextlib.contextmanager
def running(command: list[Any], port: int, folder: Path) -> Iterator[psutil.Process]:
    """Run a server until the block ends."""
    with (
        (folder / f"{port}.log").open("wb") as log,
        subprocess.Popen(command, stdout=log, stderr=log, cwd=folder) as p,
    ):
        try:
            for _ in range(600):
                assert p.poll() is None, (folder / f"{port}.log").read_text()
                with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
                    break
                time.sleep(0.1)
            time.sleep(1)
            yield psutil.Process(p.pid)
        finally:
            p.terminate()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def load(address: str, bodies: list[Path], **options: object) -> dict[str, Any]:
    """Run the load generator in a process of its own."""
    flags = [part for name, value in options.items() for part in (f"--{name}", str(value))]
    command = [sys.executable, HERE / "load.py", address, *flags, "--body", *bodies]
    figures: dict[str, Any] = json.loads(subprocess.run(command, check=True, capture_output=True).stdout)
    return figures


def in_turns(contestants: dict[str, str], bodies: list[Path], n_connections: int) -> dict[str, dict[str, float]]:
    """Load each server in turn, several times; give the medians."""
    found: dict[str, list[dict[str, Any]]] = {name: [] for name in contestants}
    for _ in range(N_ROUNDS):
        for name, address in contestants.items():
            found[name].append(load(address, bodies, connections=n_connections, seconds=SECONDS))
    for name, runs in found.items():
        assert all(set(run["answers"]) == {"200"} and not run["lost"] for run in runs), (name, runs)
    return {
        name: {key: statistics.median(run[key] for run in runs) for key in ("per_s", "p50_ms", "p95_ms", "p99_ms")}
        for name, runs in found.items()
    }


def bare_rate(photos: list[bytes]) -> float:
    """Photos per second of the cascade alone, on contents in memory."""
    cascade = Cascade.load()
    list(cascade.classify_many(photos[:50]))
    start = time.perf_counter()
    n_done = sum(1 for _ in cascade.classify_many(photos * 4))
    return n_done / (time.perf_counter() - start)


def share_of_bare(address: str, bodies: list[Path], photos: list[bytes]) -> dict[str, float]:
    """Compare the service's rate with the bare cascade's, in turns, each having the machine for itself."""
    bare, served = [], []
    for _ in range(N_ROUNDS):
        bare.append(bare_rate(photos))
        served.append(load(address, bodies, connections=16, seconds=2 * SECONDS)["per_s"])
    return {
        "bare_per_s": statistics.median(bare),
        "served_per_s": statistics.median(served),
        "share": statistics.median(s / b for s, b in zip(served, bare, strict=True)),
    }


def memory_mb(process: psutil.Process) -> float:
    return float(sum(p.memory_info().rss for p in [process, *process.children(recursive=True)]) / 1e6)


def soak(process: psutil.Process, address: str, rows: Path, n_requests: int) -> dict[str, float]:
    """Memory at rest, and after so many requests, tenth by tenth."""
    at_rest = memory_mb(process)
    tenths = []
    for _ in range(10):
        load(address, [rows], connections=8, seconds=600, requests=n_requests // 10)
        tenths.append(memory_mb(process))
    return {"n_requests": n_requests, "at_rest_mb": at_rest, "after_tenths_mb": tenths, "after_mb": tenths[-1]}


def overload(address: str, bodies: list[Path], seconds: float, queue: int) -> dict[str, Any]:
    """Ask of the service four times what it can have in hand: queue and batches under way, times four."""
    in_hand = queue + 8 * n_cores()
    figures = load(address, bodies, connections=4 * in_hand, seconds=seconds)
    answered = sum(figures["answers"].values())
    with urllib.request.urlopen(address.rpartition("/model")[0] + "/readyz") as after:  # noqa: S310 (our own)
        alive = after.status == 200
    return {**figures, "connections": 4 * in_hand, "seconds": seconds, "answered": answered, "alive": alive}


def prepare(folder: Path, given: Path | None) -> tuple[Path, list[Path], list[bytes]]:
    """Write the requests: a thousand tag rows of one image, and photos."""
    vocabulary = model_directory.load("tags").vocabulary
    scores = np.random.default_rng(0).dirichlet(np.full(len(vocabulary), 0.05)).astype(np.float32)
    rows = folder / "rows.pb"
    tags = TagSet.from_matrix(scores[np.newaxis], [0], vocabulary, keep_zeros=True)
    rows.write_bytes(tables.encode(tags.table, "protobuf"))
    contents = [path.read_bytes() for path in pictures.make(folder / "photos", 224, N_PHOTOS, given)]
    bodies = [folder / f"{i}.pb" for i in range(len(contents))]
    for body, content in zip(bodies, contents, strict=True):
        body.write_bytes(Image(mime_type="image/jpeg", image_binary=content).SerializeToString())
    return rows, bodies, contents


def main(environment: Path, photos: Path | None, overload_s: float, n_soak: int) -> None:
    with tempfile.TemporaryDirectory() as made, contextlib.ExitStack() as stack:
        folder = Path(made)
        rows, bodies, contents = prepare(folder, photos)
        dump(folder / "moods")
        dump(folder / "cascade", options=BundleOptions(kind="cascade"))
        (folder / "plain.py").write_text(PLAIN)
        at = {name: free_port() for name in ("ours", "plain", "moods", "cascade")}
        runner = [environment / "bin" / "acumos_model_runner", "--host", "127.0.0.1", "--port"]
        ours = [sys.executable, "-m", "imagemood", "serve", "--no-access-log", "--port", str(at["ours"])]
        plain = [sys.executable, "-m", "uvicorn", "plain:app", "--port", str(at["plain"])]
        process = stack.enter_context(running(ours, at["ours"], folder))
        stack.enter_context(running([*plain, "--log-level", "warning"], at["plain"], folder))
        for kind in ("moods", "cascade"):
            stack.enter_context(running([*runner, str(at[kind]), folder / kind], at[kind], folder))
        base = {name: f"http://127.0.0.1:{port}" for name, port in at.items()}
        methods = {name: f"{address}/model/methods" for name, address in base.items()}
        figures: dict[str, Any] = {
            "load_generator": "benchmarks/load.py, on the same cores",
            "n_photos": len(contents),
            "photo_kb": statistics.mean(map(len, contents)) / 1e3,
        }
        contests = {
            "tag_rows": ([rows], "classify", "rows", "moods"),
            "photos": (bodies, "mood", "photo", "cascade"),
        }
        for job, (requests, method, route, kind) in contests.items():
            servers = {
                "ours": f"{methods['ours']}/{method}",
                "plain FastAPI": f"{base['plain']}/{route}",
                "official runner": f"{methods[kind]}/classify",
            }
            figures[job] = {str(n): in_turns(servers, requests, n) for n in CONNECTIONS}
        figures["bare"] = share_of_bare(f"{methods['ours']}/mood", bodies, contents)
        figures["memory"] = soak(process, f"{methods['ours']}/classify", rows, n_soak)
        figures["overload"] = overload(f"{methods['ours']}/mood", bodies, overload_s, 128)
    contest.keep("serve", figures)
    print(json.dumps(figures, indent=1))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("environment", type=Path, help="Python 3.9 environment with the official runner")
    parser.add_argument("--photos", type=Path, help="folder of JPEG files to measure on")
    parser.add_argument("--overload-s", type=float, default=60)
    parser.add_argument("--soak", type=int, default=100_000)
    given = parser.parse_args()
    main(given.environment, given.photos, given.overload_s, given.soak)
