"""Train the built-in network: beside a published EfficientNet-Lite, last blocks of their own for the moods.

    python training/train_network.py PHOTOS --work WORK

PHOTOS has a folder of photos for each mood. WORK keeps the views of the photos (`views.py`), a checkpoint after
each epoch, from which the same command goes on, and `log.jsonl`, a line for each epoch. Runs on a GPU where there
is one, else on all cores. The photos that `split.SPLIT` calls validation are not looked at. `make network
PHOTOS=...` runs this and what goes before and after it.
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
from network import SIZE_PX, SIZES, Begun, MoodNetwork
from numpy.typing import NDArray
from photos import Changes, Photos, batches, read
from recipe import Recipe
from sklearn.metrics import f1_score
from torch import Tensor
from torch.nn import functional


class Training:
    """A network in training, with all that a checkpoint must hold."""

    def __init__(self, recipe: Recipe, n_steps_each: int, device: torch.device) -> None:
        torch.manual_seed(recipe.seed)
        self.recipe, self.device = recipe, device
        self.network = MoodNetwork(recipe.size, recipe.n_shared, recipe.drop_rate)
        self.network.to(device, memory_format=torch.channels_last)
        self.mean = copy.deepcopy(self.network).requires_grad_(False).eval()
        self.optimizer = torch.optim.AdamW(_groups(self.network, recipe), weight_decay=recipe.weight_decay)
        n_steps, n_warm = n_steps_each * recipe.n_epochs, n_steps_each / 2

        def rate(step: int) -> float:
            return min((step + 1) / n_warm, 0.5 + 0.5 * float(np.cos(np.pi * step / n_steps)))

        self.schedule = torch.optim.lr_scheduler.LambdaLR(self.optimizer, rate)
        self.dice = np.random.default_rng(recipe.seed)
        self.n_done = 0

    def step(self, begun: Begun, targets: Tensor) -> float:
        """Learn from a batch of photos and the shares of their moods (n, 8); give the loss."""
        if self.dice.random() < self.recipe.mixed:
            share, other = float(self.dice.beta(0.4, 0.4)), torch.from_numpy(self.dice.permutation(len(targets)))
            begun = Begun(*(part * share + part[other] * (1 - share) for part in begun))
            targets = targets * share + targets[other] * (1 - share)
        self.network.train()
        embedding = self.network.embedding(begun)
        kept = functional.dropout(embedding, self.recipe.dropout)
        loss = functional.cross_entropy(self.network.moods(kept), targets)
        self.optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.network.parameters(), 5.0)
        self.optimizer.step()
        self.schedule.step()
        with torch.no_grad():
            for mean, now in zip(self.mean.parameters(), self.network.parameters(), strict=True):
                if now.requires_grad:
                    mean.lerp_(now, 1 - self.recipe.mean_decay)
        return loss.item()

    @torch.no_grad()
    def judge(self, view: views.View, truth: NDArray[np.intp]) -> dict[str, float]:
        """Measure the averaged network on photos it has not learned from."""
        starts = range(0, len(view), views.N_BATCH)
        parts = [view.batch(slice(start, start + views.N_BATCH), self.device) for start in starts]
        logits = torch.cat([self.mean.moods(self.mean.embedding(part)) for part in parts]).cpu()
        guess = logits.argmax(1).numpy()
        return {
            "log_loss": functional.cross_entropy(logits, torch.from_numpy(truth)).item(),
            "accuracy": float(np.mean(guess == truth)),
            "macro_f1": float(f1_score(truth, guess, average="macro")),
        }

    def state(self) -> dict[str, Any]:
        """Give all that a checkpoint must hold."""
        parts = ("network", "mean", "optimizer", "schedule")
        return {
            **{part: getattr(self, part).state_dict() for part in parts},
            "dice": self.dice.bit_generator.state,
            "torch": torch.get_rng_state(),
            "n_done": self.n_done,
            "recipe": asdict(self.recipe),
        }

    def resume(self, state: dict[str, Any]) -> None:
        """Go on from a checkpoint."""
        for part in ("network", "mean", "optimizer", "schedule"):
            getattr(self, part).load_state_dict(state[part])
        self.dice.bit_generator.state = state["dice"]
        torch.set_rng_state(state["torch"].cpu())
        self.n_done = state["n_done"]


def _groups(network: MoodNetwork, recipe: Recipe) -> list[dict[str, Any]]:
    """Give each block its own learning rate, smaller the nearer to the pixels it is."""
    blocks = list(network.mood_blocks)
    groups = [
        {"params": list(block.parameters()), "lr": recipe.rate * recipe.decay ** (len(blocks) - 1 - i)}
        for i, block in enumerate(blocks)
    ]
    return [*groups, {"params": list(network.moods.parameters()), "lr": recipe.head_rate}]


def soft_targets(photos: Photos, file: Path | None, softness: float) -> NDArray[np.float32]:
    """Mix the labels with what `soft_targets.py` wrote of each photo, or with equal shares."""
    labels = np.eye(len(photos.labels), dtype=np.float32)[photos.moods]
    if file is None:
        return labels * (1 - softness) + softness / labels.shape[1]
    with np.load(file) as known:
        place = {name: i for i, name in enumerate(known["names"].tolist())}
        soft = known["shares"][[place[f"{path.parent.name}/{path.name}"] for path in photos.paths]]
    return labels * (1 - softness) + soft.astype(np.float32) * softness


def claim(file: Path, recipe: Recipe) -> None:
    """Say of what recipe a folder's views and checkpoint are, or refuse those of another one."""
    content = json.dumps(asdict(recipe), indent=1) + "\n"
    if file.is_file() and file.read_text() != content:
        sys.exit(f"train_network: {file.parent} is of another recipe; use another --work, or remove it")
    file.write_text(content)


