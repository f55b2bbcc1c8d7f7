"""Measure how the storage of weights in half precision changes the scores of the tagger.

    python training/export_network.py --full -o FULL
    python training/compare_precision.py FULL/network.onnx PHOTOS

PHOTOS is a folder of photos, of which 2,000 are sampled.
"""

from __future__ import annotations

import argparse
import itertools
import random
from pathlib import Path

import numpy as np

from imagemood.models.tagger import Tagger

N_PHOTOS, N_BATCH = 2000, 8


def main(full: Path, photos: Path) -> None:
    paths = sorted(photos.rglob("*.jpg"))
    random.Random(0).shuffle(paths)  # noqa: S311 (not used for security)
    half_tagger, full_tagger = Tagger.load(), Tagger.load(full)
    differences, same = [], []
    remaining = iter(paths[:N_PHOTOS])
    while batch := list(itertools.islice(remaining, N_BATCH)):
        pixels = np.stack([half_tagger.decode(path.read_bytes(), name=str(path)) for path in batch])
        ours, theirs = half_tagger.predict(pixels).scores, full_tagger.predict(pixels).scores
        differences.append(np.abs(ours - theirs))
        same.append(ours.argmax(axis=1) == theirs.argmax(axis=1))
    difference = np.concatenate(differences)
    print(f"photos               {len(difference)}")
    print(f"same top tag         {np.concatenate(same).mean():.2%}")
    print(f"score difference     mean {difference.mean():.1e}, maximum {difference.max():.1e}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("full", type=Path, help="network in single precision")
    parser.add_argument("photos", type=Path, help="folder of photos")
    options = parser.parse_args()
    main(options.full, options.photos)
