"""Compare algorithms and inputs on labelled photos, and measure what more photos and more pixels give.

    python training/export_network.py --size lite0 -o PUBLISHED
    python benchmarks/comparison.py PHOTOS --tagger PUBLISHED/network.onnx --work WORK

PHOTOS has a folder of photos for each mood. The tagger is the published network: the built-in one has learned
from these photos, so that what learns from its embedding looks better on them than elsewhere. Finished folds are
kept in WORK, so that the run can be stopped and go on. The figures go to `benchmarks/results/comparison.json`,
from which `make docs` writes the tables of docs/comparison.md. Trees take long to grow on all inputs of all
photos; there they are compared on 4,000 of them.
"""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import asdict, replace
from pathlib import Path

from imagemood.evaluation.comparison import INPUT_SETS, compare
from imagemood.evaluation.journal import Journal
from imagemood.evaluation.learning_curve import learning_curve
from imagemood.evaluation.resolution import resolution_curve
from imagemood.learning import ALGORITHMS, Recipe
from imagemood.learning.labelled_photos import read_photos
from imagemood.models.metadata import INPUTS
from imagemood.models.tagger import Tagger
from imagemood.prediction.cascade import Cascade

RESULTS = Path(__file__).parent / "results" / "comparison.json"
N_SAMPLE = 4000
SIZES = [800, 1600, 3200, 6400, 12800]
OF_ALL_PHOTOS = ["logistic", "svm", "linear-svm", "mlp", "knn"]
FIVE_FOLDS = {"n_folds": 5, "random_state": 0}


def main(photos: Path, tagger: Path, work: Path) -> None:
    work.mkdir(parents=True, exist_ok=True)
    cascade = Cascade(Tagger.load(tagger))
    read = read_photos(photos, cascade, inputs=INPUTS, stored=work / "photos.npz")
    everything = read.training_set
    journal = Journal(work / "folds.jsonl")

    def tell(done: int, total: int) -> None:
        print(f"{done} of {total} folds", file=sys.stderr)

    tables = {
        "tags": (everything, ["rf", *OF_ALL_PHOTOS], [("tags",)]),
        "inputs": (everything, OF_ALL_PHOTOS, INPUT_SETS[:3] + INPUT_SETS[4:]),
        "default": (everything, ["logistic", "mlp", "knn"], INPUT_SETS[3:]),
        "sample": (everything.sample(N_SAMPLE), list(ALGORITHMS), INPUT_SETS[:3] + INPUT_SETS[4:]),
    }
    figures = {
        name: compare(*table, **FIVE_FOLDS, journal=journal, progress=tell).to_dict()
        for name, table in tables.items()
    }
    defaults = everything.select(["tags", "embedding"])
    figures["learning"] = {
        "+".join(part.inputs): [asdict(point) for point in learning_curve(part, Recipe(), sizes=SIZES)]
        for part in (everything.select(["tags"]), defaults)
    }
    print("learning curve done", file=sys.stderr)
    figures["resolution"] = resolution_curve(replace(read, training_set=defaults), cascade, Recipe())
    RESULTS.write_text(json.dumps(figures, indent=1) + "\n")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("photos", type=Path, help="folder with a folder of photos for each mood")
    parser.add_argument("--tagger", type=Path, required=True, help="a network that has not seen the photos")
    parser.add_argument("--work", type=Path, required=True, help="folder that keeps what is finished")
    options = parser.parse_args()
    main(options.photos, options.tagger, options.work)
