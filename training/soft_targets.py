"""Estimate a probability of each mood for each photo: the soft targets of `train_network.py`.

    python training/soft_targets.py PHOTOS --work WORK --trained-on split

The labels are noisy, and the moods overlap. A support vector machine on the embeddings of the three published
networks (lite0, lite1, lite2) predicts each training photo by five-fold cross-validation, and a calibration
converts its decision values to probabilities. They are written to `WORK/soft_targets_PART.npz`. Only the photos
that `train_network.py --trained-on PART` trains on are used. WORK keeps the embeddings of all photos. With
`--compare`, the accuracy of each network alone goes to `benchmarks/results/sizes.json`.

With `--pairs`, the decision values for each of `cross_fitting.PAIRS` are written to `WORK/margins.npz` instead,
for `train_on_gpu.py`: those for the photos of two folds come from a machine that was trained on the other three.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

import numpy as np
import published
import torch
from cross_fitting import PAIRS
from joblib import Parallel, delayed
from numpy.typing import NDArray
from pausing import wait_while
from photos import Photos, read
from sklearn.decomposition import PCA
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import f1_score, log_loss
from sklearn.model_selection import StratifiedKFold, cross_val_predict
from sklearn.svm import SVC
from split import trained_on

from imagemood.finetuning.network import SIZES, normalise

N_COMPONENTS = (256, 384)  # for the embedding of one network, and of all three
SIZES_RESULTS = Path(__file__).parent.parent / "benchmarks" / "results" / "sizes.json"


@torch.no_grad()
def embed(photos: Photos, size: str, file: Path) -> NDArray[np.float32]:
    """Return the square roots of the embedding of a published network, normalised to sum 1, (n, 1280)."""
    if file.is_file():
        return np.load(file)
    network = published.load(size).eval().to(memory_format=torch.channels_last)
    parts = []
    for start in range(0, len(photos), 32):
        wait_while(file.with_name("PAUSE"))
        image = normalise(torch.from_numpy(photos.pixels(slice(start, start + 32)))).bfloat16()
        shared = network.shared(image.contiguous(memory_format=torch.channels_last))
        parts.append(network.tag_features(shared).float().mean(dim=(2, 3)).numpy())
    embedding = np.maximum(np.concatenate(parts), 0)
    embedding = np.sqrt(embedding / embedding.sum(axis=1, keepdims=True))
    np.save(file, embedding)
    print(file, file=sys.stderr)
    return embedding


def main(folder: Path, work: Path, name: str, *, compare: bool) -> None:
    work.mkdir(parents=True, exist_ok=True)
    photos = read(folder)
    chosen = np.isin(photos.twentieths, trained_on(name))
    moods = photos.moods[chosen]
    features = {size: embed(photos, size, work / f"embedding_{size}.npy")[chosen] for size in SIZES}
    features["all"] = np.concatenate(list(features.values()), axis=1)
    results = {}
    for part, columns in features.items():
        if part != "all" and not compare:
            continue
        components = PCA(N_COMPONENTS[part == "all"], random_state=0).fit_transform(columns)
        components /= components[:, 0].std()
        margins = _cross_validated(SVC(C=3), components, moods, "decision_function", seed=0)
        predicted = margins.argmax(axis=1)
        results[part] = {
            "accuracy": float(np.mean(predicted == moods)),
            "macro_f1": float(f1_score(moods, predicted, average="macro")),
        }
        print(part, results[part], flush=True)
    if compare:
        SIZES_RESULTS.write_text(json.dumps(results, indent=1) + "\n")
    shares = _cross_validated(LogisticRegression(max_iter=500), margins, moods, "predict_proba", seed=1)
    print(f"log loss {log_loss(moods, shares):.3f}")
    file = work / f"soft_targets_{name}.npz"
    np.savez(file, names=photos.names[chosen], shares=shares.astype(np.float32))


def write_pairs(folder: Path, work: Path) -> None:
    """Predict the photos of each pair of folds from the others, and write the decision values to WORK."""
    work.mkdir(parents=True, exist_ok=True)
    photos = read(folder)
    columns = np.concatenate([embed(photos, size, work / f"embedding_{size}.npy") for size in SIZES], axis=1)

    def predict(pair: str) -> NDArray[np.float32]:
        is_learned = np.isin(photos.twentieths, trained_on(pair))
        projection = PCA(min(N_COMPONENTS[1], is_learned.sum()), random_state=0).fit(columns[is_learned])
        components = projection.transform(columns)
        components /= components[is_learned, 0].std()
        machine = SVC(C=3).fit(components[is_learned], photos.moods[is_learned])
        margins = np.full((len(photos), len(photos.labels)), np.nan, dtype=np.float32)
        margins[~is_learned] = machine.decision_function(components[~is_learned])
        return margins

    found = Parallel(n_jobs=-1)(delayed(predict)(pair) for pair in PAIRS)
    np.savez_compressed(work / "margins.npz", names=photos.names, **dict(zip(PAIRS, found, strict=True)))


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
    parser.add_argument("--work", type=Path, required=True, help="folder for the embeddings and the soft targets")
    parser.add_argument("--trained-on", default="split", help="'split', 'none' or the number of a fold")
    parser.add_argument("--compare", action="store_true", help="also evaluate each network alone")
    parser.add_argument("--pairs", action="store_true", help="write predictions for each pair of folds instead")
    options = parser.parse_args()
    if options.pairs:
        write_pairs(options.photos, options.work)
    else:
        main(options.photos, options.work, options.trained_on, compare=options.compare)
