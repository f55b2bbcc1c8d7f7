"""Learn moods from labelled tags: the training set, the algorithms, training, and export to ONNX."""

from __future__ import annotations

from imagemood.learn.algorithms import ALGORITHMS, GRIDS, Recipe, make_estimator
from imagemood.learn.square_root import SquareRoot
from imagemood.learn.training import TrainedModel, fit, train
from imagemood.learn.training_set import TrainingSet

__all__ = [
    "ALGORITHMS",
    "GRIDS",
    "Recipe",
    "SquareRoot",
    "TrainedModel",
    "TrainingSet",
    "fit",
    "make_estimator",
    "train",
]
