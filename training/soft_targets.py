"""Say how a photo's mood could also be taken: soft targets for `train_network.py`.

    python training/soft_targets.py PHOTOS -o soft_targets.npz

The labels are noisy and overlap. Here, support vector machines on what the three published networks (lite0, lite1,
lite2) see of the training photos are asked about photos they have not learned from, five folds in turn, and their
answers are brought to probabilities. What each network alone allows goes to `benchmarks/results/sizes.json`.
Photos outside the training part are not looked at.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import numpy as np
import torch
from network import SIZES, MoodNetwork, normalise
from numpy.typing import NDArray
from photos import Photos, read
from sklearn.decomposition import PCA
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import f1_score, log_loss
from sklearn.model_selection import StratifiedKFold, cross_val_predict
from sklearn.svm import SVC

N_COMPONENTS = (256, 384)  # of one network's embedding, and of all three
SIZES_RESULTS = Path(__file__).parent.parent / "benchmarks" / "results" / "sizes.json"


@torch.no_grad()
def embed(photos: Photos, size: str) -> NDArray[np.float32]:
    """Give the square roots of the shares of a published network's embedding, (n, 1280)."""
    network = MoodNetwork(size).eval().to(memory_format=torch.channels_last)
    parts = []
    for start in range(0, len(photos), 32):
        image = normalise(torch.from_numpy(photos.pixels[start : start + 32])).bfloat16()
        parts.append(network.begin(image.contiguous(memory_format=torch.channels_last)).embedding.numpy())
    embedding = np.maximum(np.concatenate(parts), 0)
    return np.sqrt(embedding / embedding.sum(axis=1, keepdims=True))


def main(folder: Path, output: Path) -> None:
    photos = read(folder, "training")
    features = {size: embed(photos, size) for size in SIZES}
    features["all"] = np.concatenate(list(features.values()), axis=1)
    figures = {}
    for name, columns in features.items():
        components = PCA(N_COMPONENTS[name == "all"], random_state=0).fit_transform(columns)
        components /= components[:, 0].std()
        margins = _answers(SVC(C=3), components, photos.moods, "decision_function", seed=0)
        guess = margins.argmax(axis=1)
        figures[name] = {
            "accuracy": float(np.mean(guess == photos.moods)),
            "macro_f1": float(f1_score(photos.moods, guess, average="macro")),
        }
        print(name, figures[name], flush=True)
    SIZES_RESULTS.write_text(json.dumps(figures, indent=1) + "\n")
    shares = _answers(LogisticRegression(max_iter=500), margins, photos.moods, "predict_proba", seed=1)
    print(f"log loss {log_loss(photos.moods, shares):.3f}")
    names = np.array([f"{path.parent.name}/{path.name}" for path in photos.paths])
    np.savez(output, names=names, shares=shares.astype(np.float32))


def _answers(
    estimator: SVC | LogisticRegression,
    given: NDArray[np.float32],
    moods: NDArray[np.intp],
    method: str,
    *,
    seed: int,
) -> NDArray[np.float64]:
    folds = StratifiedKFold(5, shuffle=True, random_state=seed)
    answers: NDArray[np.float64] = cross_val_predict(estimator, given, moods, cv=folds, method=method, n_jobs=-1)
    return answers


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("photos", type=Path, help="folder with a folder of photos for each mood")
    parser.add_argument("-o", "--output", type=Path, required=True, help="file to write")
    options = parser.parse_args()
    main(options.photos, options.output)
