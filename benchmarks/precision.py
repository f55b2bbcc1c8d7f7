"""Measure the speed and accuracy of the network in int8 and in half precision.

    python benchmarks/precision.py PHOTOS

PHOTOS has a subfolder of photos for each mood. The tools of ONNX Runtime quantise the built-in network to int8
(a scale per channel of the weights; activation ranges from photos of the training part) and convert it to half
precision. Accuracy is measured on the development part, which the network was not trained on. The results go to
`benchmarks/results/precision.json`.
"""

from __future__ import annotations

import imagemood  # noqa: F401 (turns off the usage reports of ONNX Runtime, before it is loaded)

# isort: split

import argparse
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import benchmark_photos
import numpy as np
import onnx
import onnxruntime as ort
import timing
from numpy.typing import NDArray
from onnxruntime.quantization import CalibrationDataReader, QuantFormat, QuantType, quantize_static
from onnxruntime.transformers.float16 import convert_float_to_float16
from rich.console import Console
from rich.table import Table

from imagemood import builtin
from imagemood.models import model_directory
from imagemood.models.network import Network
from imagemood.models.tagger import Tagger
from imagemood.prediction.cascade import Cascade

sys.path.append(str(Path(__file__).parent.parent / "training"))
from split import SPLIT, twentieth

N_CALIBRATION, N_TIMED, N_BATCH = 256, 64, 4


class Calibration(CalibrationDataReader):  # type: ignore[misc]
    """Photos whose activations determine the int8 ranges."""

    def __init__(self, pixels: NDArray[np.uint8]) -> None:
        self._batches: Iterator[NDArray[np.uint8]] = iter(np.array_split(pixels, len(pixels) // 8))

    def get_next(self) -> dict[str, NDArray[np.uint8]] | None:
        """Return the next batch, or None at the end."""
        batch = next(self._batches, None)
        return None if batch is None else {"image": batch}


def single_precision(path: Path) -> Path:
    """Write the network with single-precision weights; the original stores them in half precision."""
    options = ort.SessionOptions()
    options.graph_optimization_level = ort.GraphOptimizationLevel.ORT_ENABLE_BASIC
    options.optimized_model_filepath = str(path)
    ort.InferenceSession(builtin.path("network.onnx"), options, providers=["CPUExecutionProvider"])
    return path


def int8(single: Path, pixels: NDArray[np.uint8]) -> bytes:
    """Return the network with quantised weights and activations."""
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
    """Return the network converted to half precision."""
    content: bytes = convert_float_to_float16(onnx.load(single), keep_io_types=True).SerializeToString()
    return content


def evaluate(
    cascade: Cascade, pixels: NDArray[np.uint8], moods: list[str]
) -> tuple[float, NDArray[Any], NDArray[Any]]:
    """Return the accuracy, the probabilities and the index of each top tag."""
    results = list(cascade.classify_many(list(pixels), ("tags",)))
    probabilities = np.stack([result.probabilities for result in results])
    labels = np.asarray(results[0].labels)
    accuracy = float((labels[probabilities.argmax(axis=1)] == moods).mean())
    return accuracy, probabilities, np.stack([result.scores for result in results]).argmax(axis=1)


def network_candidate(tagger: Tagger, pixels: NDArray[np.uint8]) -> Callable[[], object]:
    batches = [pixels[i : i + N_BATCH] for i in range(0, len(pixels), N_BATCH)]
    return lambda: [tagger.predict(batch) for batch in batches]


def convert_network(calibration: NDArray[np.uint8]) -> dict[str, bytes]:
    """Return the network in each precision, by name."""
    with tempfile.TemporaryDirectory() as temporary:
        single = single_precision(Path(temporary) / "single.onnx")
        return {
            "single precision (shipped)": builtin.path("network.onnx").read_bytes(),
            "int8": int8(single, calibration),
            "half precision": half(single),
        }


def compare(
    taggers: dict[str, Tagger], rates: dict[str, timing.Spread], pixels: NDArray[np.uint8], moods: list[str]
) -> dict[str, dict[str, float]]:
    """Return speed and accuracy of each network, and how its predictions differ from those of the first one."""
    classifier = model_directory.load()
    evaluations = {name: evaluate(Cascade(tagger, classifier), pixels, moods) for name, tagger in taggers.items()}
    _, reference, reference_tags = next(iter(evaluations.values()))
    return {
        name: {
            "photos_per_s": rates[name].median,
            "accuracy": accuracy,
            "same_top_mood": float((probabilities.argmax(axis=1) == reference.argmax(axis=1)).mean()),
            "mean_change": float(np.abs(probabilities - reference).mean()),
            "same_top_tag": float((tags == reference_tags).mean()),
        }
        for name, (accuracy, probabilities, tags) in evaluations.items()
    }


def main(folder: Path) -> None:
    paths = sorted(path for path in folder.rglob("*.jpg"))
    part = {path: twentieth(path) for path in paths}
    training = [path for path in paths if part[path] in SPLIT["training"]]
    development = [path for path in paths if part[path] in SPLIT["development"]]
    calibration = benchmark_photos.decode_photos(
        [training[i] for i in np.random.default_rng(0).permutation(len(training))[:N_CALIBRATION]]
    )
    pixels, moods = benchmark_photos.decode_photos(development), [path.parent.name for path in development]
    contents = convert_network(calibration)
    card = Tagger.load(device="cpu").card
    taggers = {name: Tagger(Network(content, name=name), card) for name, content in contents.items()}
    rates = timing.rates_alternately(
        {name: network_candidate(tagger.with_threads(1), pixels[:N_TIMED]) for name, tagger in taggers.items()},
        N_TIMED,
        n_rounds=7,
    )
    timing.print_table("The network alone, one core", "photos/s", rates, more_is_better=True)
    results = compare(taggers, rates, pixels, moods)
    for name, row in results.items():
        row["size_mb"] = len(contents[name]) / 1e6
    table = Table("", *next(iter(results.values())))
    for name, row in results.items():
        table.add_row(name, *(f"{value:.4g}" for value in row.values()))
    Console().print(table)
    timing.save_results(
        "precision",
        {"n_photos": len(development), "one_core_photos_per_s": timing.as_dicts(rates), "networks": results},
    )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("photos", type=Path, help="folder with a subfolder of JPEG files for each mood")
    main(parser.parse_args().photos)
