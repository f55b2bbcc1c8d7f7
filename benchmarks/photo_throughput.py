"""Compare the pictures per second from JPEG files of three sizes with other programs that run the same weights.

    python benchmarks/photo_throughput.py [--photos FOLDER]

Requires the packages of `benchmarks/requirements.txt`. Without a folder, the photos are crops of the sample
pictures. The results go to `benchmarks/results/photo_throughput.json`.
"""

from __future__ import annotations

import imagemood  # noqa: F401 (turns off the usage reports of ONNX Runtime, before it is loaded)

# isort: split

import argparse
import tempfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import benchmark_photos
import numpy as np
import onnxruntime as ort
import PIL.Image
import timing
import timm_network
from numpy.typing import NDArray

from imagemood import builtin
from imagemood.models.device import cpu_count
from imagemood.prediction.cascade import Cascade

N_PHOTOS = {224: 400, 1024: 80, 4000: 12}
BATCH_SIZES = (1, 2, 4, 8, 16)


def session(n_threads: int | None = None) -> ort.InferenceSession:
    options = ort.SessionOptions()
    if n_threads is not None:
        options.intra_op_num_threads = n_threads
    return ort.InferenceSession(builtin.path("network.onnx"), options, providers=["CPUExecutionProvider"])


def decode(path: Path) -> NDArray[np.uint8]:
    """Decode the whole picture and resize it, the obvious implementation."""
    return np.asarray(PIL.Image.open(path).convert("RGB").resize((224, 224), PIL.Image.Resampling.BICUBIC))


def onnx_runtime(paths: list[Path]) -> Callable[[], object]:
    """Return a candidate that uses ONNX Runtime as documented: default options, one picture at a time."""
    network = session()
    return lambda: [network.run(None, {"image": decode(path)[np.newaxis]}) for path in paths]


def session_only(pixels: NDArray[np.uint8]) -> Callable[[], object]:
    """Return a candidate that runs the session on decoded pictures, with the fastest batches and threads found."""
    all_cores, one_core = session(cpu_count()), session(1)
    pool = ThreadPoolExecutor(cpu_count())

    def candidate(n_batch: int, *, parallel: bool) -> Callable[[], object]:
        batches = [pixels[i : i + n_batch] for i in range(0, len(pixels), n_batch)]
        if parallel:
            return lambda: list(pool.map(lambda batch: one_core.run(None, {"image": batch}), batches))
        return lambda: [all_cores.run(None, {"image": batch}) for batch in batches]

    candidates = {
        f"{n_batch} {parallel}": candidate(n_batch, parallel=parallel)
        for n_batch in BATCH_SIZES
        for parallel in (True, False)
    }
    seconds = timing.time_alternately(candidates, n_rounds=3)
    return candidates[min(seconds, key=lambda name: seconds[name].median)]


def measure_size(cascade: Cascade, folder: Path, side_px: int, source: Path | None) -> dict[str, Any]:
    """Compare the candidates on photos of one size."""
    paths = benchmark_photos.make_photos(folder / str(side_px), side_px, N_PHOTOS[side_px], source)
    pixels = np.stack([decode(path) for path in paths])
    rates = timing.rates_alternately(
        {
            "imagemood": lambda: list(cascade.classify_many(paths)),
            "timm, PyTorch eager": timm_network.make_candidate(paths),
            "ONNX Runtime and Pillow": onnx_runtime(paths),
            "session only, decoded pictures": session_only(pixels),
        },
        len(paths),
    )
    timing.print_table(f"{len(paths)} photos of {side_px} pixels", "photos/s", rates, more_is_better=True)
    return {
        "n_photos": len(paths),
        "mb_per_file": sum(path.stat().st_size for path in paths) / len(paths) / 1e6,
        "photos_per_s": timing.as_dicts(rates),
        "reduced_scale": reduced_scale(cascade, paths, pixels),
    }


def reduced_scale(cascade: Cascade, paths: list[Path], pixels: NDArray[np.uint8]) -> dict[str, float]:
    """Return how decoding at a reduced scale changes the predicted moods."""
    ours = benchmark_photos.decode_photos(paths)
    reduced, full = (
        np.stack([result.probabilities for result in cascade.classify_many(list(photos))])
        for photos in (ours, pixels)
    )
    change = np.abs(reduced - full)
    return {
        "mean_change": float(change.mean()),
        "largest_change": float(change.max()),
        "same_top_mood": float((reduced.argmax(axis=1) == full.argmax(axis=1)).mean()),
    }


def main(source: Path | None) -> None:
    cascade = Cascade.load(device="cpu")
    with tempfile.TemporaryDirectory() as temporary:
        sides = {str(side_px): measure_size(cascade, Path(temporary), side_px, source) for side_px in N_PHOTOS}
    timing.save_results("photo_throughput", {"torch": timm_network.versions(), "sides": sides})


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--photos", type=Path, help="folder of JPEG files (default: crops of the sample pictures)")
    main(parser.parse_args().photos)
