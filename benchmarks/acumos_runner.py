"""Time the task of the 2018 program: training, and requests to the official Acumos runner that serves the model.

    python benchmarks/acumos_runner.py RUNNER_ENVIRONMENT

RUNNER_ENVIRONMENT is a Python 3.9 environment with the official runner; docs/deployment.md describes how to create
it. 806 images of the example training set, filled up to 1000 tag rows each, represent the 806 images of 2018. The
results go to `benchmarks/results/acumos_runner.json`.
"""

from __future__ import annotations

import argparse
import json
import socket
import statistics
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path

import numpy as np

from imagemood import tables
from imagemood.acumos.dump import dump
from imagemood.evaluation.grid_search import grid_search
from imagemood.evaluation.hold_out import hold_out
from imagemood.learning import Recipe, TrainingSet, train
from imagemood.learning.augmentation import add_soft_noise
from imagemood.models.model_directory import load
from imagemood.models.tagger import Tagger
from imagemood.tables.tag_set import TagSet

RESULTS = Path(__file__).parent / "results" / "acumos_runner.json"
N_IMAGES, N_REQUESTS = 806, 200
PROTOBUF = "application/vnd.google.protobuf"
MODEL_TIME = """
import sys, time, statistics
sys.path.insert(0, sys.argv[1])
import imagemood_runner as runner
classify = runner.make_row_classifier()
tags = runner._read_json(sys.argv[1], "metadata.json")["vocabulary"]
rows = runner.ImageTagSet([runner.ImageTag(0, tag, 0.001) for tag in tags])
seconds = []
for _ in range(200):
    start = time.perf_counter()
    classify(rows)
    seconds.append(time.perf_counter() - start)
print(statistics.median(seconds))
"""


def timed(function: Callable[[], object]) -> float:
    start = time.perf_counter()
    function()
    return time.perf_counter() - start


def complete_tags(training_set: TrainingSet) -> TrainingSet:
    """Return 806 images with a score for each of the 1000 tags, as the 2018 tagger produced them."""
    chosen = training_set.take(np.random.default_rng(0).choice(len(training_set.moods), N_IMAGES, replace=False))
    vocabulary = Tagger.load().labels
    tags = np.zeros((N_IMAGES, len(vocabulary)), dtype=np.float32)
    tags[:, [vocabulary.index(tag) for tag in chosen.vocabulary]] = chosen.tags
    return TrainingSet(add_soft_noise(tags, 0.001), vocabulary, chosen.moods)


def request_times(environment: Path, bundle_dir: Path, body: bytes) -> list[float]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [environment / "bin" / "acumos_model_runner", "--host", "127.0.0.1", "--port", str(port), bundle_dir]
    headers = {"Content-Type": PROTOBUF, "Accept": PROTOBUF}
    request = urllib.request.Request(f"http://127.0.0.1:{port}/model/methods/classify", data=body, headers=headers)

    def send() -> bytes:
        with urllib.request.urlopen(request) as response:  # noqa: S310 (a runner on this machine)
            content: bytes = response.read()
            return content

    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as runner:
        try:
            for _ in range(200):
                try:
                    send()
                    break
                except urllib.error.URLError:
                    time.sleep(0.1)
            return [timed(send) for _ in range(N_REQUESTS)]
        finally:
            runner.terminate()


def prediction_times(environment: Path, bundle_dir: Path, tags: TagSet) -> dict[str, float]:
    """Return the milliseconds of a request to the runner, of the model in it, and of the model in imagemood."""
    seconds = request_times(environment, bundle_dir, tables.encode(tags.table, "protobuf"))
    scripts = bundle_dir / "model" / "scripts" / "user_provided"
    command = [environment / "bin" / "python", "-c", MODEL_TIME, scripts]
    model_s = float(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    classifier = load(bundle_dir).with_threads(1)
    imagemood_s = statistics.median(timed(lambda: classifier.predict_rows(tags)) for _ in range(N_REQUESTS))
    return {
        "request_ms": 1000 * statistics.median(seconds),
        "request_p95_ms": 1000 * statistics.quantiles(seconds, n=20)[-1],
        "model_ms": 1000 * model_s,
        "imagemood_ms": 1000 * imagemood_s,
    }


def main(environment: Path) -> None:
    training_set = complete_tags(TrainingSet.example())
    tags = TagSet.from_matrix(training_set.tags, range(N_IMAGES), training_set.vocabulary)
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        tables.write(tags, folder / "features.csv")
        reading_s = timed(lambda: tables.read(folder / "features.csv").to_matrix(training_set.vocabulary))
        training_s = timed(lambda: train(training_set, "rf").write(folder / "model"))
        report_s = timed(lambda: hold_out(training_set, "rf"))
        grid_s = timed(lambda: grid_search(training_set, Recipe("rf")))
        dump(folder / "bundle", model=folder / "model")
        one = TagSet.from_matrix(training_set.tags[:1], [0], training_set.vocabulary)
        results = {
            "n_images": N_IMAGES,
            "n_tag_rows": len(tags),
            "reading_s": reading_s,
            "training_s": training_s,
            "report_s": report_s,
            "grid_s": grid_s,
            "bundle_mb": (folder / "bundle" / "model.zip").stat().st_size / 1e6,
            **prediction_times(environment, folder / "bundle", one),
        }
    RESULTS.write_text(json.dumps(results, indent=1) + "\n")
    print(json.dumps(results, indent=1))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("environment", type=Path, help="Python 3.9 environment with the official runner")
    main(parser.parse_args().environment)
