"""The training recipe: everything besides the data that determines a trained model."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

from imagemood.learning.algorithms import DEFAULT_ALGORITHM
from imagemood.learning.augmentation import Augmentation


@dataclass(frozen=True)
class Recipe:
    """A training recipe: the algorithm, its parameters, the augmentation and the seed.

    Attributes
    ----------
    algorithm : str
        A name in `imagemood.learning.ALGORITHMS`.
    parameters : dict
        Parameters that differ from the algorithm's defaults, by their names in scikit-learn.
    augmentation : Augmentation
        Applied to the training images before the algorithm is trained.
    random_state : int
        Seed. The same seed on the same data gives the same model.
    balanced : bool
        Whether all moods, rather than all images, have the same weight.

    Examples
    --------
    >>> Recipe("rf", {"n_estimators": 100}).to_dict()["parameters"]
    {'n_estimators': 100}
    """

    algorithm: str = DEFAULT_ALGORITHM
    parameters: dict[str, Any] = field(default_factory=dict)
    augmentation: Augmentation = field(default_factory=Augmentation)
    random_state: int = 0
    balanced: bool = False

    @classmethod
    def of(cls, recipe: Recipe | str) -> Recipe:
        """Return a recipe, or the recipe with all defaults for the name of an algorithm."""
        return cls(recipe) if isinstance(recipe, str) else recipe

    def to_dict(self) -> dict[str, Any]:
        """Return the recipe as a dictionary that can be written as JSON."""
        return asdict(self)
