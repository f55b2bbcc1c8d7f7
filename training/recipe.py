"""Hyperparameters for training the built-in network."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from imagemood.finetuning.recipe import Recipe


@dataclass(frozen=True)
class NetworkRecipe(Recipe):
    """Hyperparameters of fine-tuning, and those that only the built-in network has.

    Attributes
    ----------
    size : str
        Published network to start from: one of `imagemood.finetuning.network.SIZES`.
    n_shared : int
        Number of blocks at the beginning that tags and moods share, and that stay frozen.
    trained_on : str
        Photos to train on: "split" for the training part of `split.SPLIT`, the number of a fold for all photos but
        those of the fold, "none" for all photos.
    soft_target_weight : float
        Weight of the soft targets relative to the labels.
    label_smoothing : float
        Weight of the uniform distribution relative to the other targets.
    """

    size: str = "lite0"
    n_shared: int = 5
    trained_on: str = "split"
    soft_target_weight: float = 0.5
    label_smoothing: float = 0.05

    def summary(self) -> dict[str, Any]:
        """Return what a checkpoint records, for exporting the network."""
        return {name: getattr(self, name) for name in ("size", "n_shared", "trained_on", "seed")}
