"""The settings of a fine-tuning, and the recipe for a number of photos."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from typing import Any

import imagemood
from imagemood.finetuning.recipe import Recipe
from imagemood.finetuning.starting_weights import Start

_N_BATCH, _N_SMALL_BATCH, _N_SMALL = 64, 32, 2000
_N_EPOCHS, _MIN_STEPS, _MAX_EPOCHS = 10, 150, 20
_N_FULL_RATE = 4000  # with fewer photos, the learning rates are lower, so that the network changes less


@dataclass(frozen=True)
class Settings:
    """Options of a fine-tuning.

    Attributes
    ----------
    start : Start
        The weights to start from.
    held_out : float
        Fraction of the photos that are held out for the evaluation and the calibration, from 0 to below 1.
    n_epochs : int, optional
        Number of passes over the photos. Defaults to 10, and up to 20 for few photos.
    balanced : bool
        Whether all moods have the same total weight.
    seed : int
        Random seed.
    """

    start: Start = Start.moods
    held_out: float = 0.2
    n_epochs: int | None = None
    balanced: bool = False
    seed: int = 0

    def recipe(self, n_photos: int) -> Recipe:
        """Return the recipe for a number of photos.

        Examples
        --------
        >>> for n_photos in (10, 400, 4000):
        ...     recipe = Settings().recipe(n_photos)
        ...     print(recipe.n_batch, recipe.n_epochs, round(recipe.rate, 6))
        10 20 1e-06
        33 13 4e-05
        64 10 0.0004
        """
        n_steps = max(1, round(n_photos / (_N_SMALL_BATCH if n_photos < _N_SMALL else _N_BATCH)))
        n_batch = n_photos // n_steps  # in each epoch, fewer than `n_steps` photos are left over
        n_epochs = min(max(_N_EPOCHS, math.ceil(_MIN_STEPS / n_steps)), _MAX_EPOCHS)
        rate = min(1.0, n_photos / _N_FULL_RATE)
        return Recipe(
            n_epochs=self.n_epochs or n_epochs,
            n_batch=n_batch,
            rate=Recipe.rate * rate,
            head_rate=Recipe.head_rate * rate,
            seed=self.seed,
        )

    def describe(self) -> dict[str, Any]:
        """Return everything but the photos that the trained network depends on, as it is written to JSON."""
        chosen = asdict(self) | {"start": str(self.start)}
        return {"settings": chosen, "recipe": asdict(Recipe()), "version of imagemood": imagemood.__version__}
