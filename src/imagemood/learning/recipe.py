"""How to train, as a value."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

from imagemood.learning.augmentation import Augmentation


@dataclass(frozen=True)
class Recipe:
    """How to train: what, with which parameters, and on what made of the training images.

    Attributes
    ----------
    algorithm : str
        A name in `ALGORITHMS`.
    parameters : dict
        Parameters that differ from the defaults, by their names in scikit-learn.
    augmentation : Augmentation
        What is done to the training images first.
    random_state : int
        Seed: the same seed on the same data gives the same model.
    balanced : bool
        Whether each mood counts alike, however many images it has, instead of each image.

    Examples
    --------
    >>> Recipe("rf", {"n_estimators": 100}).to_dict()["parameters"]
    {'n_estimators': 100}
    """

    algorithm: str = "logistic"
    parameters: dict[str, Any] = field(default_factory=dict)
    augmentation: Augmentation = field(default_factory=Augmentation)
    random_state: int = 0
    balanced: bool = False

    def to_dict(self) -> dict[str, Any]:
        """Give the recipe as JSON can hold it.

        Returns
        -------
        dict
            The attributes.
        """
        return asdict(self)
