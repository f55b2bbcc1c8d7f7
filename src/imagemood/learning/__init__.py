"""Learn moods from labelled tags: the training set, the algorithms, training, and export to ONNX."""

from __future__ import annotations

from imagemood.learning.algorithms import ALGORITHMS, GRIDS, USES_ALL_CORES, Problem, make_estimator
from imagemood.learning.preparation import BlockScaler
from imagemood.learning.recipe import Recipe
from imagemood.learning.square_root import SquareRoot
from imagemood.learning.training import TrainedModel, check_moods, fit, train
from imagemood.learning.training_set import TrainingSet

__all__ = [
    "ALGORITHMS",
    "GRIDS",
    "USES_ALL_CORES",
    "BlockScaler",
    "Problem",
    "Recipe",
    "SquareRoot",
    "TrainedModel",
    "TrainingSet",
    "check_moods",
    "fit",
    "make_estimator",
    "train",
]
