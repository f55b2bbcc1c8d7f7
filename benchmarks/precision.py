"""What int8 and half precision would gain, and what accuracy they would cost.

    python benchmarks/precision.py PHOTOS

PHOTOS is a folder of labelled photos, a folder for each mood. The built-in network is quantised to int8 (a scale
for each channel of the weights; ranges of activations from photos that it has learned from) and converted to half
precision, by the tools of ONNX Runtime. Accuracy is on the photos of the development part, which the network has
not learned from. Figures go to `benchmarks/results/precision.json`.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import contest
import numpy as np
import onnx
import onnxruntime as ort
from numpy.typing import NDArray
from onnxruntime.quantization import CalibrationDataReader, QuantFormat, QuantType, quantize_static
from onnxruntime.transformers.float16 import convert_float_to_float16
from rich.console import Console
from rich.table import Table

import pictures
from imagemood import builtin
from imagemood.models import model_directory
from imagemood.models.network import Network
from imagemood.models.tagger import Tagger
from imagemood.prediction.cascade import Cascade

sys.path.append(str(Path(__file__).parent.parent / "training"))
from split import SPLIT, twentieth

N_CALIBRATION, N_TIMED, N_BATCH = 256, 64, 4


class Calibration(CalibrationDataReader):  # type: ignore[misc]
    """Photos by whose activations the ranges of int8 are chosen."""

    def __init__(self, pixels: NDArray[np.uint8]) -> None:
        self._batches: Iterator[NDArray[np.uint8]] = iter(np.array_split(pixels, len(pixels) // 8))

    def get_next(self) -> dict[str, NDArray[np.uint8]] | None:
        """Give the next few, or None."""
        batch = next(self._batches, None)
        return None if batch is None else {"image": batch}


def plain(path: Path) -> Path:
    """Write the network with its weights, which are stored in half precision, as single-precision constants."""
    options = ort.SessionOptions()
    options.graph_optimization_level = ort.GraphOptimizationLevel.ORT_ENABLE_BASIC
    options.optimized_model_filepath = str(path)
    ort.InferenceSession(builtin.path("network.onnx"), options, providers=["CPUExecutionProvider"])
    return path


def int8(single: Path, pixels: NDArray[np.uint8]) -> bytes:
    """Quantise weights and activations."""
    path = single.with_name("int8.onnx")
    quantize_static(
        single,
        path,
        Calibration(pixels),
        quant_format=QuantFormat.QDQ,
        per_channel=True,
        activation_type=QuantType.QUInt8,
        weight_type=QuantType.QInt8,
        op_types_to_quantize=["Conv", "Add", "Clip"],
    )
    return path.read_bytes()


def half(single: Path) -> bytes:
    """Compute in half precision."""
    content: bytes = convert_float_to_float16(onnx.load(single), keep_io_types=True).SerializeToString()
    return content


def judge(
    cascade: Cascade, pixels: NDArray[np.uint8], moods: list[str]
) -> tuple[float, NDArray[Any], NDArray[Any]]:
    """Accuracy, probabilities and strongest tags."""
    results = list(cascade.classify_many(list(pixels)))
    probabilities = np.stack([result.probabilities for result in results])
    labels = np.asarray(results[0].labels)
    accuracy = float((labels[probabilities.argmax(axis=1)] == moods).mean())
    return accuracy, probabilities, np.stack([result.scores for result in results]).argmax(axis=1)


def main(folder: Path) -> None:
    paths = sorted(path for path in folder.rglob("*.jpg"))
    part = {path: twentieth(path) for path in paths}
    learned = [path for path in paths if part[path] in SPLIT["training"]]
    kept = [path for path in paths if part[path] in SPLIT["development"]]
    calibration = pictures.decoded(
        [learned[i] for i in np.random.default_rng(0).permutation(len(learned))[:N_CALIBRATION]]
    )
    pixels, moods = pictures.decoded(kept), [path.parent.name for path in kept]
    shipped, classifier = Tagger.load(device="cpu"), model_directory.load()
    with tempfile.TemporaryDirectory() as made:
        single = plain(Path(made) / "single.onnx")
        contents = {
            "single precision (shipped)": builtin.path("network.onnx").read_bytes(),
            "int8": int8(single, calibration),
            "half precision": half(single),
        }
    cascades, ways = {}, {}
    for name, content in contents.items():
        tagger = Tagger(Network(content, name=name), shipped.card)
        cascades[name] = Cascade(tagger, classifier)
        ways[name] = timed(tagger.with_threads(1), pixels[:N_TIMED])
    rates = contest.rates_in_turns(ways, N_TIMED, n_rounds=7)
    contest.show("The network alone, one core", "photos/s", rates, more_is_better=True)
    judged = {name: judge(cascade, pixels, moods) for name, cascade in cascades.items()}
    _, exact, exact_tags = next(iter(judged.values()))
    figures = {
        name: {
            "photos_per_s": rates[name].median,
            "accuracy": accuracy,
            "same_top_mood": float((probabilities.argmax(axis=1) == exact.argmax(axis=1)).mean()),
            "mean_change": float(np.abs(probabilities - exact).mean()),
            "same_top_tag": float((tags == exact_tags).mean()),
            "size_mb": len(contents[name]) / 1e6,
        }
        for name, (accuracy, probabilities, tags) in judged.items()
    }
    table = Table("", *next(iter(figures.values())))
    for name, row in figures.items():
        table.add_row(name, *(f"{value:.4g}" for value in row.values()))
    Console().print(table)
    contest.keep(
        "precision", {"n_photos": len(kept), "one_core_photos_per_s": contest.named(rates), "networks": figures}
    )


def timed(tagger: Tagger, pixels: NDArray[np.uint8]) -> Callable[[], object]:
    batches = [pixels[i : i + N_BATCH] for i in range(0, len(pixels), N_BATCH)]
    return lambda: [tagger.predict(batch) for batch in batches]


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("photos", type=Path, help="folder with a folder of JPEG files for each mood")
    main(parser.parse_args().photos)
