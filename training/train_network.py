"""Train the built-in network: published EfficientNet-Lite weights, taught moods, held to their tags.

    python training/train_network.py PHOTOS --work WORK

PHOTOS has a folder of photos for each mood. WORK keeps a checkpoint after each epoch, from which the same command
goes on, and `log.jsonl`, a line for each epoch. Runs on a GPU where there is one, else on all cores. The photos
that `split.SPLIT` calls validation are not looked at. `make network PHOTOS=...` runs this and what goes before and
after it.
"""

from __future__ import annotations

import argparse
import copy
import json
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import torch
from figures import figures
from network import SIZES, MoodNetwork, normalise
from numpy.typing import NDArray
from photos import Changes, Photos, batches, read
from recipe import Recipe
from torch import Tensor
from torch.nn import functional


class Training:
    """A network in training, with all that a checkpoint must hold."""

    def __init__(self, recipe: Recipe, n_steps_each: int, device: torch.device) -> None:
        torch.manual_seed(recipe.seed)
        self.recipe, self.device = recipe, device
        self.network = MoodNetwork(recipe.size, recipe.n_frozen, recipe.drop_rate)
        self.network.to(device, memory_format=torch.channels_last)
        self.published = copy.deepcopy(self.network).requires_grad_(False).eval()
        self.mean = copy.deepcopy(self.network).requires_grad_(False).eval()
        self.optimizer = torch.optim.AdamW(_groups(self.network, recipe), weight_decay=recipe.weight_decay)
        n_steps, n_warm = n_steps_each * len(recipe.sizes_px), n_steps_each / 2

        def rate(step: int) -> float:
            return min((step + 1) / n_warm, 0.5 + 0.5 * float(np.cos(np.pi * step / n_steps)))

        self.schedule = torch.optim.lr_scheduler.LambdaLR(self.optimizer, rate)
        self.dice = np.random.default_rng(recipe.seed)
        self.n_done = 0

    def step(self, pixels: Tensor, targets: Tensor) -> dict[str, float]:
        """Learn from a batch of uint8 photos (n, side, side, 3) and the shares of their moods (n, 8)."""
        recipe = self.recipe
        image = normalise(pixels).to(torch.bfloat16).contiguous(memory_format=torch.channels_last)
        if self.dice.random() < recipe.mixed:
            share = float(self.dice.beta(0.4, 0.4))
            image = image * share + image.flip(0) * (1 - share)
            targets = targets * share + targets.flip(0) * (1 - share)
        self.network.train()
        begun = self.network.begin(image)
        answer = self.network.finish(begun)
        with torch.no_grad():
            n_held = len(begun) // 2  # half of the photos tell enough of the tags, for half the time
            published = self.published.finish(begun[:n_held])
        mood_loss = functional.cross_entropy(answer.moods, targets)
        drift = functional.kl_div(
            answer.tags[:n_held].log_softmax(1),
            published.tags.log_softmax(1),
            reduction="batchmean",
            log_target=True,
        )
        self.optimizer.zero_grad()
        (mood_loss + recipe.distillation * drift).backward()
        torch.nn.utils.clip_grad_norm_(self.network.parameters(), 5.0)
        self.optimizer.step()
        self.schedule.step()
        with torch.no_grad():
            pairs = zip(self.mean.parameters(), self.network.parameters(), strict=True)
            for mean, now in pairs:
                if now.requires_grad:
                    mean.lerp_(now, 1 - recipe.mean_decay)
        return {"mood_loss": mood_loss.item(), "drift": drift.item()}

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
        if state["recipe"] != asdict(self.recipe):
            sys.exit("train_network: the checkpoint is of another recipe; use another --work, or remove it")
        for part in ("network", "mean", "optimizer", "schedule"):
            getattr(self, part).load_state_dict(state[part])
        self.dice.bit_generator.state = state["dice"]
        torch.set_rng_state(state["torch"])
        self.n_done = state["n_done"]


def _groups(network: MoodNetwork, recipe: Recipe) -> list[dict[str, Any]]:
    """Give each block its own learning rate, smaller the nearer to the pixels it is."""
    blocks = list(network.blocks[recipe.n_frozen :])
    groups = [
        {"params": list(block.parameters()), "lr": recipe.rate * recipe.decay ** (len(blocks) - i)}
        for i, block in enumerate(blocks)
    ]
    if not recipe.n_frozen:
        groups.append(
            {"params": list(network.stem.parameters()), "lr": recipe.rate * recipe.decay ** (len(blocks) + 1)}
        )
    groups.append({"params": [*network.last.parameters(), *network.tags.parameters()], "lr": recipe.rate})
    groups.append({"params": list(network.moods.parameters()), "lr": recipe.head_rate})
    return groups


def prepared(
    training: Training, photos: Photos, targets: NDArray[np.float32], size_px: int
) -> Iterator[tuple[Tensor, Tensor]]:
    """Change photos in a thread of its own, one batch ahead of the network."""
    recipe, dice = training.recipe, np.random.default_rng([training.recipe.seed, training.n_done])
    chosen = list(batches(len(photos), recipe.n_batch, dice))

    def make(places: NDArray[np.intp]) -> tuple[Tensor, Tensor]:
        pixels = recipe.changes.batch(photos.pixels[places], size_px, dice)
        return pixels, torch.from_numpy(targets[places])

    with ThreadPoolExecutor(1) as pool:  # one: dice are thrown in order
        ahead = pool.submit(make, chosen[0])
        for places in [*chosen[1:], None]:
            batch = ahead.result()
            if places is not None:
                ahead = pool.submit(make, places)
            yield batch


