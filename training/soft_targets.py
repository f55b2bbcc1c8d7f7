"""Estimate a probability of each mood for each photo: the soft targets of `train_network.py`.

    python training/soft_targets.py PHOTOS -o soft_targets.npz

The labels are noisy, and the moods overlap. Support vector machines on the embeddings of the three published
networks (lite0, lite1, lite2) predict each training photo by five-fold cross-validation, and a calibration
converts their decision values to probabilities. The accuracy of each network alone goes to
`benchmarks/results/sizes.json`. Photos outside the training part are not used.
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

N_COMPONENTS = (256, 384)  # for the embedding of one network, and of all three
SIZES_RESULTS = Path(__file__).parent.parent / "benchmarks" / "results" / "sizes.json"


@torch.no_grad()
def embed(photos: Photos, size: str) -> NDArray[np.float32]:
    """Return the square roots of the embedding of a published network, normalised to sum 1, (n, 1280)."""
    network = MoodNetwork(size).eval().to(memory_format=torch.channels_last)
    parts = []
    for start in range(0, len(photos), 32):
        image = normalise(torch.from_numpy(photos.pixels[start : start + 32])).bfloat16()
        parts.append(
            network.frozen_features(image.contiguous(memory_format=torch.channels_last)).embedding.numpy()
        )
    embedding = np.maximum(np.concatenate(parts), 0)
    return np.sqrt(embedding / embedding.sum(axis=1, keepdims=True))


def main(folder: Path, output: Path) -> None:
    photos = read(folder, "training")
    features = {size: embed(photos, size) for size in SIZES}
    features["all"] = np.concatenate(list(features.values()), axis=1)
    results = {}
    for name, columns in features.items():
        components = PCA(N_COMPONENTS[name == "all"], random_state=0).fit_transform(columns)
        components /= components[:, 0].std()
        margins = _cross_validated(SVC(C=3), components, photos.moods, "decision_function", seed=0)
        predicted = margins.argmax(axis=1)
        results[name] = {
            "accuracy": float(np.mean(predicted == photos.moods)),
            "macro_f1": float(f1_score(photos.moods, predicted, average="macro")),
        }
        print(name, results[name], flush=True)
    SIZES_RESULTS.write_text(json.dumps(results, indent=1) + "\n")
    shares = _cross_validated(LogisticRegression(max_iter=500), margins, photos.moods, "predict_proba", seed=1)
    print(f"log loss {log_loss(photos.moods, shares):.3f}")
    names = np.array([f"{path.parent.name}/{path.name}" for path in photos.paths])
    np.savez(output, names=names, shares=shares.astype(np.float32))


def _cross_validated(
    estimator: SVC | LogisticRegression,
    features: NDArray[np.float32],
    moods: NDArray[np.intp],
    method: str,
    *,
    seed: int,
) -> NDArray[np.float64]:
    folds = StratifiedKFold(5, shuffle=True, random_state=seed)
    predictions: NDArray[np.float64] = cross_val_predict(
        estimator, features, moods, cv=folds, method=method, n_jobs=-1
    )
    return predictions


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("photos", type=Path, help="folder with a subfolder of photos for each mood")
    parser.add_argument("-o", "--output", type=Path, required=True, help="file to write the soft targets to")
    options = parser.parse_args()
    main(options.photos, options.output)
