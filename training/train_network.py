"""Train the mood body and the mood head of the built-in network, on top of a published EfficientNet-Lite.

    python training/train_network.py PHOTOS --views VIEWS --work WORK

PHOTOS has a subfolder of photos for each mood. VIEWS keeps the augmented views of all photos (`views.py`), which
all trainings share. WORK keeps a checkpoint, from which the same command resumes, `log.jsonl` with a line for each
epoch, and at the end `predictions.npz` with the logits of the photos that the network was not trained on. While a
file PAUSE exists in either folder, the training sleeps. `make network PHOTOS=...` runs this script and the steps
before and after it.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
import time
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any

import numpy as np
import published
import torch
import views
from numpy.typing import NDArray
from pausing import wait_while
from photos import Photos, read
from recipe import NetworkRecipe
from split import held_out, trained_on

from imagemood.evaluation.metrics import evaluate_predictions
from imagemood.finetuning import depthwise
from imagemood.finetuning.calibration import softmax
from imagemood.finetuning.network import SIZE_PX, SIZES, MoodNetwork
from imagemood.finetuning.training import Training, predict

N_STEPS_PER_CHECKPOINT = 50


def make_targets(photos: Photos, file: Path | None, recipe: NetworkRecipe) -> NDArray[np.float32]:
    """Mix the labels with the soft targets in `file`, and with a uniform distribution."""
    targets = np.eye(len(photos.labels), dtype=np.float32)[photos.moods]
    if file is not None:
        with np.load(file) as stored:
            index = {name: i for i, name in enumerate(stored["names"].tolist())}
            has_soft = np.array([name in index for name in photos.names.tolist()])
            soft = stored["shares"][[index[name] for name in photos.names[has_soft].tolist()]]
        assert has_soft[np.isin(photos.twentieths, trained_on(recipe.trained_on))].all()
        weight = recipe.soft_target_weight
        targets[has_soft] = targets[has_soft] * (1 - weight) + soft.astype(np.float32) * weight
    return targets * (1 - recipe.label_smoothing) + recipe.label_smoothing / targets.shape[1]


def metrics(logits: NDArray[np.float32], truth: NDArray[np.intp], labels: tuple[str, ...]) -> dict[str, float]:
    """Evaluate logits of photos that the network was not trained on."""
    results = evaluate_predictions(np.array(labels)[truth], softmax(logits), labels)
    names = ("log_loss", "accuracy", "macro_f1", "calibration_error")
    return {name: getattr(results, name) for name in names}


def claim(folder: Path, description: dict[str, Any]) -> None:
    """Create a folder and describe its content, or exit if it exists with another description."""
    folder.mkdir(parents=True, exist_ok=True)
    file, content = folder / "description.json", json.dumps(description, indent=1) + "\n"
    if file.is_file() and json.loads(file.read_text()) != json.loads(content):
        sys.exit(f"train_network: {folder} belongs to other photos or another recipe; remove it or choose another")
    file.write_text(content)


def load(recipe: NetworkRecipe, start: Path | None) -> MoodNetwork:
    """Return a network with the published weights, or with those of a checkpoint."""
    network = published.load(recipe.size, recipe.n_shared, recipe.drop_rate)
    if start is not None:
        network.load_state_dict(torch.load(start, weights_only=True)["average"])
    return network


def save(training: Training, recipe: NetworkRecipe, checkpoint: Path) -> None:
    """Replace the checkpoint atomically."""
    torch.save({**training.state(), "recipe": recipe.summary()}, checkpoint.with_suffix(".part"))
    checkpoint.with_suffix(".part").replace(checkpoint)


def run(
    folder: Path, views_folder: Path, work: Path, recipe: NetworkRecipe, soft: Path | None, start: Path | None
) -> None:
    """Train from the last checkpoint if there is one, or else from another training or the published weights."""
    photos = read(folder)
    names = hashlib.sha256("\n".join(photos.names).encode()).hexdigest()
    claim(views_folder, {"photos": names, "augmentation": asdict(recipe.augmentation)})
    description = {"photos": names, "recipe": asdict(recipe)}
    if start is not None:
        description["start"] = hashlib.sha256(start.read_bytes()).hexdigest()
    claim(work, description)
    targets = torch.from_numpy(make_targets(photos, soft, recipe))
    learned = np.flatnonzero(np.isin(photos.twentieths, trained_on(recipe.trained_on)))
    others = np.flatnonzero(np.isin(photos.twentieths, held_out(recipe.trained_on)))
    if problem := depthwise.compile_library():
        print(f"slower, because depthwise.cpp was not compiled: {problem}", file=sys.stderr)
    training = Training(load(recipe, start), recipe, len(learned) // recipe.n_batch)
    checkpoint = work / "checkpoint.pt"
    if checkpoint.is_file():
        training.resume(torch.load(checkpoint, weights_only=True))
    print(
        f"{recipe.size}: {len(learned)} photos, {len(others)} others, step {training.n_steps_done}",
        file=sys.stderr,
    )

    def view(i: int | None) -> views.View:
        size_px = SIZE_PX if i is None else recipe.sizes_px[i]
        name = f"{recipe.size}_{recipe.n_shared}_{'plain' if i is None else i}_{size_px}.npy"
        augmentation = None if i is None else recipe.augmentation
        return views.load_or_create(photos, size_px, training.average, views_folder / name, augmentation, i or 0)

    began, total, n_timed = time.monotonic(), 0.0, 0
    while training.n_steps_done < training.n_steps:
        epoch, step = divmod(training.n_steps_done, training.n_steps_per_epoch)
        chosen = view(epoch % len(recipe.sizes_px))
        for indices in training.batches(learned)[step:]:
            wait_while(work / "PAUSE")
            wait_while(views_folder / "PAUSE")
            total += training.step(chosen.batch(indices), targets[indices])
            n_timed += 1
            if training.n_steps_done % N_STEPS_PER_CHECKPOINT == 0:
                save(training, recipe, checkpoint)
                print(f"step {training.n_steps_done} of {training.n_steps}", file=sys.stderr)
        results: dict[str, Any] = {
            "epoch": epoch + 1,
            "seconds": time.monotonic() - began,
            "loss": total / n_timed,
        }
        if len(others):
            logits = predict(training.average, view(None).batch, others)
            results |= metrics(logits, photos.moods[others], photos.labels)
        line = json.dumps({name: round(value, 4) for name, value in results.items()})
        with (work / "log.jsonl").open("a") as log:
            log.write(line + "\n")
        save(training, recipe, checkpoint)
        print(line, flush=True)
        began, total, n_timed = time.monotonic(), 0.0, 0
    if len(others):
        logits = predict(training.average, view(None).batch, others)
        np.savez(work / "predictions.npz", names=photos.names[others], logits=logits, moods=photos.moods[others])


def parse() -> dict[str, Any]:
    """Parse the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("photos", type=Path, help="folder with a subfolder of photos for each mood")
    parser.add_argument("--views", type=Path, required=True, help="folder for the views of the photos")
    parser.add_argument("--work", type=Path, required=True, help="folder for the checkpoint and the log")
    parser.add_argument("--soft-targets", type=Path, help="output of soft_targets.py for the same photos")
    parser.add_argument("--start", type=Path, help="checkpoint of another training to continue from")
    parser.add_argument("--sizes-px", type=int, nargs="+", default=NetworkRecipe.sizes_px, help="side of each one")
    parser.add_argument(
        "--size", choices=SIZES, default=NetworkRecipe.size, help="published network to start from"
    )
    for parameter in fields(NetworkRecipe):
        if parameter.name not in ("size", "sizes_px", "augmentation"):
            default = getattr(NetworkRecipe, parameter.name)
            parser.add_argument(f"--{parameter.name.replace('_', '-')}", type=type(default), default=default)
    return vars(parser.parse_args())


if __name__ == "__main__":
    options = parse()
    folder, views_folder, work = (options.pop(name) for name in ("photos", "views", "work"))
    soft, start = options.pop("soft_targets"), options.pop("start")
    options["sizes_px"] = tuple(options["sizes_px"])
    run(folder, views_folder, work, NetworkRecipe(**options), soft, start)
