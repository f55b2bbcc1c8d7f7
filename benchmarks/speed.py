"""How fast the cascade is, next to what one would run instead, alternately in one run.

    python benchmarks/speed.py [--photos FOLDER]

Without a folder, 2,000 JPEG files of 224×224 pixels are cut from scikit-image's sample photos. Each figure is the
median of several runs. They go to `benchmarks/results/speed.json`.
"""

from __future__ import annotations

import argparse
import json
import platform
import random
import statistics
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import onnxruntime as ort
import PIL.Image

from imagemood import builtin, samples
from imagemood.cascade import Cascade
from imagemood.learn import TrainingSet, train
from imagemood.network import n_cores
from imagemood.tags import TagSet

RESULTS = Path(__file__).parent / "results" / "speed.json"
N_PHOTOS, N_BATCH, N_ROUNDS = 2000, 8, 5


def alternately(contestants: dict[str, Callable[[], object]], *, n_calls: int = 1) -> dict[str, float]:
    """Median seconds of a call of each, measured in turns so that a busy machine harms all alike."""
    seconds: dict[str, list[float]] = {name: [] for name in contestants}
    for function in contestants.values():
        function()
    for _ in range(N_ROUNDS):
        for name, function in contestants.items():
            start = time.perf_counter()
            for _ in range(n_calls):
                function()
            seconds[name].append((time.perf_counter() - start) / n_calls)
    return {name: statistics.median(values) for name, values in seconds.items()}


def cut_photos(folder: Path) -> None:
    """Cut 224-pixel photos out of the sample pictures, seeded."""
    dice = random.Random(0)  # noqa: S311 (which part of a picture is cut is no secret)
    pictures = [PIL.Image.open(sample.path).convert("RGB") for sample in samples.all_samples()]
    for i in range(N_PHOTOS):
        picture = pictures[i % len(pictures)]
        side = dice.randint(224, min(picture.size))
        left, top = dice.randint(0, picture.width - side), dice.randint(0, picture.height - side)
        cut = picture.crop((left, top, left + side, top + side)).resize((224, 224))
        cut.save(folder / f"{i:04d}.jpg", quality=75)


def bare_session(n_threads: int) -> ort.InferenceSession:
    options = ort.SessionOptions()
    options.intra_op_num_threads = n_threads
    return ort.InferenceSession(builtin.path("network.onnx"), options, providers=["CPUExecutionProvider"])


def photos(folder: Path) -> dict[str, float]:
    """Pictures per second: the whole cascade from files, and the bare session on decoded pictures."""
    paths = sorted(folder.rglob("*.jpg"))[:N_PHOTOS]
    cascade = Cascade.load()
    pixels = np.stack([np.asarray(PIL.Image.open(path).convert("RGB").resize((224, 224))) for path in paths])
    batches = [pixels[i : i + N_BATCH] for i in range(0, len(pixels), N_BATCH)]
    all_cores, one_core = bare_session(n_cores()), bare_session(1)

    def side_by_side() -> None:
        with ThreadPoolExecutor(n_cores()) as pool:
            list(pool.map(lambda batch: one_core.run(None, {"image": batch}), batches))

    seconds = alternately(
        {
            "imagemood": lambda: list(cascade.classify_many(paths)),
            "bare": lambda: [all_cores.run(None, {"image": batch}) for batch in batches],
            "bare side by side": side_by_side,
        }
    )
    rates = {name: len(paths) / value for name, value in seconds.items()}
    single = alternately(
        {
            "imagemood": lambda: cascade.classify(paths[0]),
            "bare": lambda: all_cores.run(None, {"image": pixels[:1]}),
        },
        n_calls=50,
    )
    return {
        "n_photos": len(paths),
        "images_per_s": rates["imagemood"],
        "bare_images_per_s": rates["bare"],
        "bare_side_by_side_images_per_s": rates["bare side by side"],
        "share_of_bare": rates["imagemood"] / max(rates["bare"], rates["bare side by side"]),
        "one_photo_ms": 1000 * single["imagemood"],
        "one_photo_bare_ms": 1000 * single["bare"],
    }


def tag_rows() -> dict[str, float]:
    """Seconds from 806 images × 1000 tag rows to a matrix, and from one image's rows to its moods."""
    labels = json.loads(builtin.path("network.json").read_text(encoding="utf-8"))["labels"]
    scores = np.random.default_rng(0).dirichlet(np.full(len(labels), 0.05), size=806)
    images = np.repeat(np.arange(806), len(labels)).tolist()
    tags = TagSet.from_rows(images, labels * 806, scores.ravel())
    rows = tags.table.to_pylist()

    def plain_loop() -> np.ndarray:
        matrix = np.zeros((806, len(labels)), dtype=np.float32)
        place = {label: i for i, label in enumerate(labels)}
        for row in rows:
            matrix[row["image"], place[row["tag"]]] += row["score"]
        return matrix

    seconds = alternately({"imagemood": lambda: tags.to_matrix(labels), "loop": plain_loop})
    return {"matrix_s": seconds["imagemood"], "matrix_loop_s": seconds["loop"]}


def forest() -> dict[str, float]:
    """Milliseconds from 1000 tag rows of one image to its moods with a 300-tree forest learned on 806 images."""
    chosen = TrainingSet.example().take(np.random.default_rng(0).choice(1600, 806, replace=False))
    start = time.perf_counter()
    trained = train(chosen, "rf")
    training_s = time.perf_counter() - start
    scores = np.random.default_rng(1).dirichlet(np.full(len(chosen.vocabulary), 0.05)).astype(np.float32)
    one = TagSet.from_matrix(scores[np.newaxis], [0], chosen.vocabulary)
    classifier = trained.classifier().with_threads(1)
    seconds = alternately(
        {
            "imagemood": lambda: classifier.predict_rows(one),
            "scikit-learn": lambda: trained.estimator.predict_proba(one.to_matrix(chosen.vocabulary).values),
        },
        n_calls=20,
    )
    return {
        "n_tag_rows": len(one),
        "training_s": training_s,
        "prediction_ms": 1000 * seconds["imagemood"],
        "scikit_learn_ms": 1000 * seconds["scikit-learn"],
    }


def main(folder: Path | None) -> None:
    with tempfile.TemporaryDirectory() as made:
        if folder is None:
            cut_photos(Path(made))
        figures = {
            "machine": {"processor": platform.machine(), "cores": n_cores(), "onnxruntime": ort.__version__},
            "photos": photos(folder or Path(made)),
            "tag_rows": tag_rows(),
            "forest": forest(),
        }
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(json.dumps(figures, indent=1) + "\n")
    print(json.dumps(figures, indent=1))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--photos", type=Path, help="folder of JPEG files to measure on")
    main(parser.parse_args().photos)
