"""Learn moods from labelled tags: the training set, the algorithms, training, and export to ONNX."""

from __future__ import annotations

from imagemood.learn.algorithms import ALGORITHMS, GRIDS, USES_ALL_CORES, Problem, make_estimator
from imagemood.learn.preparation import BlockScaler
from imagemood.learn.recipe import Recipe
from imagemood.learn.square_root import SquareRoot
from imagemood.learn.training import TrainedModel, check_moods, fit, train
from imagemood.learn.training_set import TrainingSet

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
