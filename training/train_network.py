"""Train the mood blocks and the mood head of the built-in network, on top of a published EfficientNet-Lite.

    python training/train_network.py PHOTOS --work WORK

PHOTOS has a subfolder of photos for each mood. WORK keeps the augmented views of the photos (`views.py`), a
checkpoint after each epoch, from which the same command resumes, and `log.jsonl` with a line for each epoch.
Training uses a GPU if one is available, and all CPU cores otherwise. The photos in the validation part of
`split.SPLIT` are not used. `make network PHOTOS=...` runs this script and the steps before and after it.
"""

from __future__ import annotations

import argparse
import copy
import json
import sys
import time
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import torch
import views
from network import SIZE_PX, SIZES, FrozenFeatures, MoodNetwork
from numpy.typing import NDArray
from photos import PhotoAugmentation, Photos, batches, read
from recipe import Recipe
from sklearn.metrics import f1_score
from torch import Tensor
from torch.nn import functional


class Training:
    """A network in training, and the complete state of its checkpoints."""

    def __init__(self, recipe: Recipe, n_steps_per_epoch: int, device: torch.device) -> None:
        torch.manual_seed(recipe.seed)
        self.recipe, self.device = recipe, device
        self.network = MoodNetwork(recipe.size, recipe.n_shared, recipe.drop_rate)
        self.network.to(device, memory_format=torch.channels_last)
        self.average = copy.deepcopy(self.network).requires_grad_(False).eval()
        self.optimizer = torch.optim.AdamW(_groups(self.network, recipe), weight_decay=recipe.weight_decay)
        n_steps, n_warm_up = n_steps_per_epoch * recipe.n_epochs, n_steps_per_epoch / 2

        def rate(step: int) -> float:
            return min((step + 1) / n_warm_up, 0.5 + 0.5 * float(np.cos(np.pi * step / n_steps)))

        self.schedule = torch.optim.lr_scheduler.LambdaLR(self.optimizer, rate)
        self.rng = np.random.default_rng(recipe.seed)
        self.n_epochs_done = 0

    def step(self, features: FrozenFeatures, targets: Tensor) -> float:
        """Train on a batch of photos with the probabilities of their moods (n, 8); return the loss."""
        if self.rng.random() < self.recipe.mixup_share:
            share, other = float(self.rng.beta(0.4, 0.4)), torch.from_numpy(self.rng.permutation(len(targets)))
            features = FrozenFeatures(*(part * share + part[other] * (1 - share) for part in features))
            targets = targets * share + targets[other] * (1 - share)
        self.network.train()
        embedding = self.network.embedding(features)
        embedding = functional.dropout(embedding, self.recipe.dropout)
        loss = functional.cross_entropy(self.network.moods(embedding), targets)
        self.optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.network.parameters(), 5.0)
        self.optimizer.step()
        self.schedule.step()
        with torch.no_grad():
            for average, current in zip(self.average.parameters(), self.network.parameters(), strict=True):
                if current.requires_grad:
                    average.lerp_(current, 1 - self.recipe.ema_decay)
        return loss.item()

    @torch.no_grad()
    def evaluate(self, view: views.View, truth: NDArray[np.intp]) -> dict[str, float]:
        """Evaluate the averaged network on photos that it was not trained on."""
        starts = range(0, len(view), views.N_BATCH)
        parts = [view.batch(slice(start, start + views.N_BATCH), self.device) for start in starts]
        logits = torch.cat([self.average.moods(self.average.embedding(part)) for part in parts]).cpu()
        predicted = logits.argmax(1).numpy()
        return {
            "log_loss": functional.cross_entropy(logits, torch.from_numpy(truth)).item(),
            "accuracy": float(np.mean(predicted == truth)),
            "macro_f1": float(f1_score(truth, predicted, average="macro")),
        }

    def state(self) -> dict[str, Any]:
        """Return the state to save in a checkpoint."""
        parts = ("network", "average", "optimizer", "schedule")
        return {
            **{part: getattr(self, part).state_dict() for part in parts},
            "rng": self.rng.bit_generator.state,
            "torch": torch.get_rng_state(),
            "n_epochs_done": self.n_epochs_done,
            "recipe": asdict(self.recipe),
        }

    def resume(self, state: dict[str, Any]) -> None:
        """Restore the state of a checkpoint."""
        for part in ("network", "average", "optimizer", "schedule"):
            getattr(self, part).load_state_dict(state[part])
        self.rng.bit_generator.state = state["rng"]
        torch.set_rng_state(state["torch"].cpu())
        self.n_epochs_done = state["n_epochs_done"]


def _groups(network: MoodNetwork, recipe: Recipe) -> list[dict[str, Any]]:
    """Return parameter groups with a learning rate per block, lower for earlier blocks."""
    blocks = list(network.mood_blocks)
    groups = [
        {"params": list(block.parameters()), "lr": recipe.rate * recipe.layer_decay ** (len(blocks) - 1 - i)}
        for i, block in enumerate(blocks)
    ]
    return [*groups, {"params": list(network.moods.parameters()), "lr": recipe.head_rate}]


