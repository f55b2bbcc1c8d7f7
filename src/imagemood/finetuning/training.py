"""The training loop: its state, its steps, and the predictions of the trained network, on any device."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from imagemood.finetuning.decoded_photos import DecodedPhotos
from imagemood.finetuning.network import MoodNetwork
from imagemood.finetuning.recipe import Recipe

N_PREDICTED = 64
"""The number of photos whose logits `predict` computes at a time."""
_MIXUP_BETA = 0.4
_MAX_GRADIENT = 5.0
_STATE = ("network", "average", "optimizer", "schedule")


class Training:
    """A network in training, and the complete state of its checkpoints.

    All random numbers of a step follow from the seed and the number of the step, so that a resumed training equals
    one that was not interrupted.

    Parameters
    ----------
    network : MoodNetwork
        The network with its starting weights, on the device that trains it. It is changed.
    recipe : Recipe
        The hyperparameters.
    n_steps_per_epoch : int
        Number of steps for one pass over the photos.
    """

    def __init__(self, network: MoodNetwork, recipe: Recipe, n_steps_per_epoch: int) -> None:
        self.recipe, self.n_steps_per_epoch = recipe, n_steps_per_epoch
        self.network = network
        to: Any = network.to  # its annotations lack memory_format in some versions of PyTorch
        to(memory_format=torch.channels_last)
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
        self._averages: list[Tensor] = [average for average, _ in trained]
        self._trained: list[Tensor] = [current for _, current in trained]
        self.n_steps_done = 0

    @property
    def epoch(self) -> int:
        """The number of the current epoch, from 0."""
        return self.n_steps_done // self.n_steps_per_epoch

    def batches(self, indices: NDArray[np.intp]) -> list[NDArray[np.intp]]:
        """Return the batches of the current epoch; an incomplete last batch is dropped."""
        n = self.recipe.n_batch
        order = np.random.default_rng([self.recipe.seed, self.epoch]).permutation(indices)
        return [np.sort(order[start : start + n]) for start in range(0, len(order) - n + 1, n)]

    def run(self, photos: DecodedPhotos, indices: NDArray[np.intp], targets: Tensor) -> Iterator[float]:
        """Train on some of the photos, from the current step to the last, and yield the loss of each step.

        The targets, (n, n_moods), are on the device of the network. The state between two steps can be saved.
        """
        recipe = self.recipe
        while self.n_steps_done < self.n_steps:
            size_px = recipe.sizes_px[self.epoch % len(recipe.sizes_px)]
            for chosen in self.batches(indices)[self.n_steps_done % self.n_steps_per_epoch :]:
                rng = np.random.default_rng([recipe.seed, self.n_steps_done, 2])
                features = photos.augmented(chosen, size_px, recipe.augmentation, rng)
                yield self.step(features, targets[torch.from_numpy(chosen).to(targets.device)])
                if self.n_steps_done == self.n_steps:
                    return

    def step(self, shared: Tensor, targets: Tensor) -> float:
        """Train on the features and the targets (n, n_moods) of a batch of photos; return the loss."""
        rng = np.random.default_rng([self.recipe.seed, self.n_steps_done, 1])
        torch.manual_seed(int(rng.integers(2**63)))
        if rng.random() < self.recipe.mixup_share:
            share = float(rng.beta(_MIXUP_BETA, _MIXUP_BETA))
            other = torch.from_numpy(rng.permutation(len(targets)))
            shared, targets = (part * share + part[other] * (1 - share) for part in (shared, targets))
        self.network.train()
        shared = shared.contiguous(memory_format=torch.channels_last)
        embedding = functional.dropout(self.network.embedding(shared), self.recipe.dropout)
        loss = functional.cross_entropy(self.network.moods(embedding), targets)
        self.optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(self._trained, _MAX_GRADIENT)
        self.optimizer.step()
        self.schedule.step()
        with torch.no_grad():
            decay = min(self.recipe.ema_decay, (1 + self.n_steps_done) / (10 + self.n_steps_done))
            torch._foreach_lerp_(self._averages, self._trained, 1 - decay)
        self.n_steps_done += 1
        return loss.item()

    def state(self) -> dict[str, Any]:
        """Return the state to save in a checkpoint."""
        return {**{part: getattr(self, part).state_dict() for part in _STATE}, "n_steps_done": self.n_steps_done}

    def start_at(self, n_steps_done: int) -> None:
        """Continue after a number of steps; the weights and the state of the optimizer are to be set."""
        self.n_steps_done = n_steps_done
        self.schedule.load_state_dict({**self.schedule.state_dict(), "last_epoch": n_steps_done})
        for group, rate in zip(self.optimizer.param_groups, self.schedule.base_lrs, strict=True):
            group["lr"] = rate * self.schedule.lr_lambdas[0](n_steps_done)

    def resume(self, state: dict[str, Any]) -> None:
        """Restore the state of a checkpoint."""
        for part in _STATE:
            getattr(self, part).load_state_dict(state[part])
        self.n_steps_done = state["n_steps_done"]


def _groups(network: MoodNetwork, recipe: Recipe) -> list[dict[str, Any]]:
    """Return parameter groups with a learning rate per block, lower for earlier blocks."""
    layers = [*network.mood_blocks, network.mood_last]
    groups = [
        {"params": list(layer.parameters()), "lr": recipe.rate * recipe.layer_decay ** (len(layers) - 1 - i)}
        for i, layer in enumerate(layers)
    ]
    return [*groups, {"params": list(network.moods.parameters()), "lr": recipe.head_rate}]


@torch.no_grad()
def predict(
    network: MoodNetwork, features: Callable[[NDArray[np.intp]], Tensor], indices: NDArray[np.intp]
) -> NDArray[np.float32]:
    """Return the logits of some photos, (n, n_moods), from their features, (n, channels, side, side)."""
    network.eval()
    batches = (indices[start : start + N_PREDICTED] for start in range(0, len(indices), N_PREDICTED))
    parts = [network.moods(network.embedding(features(batch))) for batch in batches]
    logits: NDArray[np.float32] = torch.cat(parts).cpu().numpy()
    return logits
