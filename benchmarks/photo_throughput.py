"""Pictures a second from JPEG files of three sizes, next to the other ways to run the same weights.

    python benchmarks/photos.py [--photos FOLDER]

Needs what `benchmarks/requirements.txt` names. Without a folder, photos are cut from the sample pictures. Figures
go to `benchmarks/results/photos.json`.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import contest
import eager
import numpy as np
import onnxruntime as ort
import PIL.Image
from numpy.typing import NDArray

import pictures
from imagemood import builtin
from imagemood.models.network import n_cores
from imagemood.prediction.cascade import Cascade

N_PHOTOS = {224: 400, 1024: 80, 4000: 12}
BARE_BATCHES = (1, 2, 4, 8, 16)


def session(n_threads: int | None = None) -> ort.InferenceSession:
    options = ort.SessionOptions()
    if n_threads is not None:
        options.intra_op_num_threads = n_threads
    return ort.InferenceSession(builtin.path("network.onnx"), options, providers=["CPUExecutionProvider"])


def decode(path: Path) -> NDArray[np.uint8]:
    """Decode as one does without a thought: all of it, then down to size."""
    return np.asarray(PIL.Image.open(path).convert("RGB").resize((224, 224), PIL.Image.Resampling.BICUBIC))


def plain(paths: list[Path]) -> Callable[[], object]:
    """ONNX Runtime as its documentation shows it: default options, one picture at a time."""
    network = session()
    return lambda: [network.run(None, {"image": decode(path)[np.newaxis]}) for path in paths]


def bare(pixels: NDArray[np.uint8]) -> Callable[[], object]:
    """Run the session alone, on decoded pictures, in the quickest of the ways that a short search finds."""
    all_cores, one_core = session(n_cores()), session(1)
    pool = ThreadPoolExecutor(n_cores())

    def way(n_batch: int, *, side_by_side: bool) -> Callable[[], object]:
        batches = [pixels[i : i + n_batch] for i in range(0, len(pixels), n_batch)]
        if side_by_side:
            return lambda: list(pool.map(lambda batch: one_core.run(None, {"image": batch}), batches))
        return lambda: [all_cores.run(None, {"image": batch}) for batch in batches]

    ways = {
        f"{n_batch} {side}": way(n_batch, side_by_side=side) for n_batch in BARE_BATCHES for side in (True, False)
    }
    seconds = contest.in_turns(ways, n_rounds=3)
    return ways[min(seconds, key=lambda name: seconds[name].median)]


def side(cascade: Cascade, folder: Path, side_px: int, source: Path | None) -> dict[str, Any]:
    """Measure photos of one size."""
    paths = pictures.make(folder / str(side_px), side_px, N_PHOTOS[side_px], source)
    pixels = np.stack([decode(path) for path in paths])
    rates = contest.rates_in_turns(
        {
            "imagemood": lambda: list(cascade.classify_many(paths)),
            "timm, PyTorch eager": eager.contestant(paths),
            "ONNX Runtime and Pillow": plain(paths),
            "bare session, decoded pictures": bare(pixels),
        },
        len(paths),
    )
    contest.show(f"{len(paths)} photos of {side_px} pixels", "photos/s", rates, more_is_better=True)
    return {
        "n_photos": len(paths),
        "mb_per_file": sum(path.stat().st_size for path in paths) / len(paths) / 1e6,
        "photos_per_s": contest.named(rates),
        "reduced_scale": reduced_scale(cascade, paths, pixels),
    }


def reduced_scale(cascade: Cascade, paths: list[Path], pixels: NDArray[np.uint8]) -> dict[str, float]:
    """Change of the answer by decoding at reduced scale."""
    ours = pictures.decoded(paths)
    answers, whole = (
        np.stack([result.probabilities for result in cascade.classify_many(list(each))]) for each in (ours, pixels)
    )
    change = np.abs(answers - whole)
    return {
        "mean_change": float(change.mean()),
        "largest_change": float(change.max()),
        "same_top_mood": float((answers.argmax(axis=1) == whole.argmax(axis=1)).mean()),
    }


def main(source: Path | None) -> None:
    cascade = Cascade.load(device="cpu")
    with tempfile.TemporaryDirectory() as made:
        sides = {str(side_px): side(cascade, Path(made), side_px, source) for side_px in N_PHOTOS}
    contest.keep("photos", {"torch": eager.version(), "sides": sides})


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--photos", type=Path, help="folder of JPEG files to measure on")
    main(parser.parse_args().photos)
