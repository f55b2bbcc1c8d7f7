"""What masked copies and soft noise in training do when all tags arrive, and when only the strongest do.

    python training/export_network.py --size lite0 -o PUBLISHED
    python benchmarks/robustness.py PHOTOS --tagger PUBLISHED/network.onnx

PHOTOS has a folder of photos for each mood, which the tagger has not learned from; 4,000 of them are drawn, a
stratified fifth is kept from training. The
figures go to `benchmarks/results/robustness.json`, from which `make docs` writes the table of docs/robustness.md.
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
from imagemood.learning.labelled_photos import read_photos
from imagemood.models.tagger import Tagger
from imagemood.prediction.cascade import Cascade

RESULTS = Path(__file__).parent / "results" / "robustness.json"
N_PHOTOS = 4000
ARRIVE = {"all 1000": None, "top 30": 30, "top 10": 10}
TRAINED_ON = {
    "tags as they are": Augmentation(),
    "masked copies": Augmentation(CLASSIC_FRACTIONS),
    "soft noise": Augmentation(noise=CLASSIC_NOISE),
    "masked copies and soft noise": Augmentation(CLASSIC_FRACTIONS, CLASSIC_NOISE),
}


def strongest(tags: np.ndarray, n_top: int | None) -> np.ndarray:
    """Keep the strongest tags of each image."""
    if n_top is None:
        return tags
    lowest_kept = -np.sort(-tags, axis=1)[:, n_top - 1 : n_top]
    return np.where(tags >= lowest_kept, tags, np.float32(0))


def judge(learned: TrainingSet, kept: TrainingSet, recipe: Recipe) -> dict[str, dict[str, float]]:
    classifier = train(learned, recipe).classifier()
    figures = {}
    for name, n_top in ARRIVE.items():
        answers = classifier.predict(strongest(kept.tags, n_top))
        moods = np.array(classifier.labels)[answers.argmax(axis=1)]
        figures[name] = {
            "accuracy": float(accuracy_score(kept.moods, moods)),
            "macro_f1": float(f1_score(kept.moods, moods, average="macro")),
        }
    return figures


def main(photos: Path, tagger: Path) -> None:
    everything = read_photos(photos, Cascade(Tagger.load(tagger)), inputs=["tags"]).training_set
    places = np.arange(len(everything.moods))
    drawn, _ = train_test_split(places, train_size=N_PHOTOS, stratify=everything.moods, random_state=0)
    moods = [everything.moods[i] for i in drawn]
    learned, kept = train_test_split(drawn, test_size=0.2, stratify=moods, random_state=0)
    figures: dict[str, dict[str, dict[str, dict[str, float]]]] = {}
    for algorithm in ("rf", "logistic"):
        figures[algorithm] = {}
        for name, augmentation in TRAINED_ON.items():
            recipe = Recipe(algorithm, augmentation=augmentation)
            figures[algorithm][name] = judge(everything.take(learned), everything.take(kept), recipe)
            print(algorithm, name, figures[algorithm][name], file=sys.stderr)
    RESULTS.parent.mkdir(exist_ok=True)
    content = {"n_learned": len(learned), "n_kept": len(kept), "algorithms": figures}
    RESULTS.write_text(json.dumps(content, indent=1) + "\n")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("photos", type=Path, help="folder with a folder of photos for each mood")
    parser.add_argument("--tagger", type=Path, required=True, help="a network that has not seen the photos")
    options = parser.parse_args()
    main(options.photos, options.tagger)
