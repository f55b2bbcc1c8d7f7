"""A process of `train_on_gpu.py`, which trains one network after the other."""

from __future__ import annotations

import sys
import time
from argparse import Namespace
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import photo_parts
import torch
from cross_fitting import Labelled, Teachers, batches, distil, fold_weights, predict_at, teachers_of
from numpy.typing import NDArray
from recipe import NetworkRecipe
from sklearn.metrics import f1_score, log_loss

from imagemood.finetuning.calibration import best_factor, softmax
from imagemood.finetuning.decoded_photos import DecodedPhotos
from imagemood.finetuning.network import SIZE_PX, MoodNetwork
from imagemood.finetuning.training import Training


@dataclass(frozen=True, eq=False)
class Worker:
    """Options and data of all trainings of a process."""

    options: Namespace
    photos: Labelled
    names: NDArray[np.str_]
    n_moods: int
    start: float


_worker: Worker


def initialise(options: Namespace, pixels_file: Path, start: float) -> None:
    """Copy the photos to the device of this process, and keep them for its trainings."""
    global _worker  # noqa: PLW0603 (the state of a process of the pool)
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    torch.backends.cudnn.benchmark = True
    torch.set_num_threads(1 if device.type == "cuda" else torch.get_num_threads())
    packed = photo_parts.unpack(options.parts)
    margins = {}
    if options.margins is not None:
        with np.load(options.margins) as stored:
            rows = {name: i for i, name in enumerate(stored["names"].tolist())}
            chosen = [rows[name] for name in packed.names.tolist()]
            margins = {pair: stored[pair][chosen] for pair in stored.files if pair != "names"}
    pixels = torch.from_numpy(np.load(pixels_file)).to(device)
    photos = Labelled(pixels, packed.moods, packed.twentieths, margins)
    _worker = Worker(options, photos, packed.names, len(packed.labels), start)


def train_teacher(pair: str) -> dict[str, Any]:
    """Train a teacher on the photos outside a pair of folds, unless it is stored, and evaluate it."""
    options, photos = _worker.options, _worker.photos
    file = options.work / f"teacher_{pair}.pt"
    train_px, predict_px = options.teacher_px
    recipe = NetworkRecipe(
        size=options.teacher,
        trained_on=pair,
        sizes_px=(train_px,),
        n_epochs=options.n_epochs[0],
        n_batch=options.n_batch,
        label_smoothing=0.1,
        seed=options.seed,
    )
    if not file.is_file():
        training = _start(recipe, len(photos.learned(pair)) // recipe.n_batch)
        data = DecodedPhotos(photos.pixels, training.average)
        targets = torch.eye(_worker.n_moods)[torch.from_numpy(photos.moods)]
        targets = targets * (1 - recipe.label_smoothing) + recipe.label_smoothing / _worker.n_moods
        steps = training.run(data, photos.learned(pair), targets.to(photos.pixels.device))
        _finish(steps, file, training, options.minutes[0])
    network = fold_weights(_load(file, recipe))
    return _evaluate(f"teacher_{pair}", network, photos.held_out(pair), predict_px)


def train_student(name: str) -> dict[str, Any]:
    """Train a student on the photos outside a fold, unless it is stored, and evaluate it."""
    options, photos = _worker.options, _worker.photos
    file = options.work / f"student_{name}.pt"
    recipe = NetworkRecipe(
        size=options.student,
        trained_on=name,
        sizes_px=tuple(options.student_px),
        n_epochs=options.n_epochs[1],
        n_batch=options.n_batch,
        label_smoothing=0.0,
        seed=options.seed,
    )
    results: dict[str, Any] = {}
    if not file.is_file():
        teacher = replace(recipe, size=options.teacher)
        files = {pair: options.work / f"teacher_{pair}.pt" for pair in teachers_of(name)}
        networks = {pair: fold_weights(_load(file, teacher)) for pair, file in files.items()}
        teachers = Teachers(name, networks, photos, options.teacher_px[1])
        results["teachers_accuracy"] = round(teachers.accuracy, 4)
        n_steps = len(batches(photos, name, recipe.n_batch, np.random.default_rng(0)))
        training = _start(recipe, n_steps)
        steps = distil(training, photos, name, teachers, options.teacher_weight)
        _finish(steps, file, training, options.minutes[1])
    network = fold_weights(_load(file, recipe))
    return results | _evaluate(f"student_{name}", network, photos.held_out(name), SIZE_PX)


def _load(file: Path | None, recipe: NetworkRecipe) -> MoodNetwork:
    """Return a network with the published weights, and with those of a training."""
    network = MoodNetwork(recipe.size, _worker.n_moods, recipe.n_shared, recipe.drop_rate)
    published = torch.load(_worker.options.parts / "weights.pt", weights_only=True)[recipe.size]
    network.load_state_dict({name: value.float() for name, value in published.items()}, strict=False)
    network.copy_tag_body()
    if file is not None:
        network.load_state_dict(torch.load(file, weights_only=True)["average"], strict=False)
    return network.to(_worker.photos.pixels.device)


def _start(recipe: NetworkRecipe, n_steps_per_epoch: int) -> Training:
    training = Training(_load(None, recipe), recipe, n_steps_per_epoch)
    if _worker.options.steps is not None:
        training.n_steps = min(training.n_steps, _worker.options.steps)
    return training


def _finish(steps: Iterator[float], file: Path, training: Training, minutes: float) -> None:
    """Train, and store the averaged weights.

    If the time would not suffice, the number of steps is reduced, so that the learning rate still decays to zero.
    """
    deadline = _worker.start + minutes * 60
    last, n_last = time.time(), 0
    for loss in steps:
        if training.n_steps_done % training.n_steps_per_epoch == 0:
            now, n_now = time.time(), training.n_steps_done
            speed = (n_now - n_last) / (now - last)
            print(
                f"{file.stem}: step {n_now} of {training.n_steps}, loss {loss:.3f}, "
                f"{speed * training.recipe.n_batch:.0f} photos/s",
                file=sys.stderr,
                flush=True,
            )
            if n_last:  # the first epoch is slower
                training.n_steps = min(training.n_steps, n_now + max(0, int((deadline - now) * speed)))
            last, n_last = now, n_now
        if time.time() > deadline:
            break
    weights = training.average.state_dict().items()
    average = {name: value.half().cpu() for name, value in weights if name.startswith("mood")}
    recipe = training.recipe
    assert isinstance(recipe, NetworkRecipe)
    state = {"average": average, "recipe": recipe.summary(), "n_steps_done": training.n_steps_done}
    torch.save(state, file.with_suffix(".part"))
    file.with_suffix(".part").replace(file)


def _evaluate(name: str, network: MoodNetwork, indices: NDArray[np.intp], size_px: int) -> dict[str, Any]:
    """Predict the photos that a network was not trained on, and store the logits, NaN for all others."""
    photos = _worker.photos
    if not len(indices):
        return {"name": name}
    logits, moods = predict_at(size_px, network, photos, indices), photos.moods[indices]
    stored = np.full((len(photos.moods), logits.shape[1]), np.nan, np.float16)
    stored[indices] = logits
    np.save(_worker.options.work / f"{name}.npy", stored)
    probabilities = softmax(logits * best_factor(logits, moods))
    return {
        "name": name,
        "accuracy": round(float(np.mean(logits.argmax(axis=1) == moods)), 4),
        "macro_f1": round(float(f1_score(moods, logits.argmax(axis=1), average="macro")), 4),
        "log_loss": round(float(log_loss(moods, probabilities, labels=range(logits.shape[1]))), 4),
    }
