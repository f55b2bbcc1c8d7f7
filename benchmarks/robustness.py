"""Measure the effect of masked copies and soft noise in training, for complete tags and for the top tags only.

    python training/export_network.py --size lite0 -o PUBLISHED
    python benchmarks/robustness.py PHOTOS --tagger PUBLISHED/network.onnx

PHOTOS has a subfolder of photos for each mood, on which the tagger was not trained. Of a sample of 4,000 photos, a
stratified fifth is held out. The results go to `benchmarks/results/robustness.json`, from which `make docs` writes
the table of docs/robustness.md.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

import numpy as np
from sklearn.metrics import accuracy_score, f1_score
from sklearn.model_selection import train_test_split

from imagemood.learning import Recipe, TrainingSet, train
from imagemood.learning.augmentation import CLASSIC_FRACTIONS, CLASSIC_NOISE, Augmentation
from imagemood.learning.labelled_pictures import read_labelled_pictures
from imagemood.models.tagger import Tagger
from imagemood.prediction.cascade import Cascade

RESULTS = Path(__file__).parent / "results" / "robustness.json"
N_PHOTOS = 4000
AVAILABLE_TAGS = {"all 1000": None, "top 30": 30, "top 10": 10}
AUGMENTATIONS = {
    "unmodified tags": Augmentation(),
    "masked copies": Augmentation(CLASSIC_FRACTIONS),
    "soft noise": Augmentation(noise=CLASSIC_NOISE),
    "masked copies and soft noise": Augmentation(CLASSIC_FRACTIONS, CLASSIC_NOISE),
}


def keep_top(tags: np.ndarray, n_top: int | None) -> np.ndarray:
    """Set all but the `n_top` highest scores of each image to zero."""
    if n_top is None:
        return tags
    lowest_kept = -np.sort(-tags, axis=1)[:, n_top - 1 : n_top]
    return np.where(tags >= lowest_kept, tags, np.float32(0))


def evaluate(training: TrainingSet, held_out: TrainingSet, recipe: Recipe) -> dict[str, dict[str, float]]:
    classifier = train(training, recipe).classifier()
    results = {}
    for name, n_top in AVAILABLE_TAGS.items():
        probabilities = classifier.predict(keep_top(held_out.tags, n_top))
        moods = np.array(classifier.labels)[probabilities.argmax(axis=1)]
        results[name] = {
            "accuracy": float(accuracy_score(held_out.moods, moods)),
            "macro_f1": float(f1_score(held_out.moods, moods, average="macro")),
        }
    return results


def main(photos: Path, tagger: Path) -> None:
    labelled = read_labelled_pictures(photos, Cascade(Tagger.load(tagger)), inputs=["tags"]).training_set
    indices = np.arange(len(labelled.moods))
    sample, _ = train_test_split(indices, train_size=N_PHOTOS, stratify=labelled.moods, random_state=0)
    moods = [labelled.moods[i] for i in sample]
    training, held_out = train_test_split(sample, test_size=0.2, stratify=moods, random_state=0)
    results: dict[str, dict[str, dict[str, dict[str, float]]]] = {}
    for algorithm in ("rf", "logistic"):
        results[algorithm] = {}
        for name, augmentation in AUGMENTATIONS.items():
            recipe = Recipe(algorithm, augmentation=augmentation)
            results[algorithm][name] = evaluate(labelled.take(training), labelled.take(held_out), recipe)
            print(algorithm, name, results[algorithm][name], file=sys.stderr)
    RESULTS.parent.mkdir(exist_ok=True)
    content = {"n_training": len(training), "n_held_out": len(held_out), "algorithms": results}
    RESULTS.write_text(json.dumps(content, indent=1) + "\n")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("photos", type=Path, help="folder with a subfolder of photos for each mood")
    parser.add_argument("--tagger", type=Path, required=True, help="network that was not trained on the photos")
    options = parser.parse_args()
    main(options.photos, options.tagger)
