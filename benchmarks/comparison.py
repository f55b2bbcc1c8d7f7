"""Compare algorithms and inputs on labelled photos, and measure the effect of more photos and of resolution.

    python training/export_network.py --size lite0 -o PUBLISHED
    python benchmarks/comparison.py PHOTOS --tagger PUBLISHED/network.onnx --work WORK

PHOTOS has a subfolder of photos for each mood. The tagger is the published network, because the built-in network
was trained on these photos: classifiers that use its embedding would score better on them than on other photos.
WORK keeps the finished folds, so that an interrupted run can resume. The results go to
`benchmarks/results/comparison.json`, from which `make generate` writes the tables of docs/comparison.md. Tree
ensembles train slowly on all inputs of all photos; they are compared on a sample of 4,000 photos.
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
from imagemood.learning.labelled_pictures import read_labelled_pictures
from imagemood.models.metadata import INPUTS
from imagemood.models.tagger import Tagger
from imagemood.prediction.cascade import Cascade

RESULTS = Path(__file__).parent / "results" / "comparison.json"
N_SAMPLE = 4000
SIZES = [800, 1600, 3200, 6400, 12800]
ON_ALL_PHOTOS = ["logistic", "svm", "linear-svm", "mlp", "knn"]
FIVE_FOLDS = {"n_folds": 5, "random_state": 0}


def main(photos: Path, tagger: Path, work: Path) -> None:
    work.mkdir(parents=True, exist_ok=True)
    cascade = Cascade(Tagger.load(tagger))
    labelled = read_labelled_pictures(photos, cascade, inputs=INPUTS, cache=work / "photos.npz")
    training_set = labelled.training_set
    journal = Journal(work / "folds.jsonl")

    def report_progress(done: int, total: int) -> None:
        print(f"{done} of {total} folds", file=sys.stderr)

    tables = {
        "tags": (training_set, ["rf", *ON_ALL_PHOTOS], [("tags",)]),
        "inputs": (training_set, ON_ALL_PHOTOS, INPUT_SETS[:3] + INPUT_SETS[4:]),
        "default": (training_set, ["logistic", "mlp", "knn"], INPUT_SETS[3:]),
        "sample": (training_set.sample(N_SAMPLE), list(ALGORITHMS), INPUT_SETS[:3] + INPUT_SETS[4:]),
    }
    results = {
        name: compare(*table, **FIVE_FOLDS, journal=journal, progress=report_progress).to_dict()
        for name, table in tables.items()
    }
    defaults = training_set.select(["tags", "embedding"])
    results["learning"] = {
        "+".join(part.inputs): [
            asdict(point) for point in learning_curve(part, Recipe(), sizes=SIZES, journal=journal)
        ]
        for part in (training_set.select(["tags"]), defaults)
    }
    print("learning curve finished", file=sys.stderr)
    results["resolution"] = resolution_curve(replace(labelled, training_set=defaults), cascade, Recipe())
    RESULTS.write_text(json.dumps(results, indent=1) + "\n")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("photos", type=Path, help="folder with a subfolder of photos for each mood")
    parser.add_argument("--tagger", type=Path, required=True, help="network that was not trained on the photos")
    parser.add_argument("--work", type=Path, required=True, help="folder for finished folds and stored features")
    options = parser.parse_args()
    main(options.photos, options.tagger, options.work)