@torch.no_grad()
def judge(training: Training, photos: Photos) -> dict[str, float]:
    """Measure the averaged network on photos it has not learned from."""
    network = training.mean
    moods, ours, theirs = [], [], []
    for start in range(0, len(photos), 32):
        pixels = torch.from_numpy(photos.pixels[start : start + 32]).to(training.device)
        image = normalise(pixels).to(torch.bfloat16).contiguous(memory_format=torch.channels_last)
        begun = network.begin(image)
        answer = network.finish(begun)
        moods.append(answer.moods)
        ours.append(answer.tags)
        theirs.append(training.published.finish(begun).tags)
    logits = torch.cat(moods).cpu()
    loss = functional.cross_entropy(logits, torch.from_numpy(photos.moods)).item()
    return {"loss": loss, **figures(logits, torch.cat(ours), torch.cat(theirs), photos.moods)}


def soft_targets(photos: Photos, file: Path | None, softness: float) -> NDArray[np.float32]:
    """Mix the labels with what `soft_targets.py` wrote of each photo, or with equal shares."""
    labels = np.eye(len(photos.labels), dtype=np.float32)[photos.moods]
    if file is None:
        return labels * (1 - softness) + softness / labels.shape[1]
    with np.load(file) as known:
        place = {name: i for i, name in enumerate(known["names"].tolist())}
        soft = known["shares"][[place[f"{path.parent.name}/{path.name}"] for path in photos.paths]]
    return labels * (1 - softness) + soft.astype(np.float32) * softness


def run(folder: Path, work: Path, recipe: Recipe, soft: Path | None) -> None:
    """Train, from the last checkpoint if there is one."""
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    work.mkdir(parents=True, exist_ok=True)
    learning, development = read(folder, "training"), read(folder, "development")
    targets = soft_targets(learning, soft, recipe.softness)
    n_steps = len(learning) // recipe.n_batch
    training = Training(recipe, n_steps, device)
    checkpoint = work / "checkpoint.pt"
    if checkpoint.is_file():
        training.resume(torch.load(checkpoint, map_location=device, weights_only=True))
    print(f"{recipe.size} on {device}: {len(learning)} photos, {len(development)} to choose by", file=sys.stderr)
    for epoch in range(training.n_done, len(recipe.sizes_px)):
        start, sums = time.monotonic(), {"mood_loss": 0.0, "drift": 0.0}
        ready = prepared(training, learning, targets, recipe.sizes_px[epoch])
        for done, (pixels, shares) in enumerate(ready, start=1):
            losses = training.step(pixels.to(device), shares.to(device))
            sums = {name: total + losses[name] for name, total in sums.items()}
            if sys.stderr.isatty() or done % 100 == 0:
                each_s = (time.monotonic() - start) / done
                means = " ".join(f"{name} {total / done:.3f}" for name, total in sums.items())
                line = (
                    f"epoch {epoch + 1}/{len(recipe.sizes_px)} step {done}/{n_steps} {means} {each_s:.2f} s/step"
                )
                print(line, end="\r" if sys.stderr.isatty() else "\n", file=sys.stderr, flush=True)
        training.n_done = epoch + 1
        line = {"epoch": epoch + 1, "size_px": recipe.sizes_px[epoch], "seconds": time.monotonic() - start}
        line |= {name: total / n_steps for name, total in sums.items()} | judge(training, development)
        with (work / "log.jsonl").open("a") as log:
            log.write(json.dumps({name: round(value, 4) for name, value in line.items()}) + "\n")
        torch.save(training.state(), checkpoint.with_suffix(".part"))
        checkpoint.with_suffix(".part").replace(checkpoint)
        print(json.dumps({name: round(value, 4) for name, value in line.items()}), flush=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("photos", type=Path, help="folder with a folder of photos for each mood")
    parser.add_argument("--work", type=Path, required=True, help="folder for checkpoint and log")
    parser.add_argument("--soft-targets", type=Path, help="what soft_targets.py wrote of the same photos")
    parser.add_argument("--least-area", type=float, default=Changes.least_area, help="least share that crops keep")
    parser.add_argument("--size", choices=SIZES, default=Recipe.size, help="which published network")
    parser.add_argument("--sizes-px", type=int, nargs="+", default=Recipe.sizes_px, help="side, by epoch")
    for name in ("rate", "distillation", "drop_rate", "mixed", "n_frozen", "seed"):
        kind = type(getattr(Recipe, name))
        parser.add_argument(f"--{name.replace('_', '-')}", type=kind, default=getattr(Recipe, name))
    options = vars(parser.parse_args())
    folder, work = options.pop("photos"), options.pop("work")
    soft = options.pop("soft_targets")
    options["sizes_px"] = tuple(options["sizes_px"])
    options["changes"] = Changes(least_area=options.pop("least_area"))
    run(folder, work, Recipe(**options), soft)