def run(folder: Path, work: Path, recipe: Recipe, soft: Path | None) -> None:
    """Train, from the last checkpoint if there is one."""
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    (work / "views").mkdir(parents=True, exist_ok=True)
    claim(work / "recipe.json", recipe)
    learning, development = read(folder, "training"), read(folder, "development")
    targets = torch.from_numpy(soft_targets(learning, soft, recipe.softness)).to(device)
    n_steps = len(learning) // recipe.n_batch
    training = Training(recipe, n_steps, device)
    judged = views.of(development, SIZE_PX, training.mean, work / "views" / "development")
    learned = [
        views.of(
            learning, size_px, training.mean, work / "views" / f"{i}_{size_px}", recipe.changes, recipe.seed + i
        )
        for i, size_px in enumerate(recipe.sizes_px)
    ]
    checkpoint = work / "checkpoint.pt"
    if checkpoint.is_file():
        training.resume(torch.load(checkpoint, map_location=device, weights_only=True))
    print(f"{recipe.size} on {device}: {len(learning)} photos, {len(development)} to choose by", file=sys.stderr)
    for epoch in range(training.n_done, recipe.n_epochs):
        start, total = time.monotonic(), 0.0
        for done, places in enumerate(batches(len(learning), recipe.n_batch, training.dice), start=1):
            view = learned[int(training.dice.integers(len(learned)))]
            total += training.step(view.batch(np.sort(places), device), targets[np.sort(places)])
            if sys.stderr.isatty():
                line = f"epoch {epoch + 1}/{recipe.n_epochs} step {done}/{n_steps} loss {total / done:.3f}"
                print(line, end="\r", file=sys.stderr, flush=True)
        training.n_done = epoch + 1
        line = {"epoch": epoch + 1, "seconds": time.monotonic() - start, "loss": total / n_steps}
        line |= training.judge(judged, development.moods)
        with (work / "log.jsonl").open("a") as log:
            log.write(json.dumps({name: round(value, 4) for name, value in line.items()}) + "\n")
        torch.save(training.state(), checkpoint.with_suffix(".part"))
        checkpoint.with_suffix(".part").replace(checkpoint)
        print(json.dumps({name: round(value, 4) for name, value in line.items()}), flush=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("photos", type=Path, help="folder with a folder of photos for each mood")
    parser.add_argument("--work", type=Path, required=True, help="folder for views, checkpoint and log")
    parser.add_argument("--soft-targets", type=Path, help="what soft_targets.py wrote of the same photos")
    parser.add_argument("--least-area", type=float, default=Changes.least_area, help="least share that crops keep")
    parser.add_argument("--size", choices=SIZES, default=Recipe.size, help="which published network")
    parser.add_argument("--sizes-px", type=int, nargs="+", default=Recipe.sizes_px, help="side, by view")
    for name in (
        "n_shared",
        "n_epochs",
        "rate",
        "weight_decay",
        "drop_rate",
        "dropout",
        "softness",
        "mixed",
        "seed",
    ):
        kind = type(getattr(Recipe, name))
        parser.add_argument(f"--{name.replace('_', '-')}", type=kind, default=getattr(Recipe, name))
    options = vars(parser.parse_args())
    folder, work = options.pop("photos"), options.pop("work")
    soft = options.pop("soft_targets")
    options["sizes_px"] = tuple(options["sizes_px"])
    options["changes"] = Changes(least_area=options.pop("least_area"))
    run(folder, work, Recipe(**options), soft)