def make_targets(photos: Photos, file: Path | None, weight: float) -> NDArray[np.float32]:
    """Mix the labels with the soft targets in `file`, or with a uniform distribution."""
    labels = np.eye(len(photos.labels), dtype=np.float32)[photos.moods]
    if file is None:
        return labels * (1 - weight) + weight / labels.shape[1]
    with np.load(file) as stored:
        index = {name: i for i, name in enumerate(stored["names"].tolist())}
        soft = stored["shares"][[index[f"{path.parent.name}/{path.name}"] for path in photos.paths]]
    return labels * (1 - weight) + soft.astype(np.float32) * weight


def record_recipe(file: Path, recipe: Recipe) -> None:
    """Write the recipe to the work folder, or exit if the folder belongs to another recipe."""
    content = json.dumps(asdict(recipe), indent=1) + "\n"
    if file.is_file() and file.read_text() != content:
        sys.exit(f"train_network: {file.parent} belongs to another recipe; choose another --work or remove it")
    file.write_text(content)


def run_epoch(training: Training, training_views: list[views.View], targets: Tensor) -> float:
    """Train on all photos once, each batch in a random view, and return the mean loss."""
    recipe, total = training.recipe, 0.0
    n_steps = len(targets) // recipe.n_batch
    for done, indices in enumerate(batches(len(targets), recipe.n_batch, training.rng), start=1):
        view = training_views[int(training.rng.integers(len(training_views)))]
        total += training.step(view.batch(np.sort(indices), training.device), targets[np.sort(indices)])
        if sys.stderr.isatty():
            epoch = f"epoch {training.n_epochs_done + 1}/{recipe.n_epochs}"
            line = f"{epoch} step {done}/{n_steps} loss {total / done:.3f}"
            print(line, end="\r", file=sys.stderr, flush=True)
    training.n_epochs_done += 1
    return total / n_steps


def run(folder: Path, work: Path, recipe: Recipe, soft: Path | None) -> None:
    """Train, starting from the last checkpoint if there is one."""
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    (work / "views").mkdir(parents=True, exist_ok=True)
    record_recipe(work / "recipe.json", recipe)
    photos, development = read(folder, "training"), read(folder, "development")
    targets = torch.from_numpy(make_targets(photos, soft, recipe.soft_target_weight)).to(device)
    training = Training(recipe, len(photos) // recipe.n_batch, device)
    network = training.average
    development_view = views.load_or_create(development, SIZE_PX, network, work / "views" / "development")
    training_views = [
        views.load_or_create(
            photos, size_px, network, work / "views" / f"{i}_{size_px}", recipe.augmentation, recipe.seed + i
        )
        for i, size_px in enumerate(recipe.sizes_px)
    ]
    checkpoint = work / "checkpoint.pt"
    if checkpoint.is_file():
        training.resume(torch.load(checkpoint, map_location=device, weights_only=True))
    description = f"{len(photos)} photos, {len(development)} development photos"
    print(f"{recipe.size} on {device}: {description}", file=sys.stderr)
    while training.n_epochs_done < recipe.n_epochs:
        start = time.monotonic()
        loss = run_epoch(training, training_views, targets)
        results = {"epoch": training.n_epochs_done, "seconds": time.monotonic() - start, "loss": loss}
        results |= training.evaluate(development_view, development.moods)
        line = json.dumps({name: round(value, 4) for name, value in results.items()})
        with (work / "log.jsonl").open("a") as log:
            log.write(line + "\n")
        torch.save(training.state(), checkpoint.with_suffix(".part"))
        checkpoint.with_suffix(".part").replace(checkpoint)
        print(line, flush=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("photos", type=Path, help="folder with a subfolder of photos for each mood")
    parser.add_argument(
        "--work", type=Path, required=True, help="folder for the views, the checkpoint and the log"
    )
    parser.add_argument("--soft-targets", type=Path, help="output of soft_targets.py for the same photos")
    parser.add_argument(
        "--min-area", type=float, default=PhotoAugmentation.min_area, help="minimum share that a crop keeps"
    )
    parser.add_argument("--size", choices=SIZES, default=Recipe.size, help="published network to start from")
    parser.add_argument(
        "--sizes-px", type=int, nargs="+", default=Recipe.sizes_px, help="side of the photos in each view"
    )
    for name in (
        "n_shared",
        "n_epochs",
        "rate",
        "weight_decay",
        "drop_rate",
        "dropout",
        "soft_target_weight",
        "mixup_share",
        "seed",
    ):
        kind = type(getattr(Recipe, name))
        parser.add_argument(f"--{name.replace('_', '-')}", type=kind, default=getattr(Recipe, name))
    options = vars(parser.parse_args())
    folder, work = options.pop("photos"), options.pop("work")
    soft = options.pop("soft_targets")
    options["sizes_px"] = tuple(options["sizes_px"])
    options["augmentation"] = PhotoAugmentation(min_area=options.pop("min_area"))
    run(folder, work, Recipe(**options), soft)
