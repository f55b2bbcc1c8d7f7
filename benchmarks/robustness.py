"""Measure the effect of masked copies and soft noise in training.

    python benchmarks/robustness.py PHOTOS

PHOTOS has a subfolder of photos for each mood. Only the photos of the validation part (see `training/split.py`)
are used, on which the built-in tagger was not trained. The results go to `benchmarks/results/robustness.json`;
`make generate` writes the tables of docs/robustness.md from it.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from sklearn.metrics import accuracy_score, f1_score
from sklearn.model_selection import train_test_split

from imagemood.evaluation.fold import predict_proba, split_folds
from imagemood.learning import Recipe, TrainingSet, fit
from imagemood.learning.augmentation import CLASSIC_FRACTIONS, CLASSIC_NOISE, Augmentation
from imagemood.learning.labelled_pictures import read_labelled_pictures
from imagemood.models.tagger import Tagger
from imagemood.prediction.cascade import Cascade

sys.path.insert(0, str(Path(__file__).parent.parent / "training"))
from split import SPLIT, twentieth

RESULTS = Path(__file__).parent / "results" / "robustness.json"
AVAILABLE_TAGS = {"all 1000": 1000, "top 30": 30, "top 10": 10}
AUGMENTATIONS = {
    "unmodified tags": Augmentation(),
    "masked copies": Augmentation(CLASSIC_FRACTIONS),
    "soft noise": Augmentation(noise=CLASSIC_NOISE),
    "masked copies and soft noise": Augmentation(CLASSIC_FRACTIONS, CLASSIC_NOISE),
}
N_IMAGES = 806  # as in the training set of the 2018 program
N_FOLDS, N_REPETITIONS, N_TREES = 5, 2, 100


def keep_top(images: TrainingSet, n_top: int) -> TrainingSet:
    """Set all but the `n_top` highest scores of each image to zero."""
    order = np.argsort(-images.tags, axis=1, kind="stable")[:, :n_top]
    tags = np.zeros_like(images.tags)
    np.put_along_axis(tags, order, np.take_along_axis(images.tags, order, axis=1), axis=1)
    return TrainingSet(tags, images.vocabulary, images.moods)


def classic_noise(images: TrainingSet, seed: int) -> TrainingSet:
    """Add the soft noise of the 2018 program, to all missing tags."""
    upper_bound = CLASSIC_NOISE * images.tags[images.tags > 0].mean()
    noise = np.random.default_rng(seed).random(images.tags.shape, dtype=np.float32) * upper_bound
    return TrainingSet(np.where(images.tags > 0, images.tags, noise), images.vocabulary, images.moods)


def predicted_moods(training: TrainingSet, recipe: Recipe, *test_sets: TrainingSet) -> Iterator[np.ndarray]:
    estimator = fit(training, recipe)
    for test_set in test_sets:
        yield estimator.classes_[predict_proba(estimator, test_set).argmax(axis=1)]


def augmentations(images: TrainingSet) -> dict[str, object]:
    """Train on all tags of four fifths of the images, and predict the others from all and from the top tags."""
    parts = train_test_split(np.arange(len(images.moods)), test_size=0.2, stratify=images.moods, random_state=0)
    training, held_out = (images.take(part) for part in parts)
    test_sets = [keep_top(held_out, n_top) for n_top in AVAILABLE_TAGS.values()]
    results: dict[str, dict[str, dict[str, dict[str, float]]]] = {}
    for algorithm in ("rf", "logistic"):
        results[algorithm] = {}
        for name, augmentation in AUGMENTATIONS.items():
            recipe = Recipe(algorithm, augmentation=augmentation)
            results[algorithm][name] = {
                available: {
                    "accuracy": float(accuracy_score(held_out.moods, moods)),
                    "macro_f1": float(f1_score(held_out.moods, moods, average="macro")),
                }
                for available, moods in zip(
                    AVAILABLE_TAGS, predicted_moods(training, recipe, *test_sets), strict=True
                )
            }
            print(algorithm, name, results[algorithm][name], file=sys.stderr)
    return {"n_training": len(training.moods), "n_held_out": len(held_out.moods), "algorithms": results}


def numbers_of_tags(images: TrainingSet) -> dict[str, object]:
    """Train and predict with the same number of tags, and predict from all tags, with and without soft noise."""
    images = images.sample(N_IMAGES)
    results = {}
    for n_top in (10, 30, 100, 1000):
        few = keep_top(images, n_top)
        without = _cross_validate(few, images, Augmentation())
        results[str(n_top)] = {"without": without, "with": without, "2018": without}
        if not few.tags.all():  # or there would be no missing tags, and no noise
            results[str(n_top)]["with"] = _cross_validate(few, images, Augmentation(noise=CLASSIC_NOISE))
            results[str(n_top)]["2018"] = _cross_validate(few, images, None)
        print(n_top, results[str(n_top)], file=sys.stderr)
    return {"n_images": N_IMAGES, "n_folds": N_FOLDS, "n_repetitions": N_REPETITIONS, "tags": results}


def _cross_validate(few: TrainingSet, images: TrainingSet, augmentation: Augmentation | None) -> dict[str, float]:
    """Return the accuracy for as many tags as in training, and for all; without augmentation, as in 2018."""
    n_correct = np.zeros(2)
    for seed in range(N_REPETITIONS):
        recipe = Recipe("rf", {"n_estimators": N_TREES}, augmentation or Augmentation(), seed)
        for train_index, test_index in split_folds(images.moods, n_folds=N_FOLDS, random_state=seed):
            training = few.take(train_index)
            test_sets = [few.take(test_index), images.take(test_index)]
            if augmentation is None:
                training = classic_noise(training, seed)
                test_sets = [classic_noise(test_set, N_REPETITIONS + seed) for test_set in test_sets]
            for i, moods in enumerate(predicted_moods(training, recipe, *test_sets)):
                n_correct[i] += np.count_nonzero(moods == np.array(test_sets[i].moods))
    same, every = (n_correct / (N_REPETITIONS * len(images.moods))).tolist()
    return {"same": same, "all": every}


def main(photos: Path) -> None:
    with tempfile.TemporaryDirectory() as folder:
        for photo in photos.glob("*/*"):
            if twentieth(photo) in SPLIT["validation"]:
                link = Path(folder, photo.parent.name, photo.name)
                link.parent.mkdir(exist_ok=True)
                link.symlink_to(photo.resolve())
        images = read_labelled_pictures(folder, Cascade(Tagger.load()), inputs=["tags"]).training_set
    results = augmentations(images) | {"numbers_of_tags": numbers_of_tags(images)}
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(json.dumps(results, indent=1) + "\n")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("photos", type=Path, help="folder with a subfolder of photos for each mood")
    main(parser.parse_args().photos)
