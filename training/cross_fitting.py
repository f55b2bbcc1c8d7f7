"""Teachers that estimate the moods of photos that they were not trained on, and their use for students.

Labels are noisy, and the moods overlap. A student is therefore trained on the labels and on the predictions of a
teacher that sees the same view of a photo (L. Beyer et al., "Knowledge distillation: a good teacher is patient and
consistent", CVPR 2022). For each pair of folds, a larger network is trained on the other three folds. It is the
teacher, for the photos of one fold of the pair, of the student that is evaluated on the other fold, so that
nothing depends on the photos that a student is evaluated on. The student that is trained on all photos has all
teachers alternately.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np
import torch
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from split import FOLDS, held_out, trained_on
from torch import Tensor
from torch.nn import functional

from imagemood.finetuning.decoded_photos import DecodedPhotos
from imagemood.finetuning.network import Convolution, MoodNetwork, normalise
from imagemood.finetuning.training import N_PREDICTED, Training, predict

PAIRS = tuple("".join(map(str, pair)) for pair in combinations(range(len(FOLDS)), 2))
"""The teachers, named after the two folds that they were not trained on."""


def teachers_of(name: str) -> list[str]:
    """Return the teachers of a student, which is named after the fold that it is not trained on, or "none"."""
    return [pair for pair in PAIRS if name == "none" or name in pair]


@dataclass(frozen=True, eq=False)
class Labelled:
    """Photos on a device, with what the trainings need to know about them.

    Attributes
    ----------
    pixels : Tensor of shape (n, 224, 224, 3), uint8
        The decoded photos.
    moods : ndarray of shape (n,), intp
        The labels.
    twentieths : ndarray of shape (n,), intp
        Part of the photos that each one belongs to, see `split`.
    margins : dict
        For each of `PAIRS`, other predictions for the photos of both folds: (n, n_moods), NaN elsewhere.
    """

    pixels: Tensor
    moods: NDArray[np.intp]
    twentieths: NDArray[np.intp]
    margins: dict[str, NDArray[np.float32]]

    @property
    def folds(self) -> NDArray[np.intp]:
        """The fold of each photo."""
        return self.twentieths // len(FOLDS[0])

    def learned(self, name: str) -> NDArray[np.intp]:
        """Return the indices of the photos to train on, see `split.trained_on`."""
        return np.flatnonzero(np.isin(self.twentieths, trained_on(name)))

    def held_out(self, name: str) -> NDArray[np.intp]:
        """Return the indices of the other photos."""
        return np.flatnonzero(np.isin(self.twentieths, held_out(name)))


def fold_weights(network: MoodNetwork) -> MoodNetwork:
    """Prepare a network for fast predictions: no normalisations, and convolutions in bfloat16."""
    for module in network.modules():
        if isinstance(module, Convolution):
            module.fold()
            module.bfloat16()
    return network.eval()


def predict_at(
    size_px: int, network: MoodNetwork, photos: Labelled, indices: NDArray[np.intp]
) -> NDArray[np.float32]:
    """Return the logits of unchanged photos at a resolution, (n, n_moods)."""

    def features(batch: NDArray[np.intp]) -> Tensor:
        image = normalise(photos.pixels[torch.from_numpy(batch).to(photos.pixels.device)])
        if size_px != image.shape[-1]:
            image = functional.interpolate(image, (size_px, size_px), mode="bilinear")
        return _features(network, image)

    # All batches have the same size, because cuDNN chooses its algorithms for each new size, which takes seconds.
    padded = np.resize(indices, -(-len(indices) // N_PREDICTED) * N_PREDICTED)
    return predict(network, features, padded)[: len(indices)]


def _features(network: MoodNetwork, image: Tensor) -> Tensor:
    return network.shared(image.bfloat16().contiguous(memory_format=torch.channels_last))


class Teachers:
    """The teachers of one student.

    A logistic regression combines the logits of a teacher with the other predictions for the same photo. It is
    fitted to the labels of the photos that the student is trained on; the teachers were not trained on these.

    Parameters
    ----------
    name : str
        Photos that the student is trained on: "none", or the number of a fold.
    networks : dict
        The network of each teacher, see `teachers_of`.
    photos : Labelled
        All photos.
    size_px : int
        Resolution of the teachers.
    """

    def __init__(self, name: str, networks: dict[str, MoodNetwork], photos: Labelled, size_px: int) -> None:
        self.photos, self.networks, self.size_px = photos, networks, size_px
        features, moods = [], []
        for pair, network in self.networks.items():
            indices = np.setdiff1d(photos.held_out(pair), photos.held_out(name))
            logits = predict_at(size_px, network, photos, indices)
            features.append(np.concatenate([logits, *self._margins(pair, indices)], axis=1))
            moods.append(photos.moods[indices])
        combined = LogisticRegression(C=1.0, max_iter=1000).fit(np.concatenate(features), np.concatenate(moods))
        self.accuracy = float(combined.score(np.concatenate(features), np.concatenate(moods)))
        device = photos.pixels.device
        self.weight = torch.from_numpy(combined.coef_).float().to(device)
        self.bias = torch.from_numpy(combined.intercept_).float().to(device)

    def _margins(self, pair: str, indices: NDArray[np.intp]) -> list[NDArray[np.float32]]:
        return [self.photos.margins[pair][indices]] if pair in self.photos.margins else []

    @torch.no_grad()
    def probabilities(self, view: Tensor, indices: NDArray[np.intp], rng: np.random.Generator) -> Tensor:
        """Return the moods in a view of photos of one fold, (n, n_moods), according to one of its teachers."""
        fold = str(self.photos.folds[indices[0]])
        pair = str(rng.choice([pair for pair in self.networks if fold in pair]))
        network = self.networks[pair]
        features = [network.moods(network.embedding(_features(network, view)))]
        features += [torch.from_numpy(part).to(view.device) for part in self._margins(pair, indices)]
        return functional.softmax(functional.linear(torch.cat(features, dim=1), self.weight, self.bias), dim=1)


def batches(photos: Labelled, name: str, n_batch: int, rng: np.random.Generator) -> list[NDArray[np.intp]]:
    """Return batches for one epoch; all photos of a batch are of one fold, so that one teacher is enough."""
    learned, parts = photos.learned(name), []
    for fold in range(len(FOLDS)):
        order = rng.permutation(learned[photos.folds[learned] == fold])
        parts += [order[start : start + n_batch] for start in range(0, len(order) - n_batch + 1, n_batch)]
    return [parts[i] for i in rng.permutation(len(parts))]


def distil(training: Training, photos: Labelled, name: str, teachers: Teachers, weight: float) -> Iterator[float]:
    """Train a student from the current step to the last, and yield the loss of each step.

    The teachers have this weight in the targets, relative to the labels. They see views at their own resolution,
    and none of low resolution.
    """
    recipe = training.recipe
    labels = torch.from_numpy(np.eye(training.network.moods.out_features, dtype=np.float32)[photos.moods])
    labels = labels.to(photos.pixels.device)
    sharp = replace(recipe.augmentation, low_resolution_share=0.0)
    data = DecodedPhotos(photos.pixels, training.average)
    while training.n_steps_done < training.n_steps:
        done = training.n_steps_done % training.n_steps_per_epoch
        epoch_rng = np.random.default_rng([recipe.seed, training.epoch])
        size_px = recipe.sizes_px[training.epoch % len(recipe.sizes_px)]
        for indices in batches(photos, name, recipe.n_batch, epoch_rng)[done : training.n_steps_per_epoch]:
            seed = [recipe.seed, training.n_steps_done, 2]
            chosen = torch.from_numpy(indices).to(labels.device)
            image = normalise(photos.pixels[chosen])
            view = sharp.batch_on_device(image, teachers.size_px, np.random.default_rng(seed))
            soft = teachers.probabilities(view, indices, np.random.default_rng([*seed, 1]))
            features = data.augmented(indices, size_px, recipe.augmentation, np.random.default_rng(seed))
            yield training.step(features, labels[chosen] * (1 - weight) + soft * weight)
            if training.n_steps_done == training.n_steps:
                return
