"""Make a folder with a part of the training photos and all others, to measure the learning curve of a recipe.

    python training/subset_photos.py PHOTOS --share 0.25 -o SUBSET
    python training/train_network.py SUBSET --views VIEWS --work WORK

The folder has links to the photos of the validation and development parts of `split.SPLIT`, and to a share of
those of the training part, the same for each mood. Larger shares contain the photos of smaller ones.
`train_network.py` evaluates the network on the development part, as with all photos. Train on labels only: soft
targets that were computed from all photos would contain information about the photos that were left out.
"""

from __future__ import annotations

import argparse
import hashlib
import sys
from pathlib import Path

from split import SPLIT, twentieth


def order(path: Path) -> str:
    """Return a key that puts photos into a fixed order that is independent of their names."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def chosen(folder: Path, share: float) -> list[Path]:
    """Return the photos of the smaller folder."""
    paths: list[Path] = []
    for mood in sorted(path for path in folder.iterdir() if path.is_dir()):
        files = sorted(mood.iterdir())
        training = sorted((path for path in files if twentieth(path) in SPLIT["training"]), key=order)
        left_out = set(training[round(len(training) * share) :])
        paths += [path for path in files if path not in left_out]
    return paths


def main(folder: Path, share: float, output: Path) -> None:
    if output.exists():
        sys.exit(f"subset_photos: {output} exists; remove it or choose another")
    for path in chosen(folder, share):
        link = output / path.parent.name / path.name
        link.parent.mkdir(parents=True, exist_ok=True)
        link.symlink_to(path.resolve())


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("photos", type=Path, help="folder with a subfolder of photos for each mood")
    parser.add_argument("--share", type=float, required=True, help="share of the training photos, up to 1")
    parser.add_argument("-o", "--output", type=Path, required=True, help="folder to create")
    options = parser.parse_args()
    main(options.photos, options.share, options.output)
