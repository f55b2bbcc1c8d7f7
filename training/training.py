"""The training loop's state, steps and evaluation, on any device."""

from __future__ import annotations

import copy
from typing import Any, Protocol

import numpy as np
import torch
from network import MoodNetwork
from numpy.typing import NDArray
from recipe import Recipe
from sklearn.metrics import f1_score
from torch import Tensor
from torch.nn import functional


class Features(Protocol):
    """Anything that returns the output of the shared blocks for some photos."""

    def batch(self, indices: NDArray[np.intp]) -> Tensor: ...


class Training:
    """A network in training, and the complete state of its checkpoints.

    All random numbers of a step follow from the seed and the number of the step, so that a resumed training equals
    one that was not interrupted.
    """

    def __init__(self, recipe: Recipe, n_steps_per_epoch: int, device: torch.device) -> None:
        torch.manual_seed(recipe.seed)
        self.recipe, self.device, self.n_steps_per_epoch = recipe, device, n_steps_per_epoch
        self.network = MoodNetwork(recipe.size, recipe.n_shared, recipe.drop_rate)
        self.network.to(device, memory_format=torch.channels_last)
        self.average = copy.deepcopy(self.network).requires_grad_(False).eval()
        self.optimizer = torch.optim.AdamW(
            _groups(self.network, recipe), weight_decay=recipe.weight_decay, fused=True
        )
        self.n_steps, n_warm_up = n_steps_per_epoch * recipe.n_epochs, n_steps_per_epoch / 2

        def rate(step: int) -> float:
            return min((step + 1) / n_warm_up, 0.5 + 0.5 * float(np.cos(np.pi * step / self.n_steps)))

        self.schedule = torch.optim.lr_scheduler.LambdaLR(self.optimizer, rate)
        pairs = zip(self.average.parameters(), self.network.parameters(), strict=True)
        trained = [(average, current) for average, current in pairs if current.requires_grad]
        self._averages, self._trained = ([pair[i] for pair in trained] for i in range(2))
        self.n_steps_done = 0

    def batches(self, indices: NDArray[np.intp]) -> list[NDArray[np.intp]]:
        """Return the batches of the current epoch; an incomplete last batch is dropped."""
        epoch, n = self.n_steps_done // self.n_steps_per_epoch, self.recipe.n_batch
        order = np.random.default_rng([self.recipe.seed, epoch]).permutation(indices)
        return [np.sort(order[start : start + n]) for start in range(0, len(order) - n + 1, n)]

    def step(self, shared: Tensor, targets: Tensor) -> float:
        """Train on the features and the mood probabilities (n, 8) of a batch of photos; return the loss."""
        rng = np.random.default_rng([self.recipe.seed, self.n_steps_done, 1])
        torch.manual_seed(int(rng.integers(2**63)))
        if rng.random() < self.recipe.mixup_share:
            share, other = float(rng.beta(0.4, 0.4)), torch.from_numpy(rng.permutation(len(targets)))
            shared, targets = (part * share + part[other] * (1 - share) for part in (shared, targets))
        self.network.train()
        shared = shared.contiguous(memory_format=torch.channels_last)
        embedding = functional.dropout(self.network.embedding(shared), self.recipe.dropout)
        loss = functional.cross_entropy(self.network.moods(embedding), targets)
        self.optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self._trained, 5.0)
        self.optimizer.step()
        self.schedule.step()
        with torch.no_grad():
            decay = min(self.recipe.ema_decay, (1 + self.n_steps_done) / (10 + self.n_steps_done))
            torch._foreach_lerp_(self._averages, self._trained, 1 - decay)
        self.n_steps_done += 1
        return loss.item()

    def state(self) -> dict[str, Any]:
        """Return the state to save in a checkpoint."""
        parts = ("network", "average", "optimizer", "schedule")
        return {
            **{part: getattr(self, part).state_dict() for part in parts},
            "n_steps_done": self.n_steps_done,
            "recipe": _plain(self.recipe),
        }

    def resume(self, state: dict[str, Any]) -> None:
        """Restore the state of a checkpoint."""
        for part in ("network", "average", "optimizer", "schedule"):
            getattr(self, part).load_state_dict(state[part])
        self.n_steps_done = state["n_steps_done"]


def _plain(recipe: Recipe) -> dict[str, Any]:
    return {"size": recipe.size, "n_shared": recipe.n_shared, "trained_on": recipe.trained_on, "seed": recipe.seed}


def _groups(network: MoodNetwork, recipe: Recipe) -> list[dict[str, Any]]:
    """Return parameter groups with a learning rate per block, lower for earlier blocks."""
    layers = [*network.mood_blocks, network.mood_last]
    groups = [
        {"params": list(layer.parameters()), "lr": recipe.rate * recipe.layer_decay ** (len(layers) - 1 - i)}
        for i, layer in enumerate(layers)
    ]
    return [*groups, {"params": list(network.moods.parameters()), "lr": recipe.head_rate}]


@torch.no_grad()
def predict(network: MoodNetwork, features: Features, indices: NDArray[np.intp]) -> NDArray[np.float32]:
    """Return the logits of some photos, (n, 8)."""
    network.eval()
    starts = range(0, len(indices), 64)
    parts = [network.moods(network.embedding(features.batch(indices[start : start + 64]))) for start in starts]
    return torch.cat(parts).cpu().numpy()


def metrics(logits: NDArray[np.float32], truth: NDArray[np.intp]) -> dict[str, float]:
    """Evaluate logits of photos that the network was not trained on."""
    scaled = torch.from_numpy(logits)
    predicted = logits.argmax(axis=1)
    shares = torch.softmax(scaled, dim=1).numpy().max(axis=1)
    hits = predicted == truth
    bins = np.minimum((shares * 15).astype(int), 14)
    gaps = np.bincount(bins, weights=shares - hits, minlength=15)
    return {
        "log_loss": functional.cross_entropy(scaled, torch.from_numpy(truth)).item(),
        "accuracy": float(hits.mean()),
        "macro_f1": float(f1_score(truth, predicted, average="macro")),
        "calibration_error": float(np.abs(gaps).sum() / len(truth)),
    }
