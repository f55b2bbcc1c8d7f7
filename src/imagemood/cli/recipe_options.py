"""Options that determine how a mood classifier is trained."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from imagemood.cli import options
from imagemood.errors import InputError

if TYPE_CHECKING:
    from imagemood.learning import Recipe


@dataclass(frozen=True, kw_only=True)
class RecipeOptions:
    """The options of a command that trains one algorithm."""

    inputs: options.Inputs = None
    balanced: options.Balanced = False
    mask: options.Mask = None
    noise: options.Noise = 0.0

    def chosen_inputs(self) -> tuple[str, ...] | None:
        """Return the inputs in the order that models use; None if the option is not given."""
        return parse_inputs(self.inputs) if self.inputs else None

    def recipe(self, algorithm: str, seed: int) -> Recipe:
        """Return the recipe for an algorithm."""
        from imagemood.learning import Recipe
        from imagemood.learning.augmentation import Augmentation

        augmentation = Augmentation(self._fractions(), self.noise, seed)
        return Recipe(str(algorithm), augmentation=augmentation, random_state=seed, balanced=self.balanced)

    def _fractions(self) -> tuple[float, ...]:
        try:
            fractions = tuple(float(fraction) for fraction in self.mask.split(",")) if self.mask else ()
        except ValueError:
            hint = "separate numbers by commas: 0.1,0.25,0.5,1"
            raise InputError(f"invalid --mask '{self.mask}'", hint=hint) from None
        if not all(0 < fraction <= 1 for fraction in fractions):
            raise InputError(f"invalid --mask '{self.mask}'", hint="use fractions above 0 and up to 1")
        return fractions


def parse_inputs(text: str) -> tuple[str, ...]:
    """Parse inputs such as embedding+tags, and return them in the order that models use."""
    from imagemood.models.metadata import INPUTS

    names = text.split("+")
    unknown = [name for name in names if name not in INPUTS]
    if unknown or len(set(names)) < len(names):
        raise InputError(f"invalid --inputs '{text}'", hint=f"join one or more of {', '.join(INPUTS)} by +")
    return tuple(name for name in INPUTS if name in names)
