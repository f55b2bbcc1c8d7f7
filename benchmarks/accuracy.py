"""Stratified 5-fold figures of the built-in mood classifiers on labelled photos, in a folder for each mood.

    python benchmarks/accuracy.py PHOTOS

Every photo is tagged once; then each classifier is trained and judged on the same folds. The figures go to
`benchmarks/results/accuracy.json`, from which `make docs` writes a table of README.md and the models' own cards.
`benchmarks/comparison.py` compares them with other algorithms and inputs.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections import Counter
from pathlib import Path

from imagemood.cascade import Cascade
from imagemood.evaluate import cross_validate
from imagemood.labelled_photos import read_photos
from imagemood.tagger import Tagger

RESULTS = Path(__file__).parent / "results" / "accuracy.json"
CONTESTANTS = {
    "Logistic regression on tags (built in, for tag rows)": ["tags"],
    "Logistic regression on embedding + tags (built in, the default)": ["tags", "embedding"],
}


def main(photos: Path) -> None:
    print(f"tagging {photos} …", file=sys.stderr)
    everything = read_photos(photos, Cascade(Tagger.load())).training_set
    counts = Counter(everything.moods)
    tables = {}
    for name, inputs in CONTESTANTS.items():
        start = time.perf_counter()
        tables[name] = cross_validate(everything.select(inputs), "logistic", n_folds=5).to_dict()
        print(f"{name}: {time.perf_counter() - start:.0f} s", file=sys.stderr)
    figures = {
        "n_images": len(everything.moods),
        "largest_class": max(counts.values()) / len(everything.moods),
        "classifiers": tables,
    }
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(json.dumps(figures, indent=1) + "\n")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("photos", type=Path, help="folder with a folder of photos for each mood")
    main(parser.parse_args().photos)
