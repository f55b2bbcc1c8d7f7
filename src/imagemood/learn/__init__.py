"""Learn moods from labelled tags: the training set, the algorithms, training, and export to ONNX."""

from __future__ import annotations

from imagemood.learn.algorithms import ALGORITHMS, make_estimator
from imagemood.learn.square_root import SquareRoot
from imagemood.learn.training import TrainedModel, train
from imagemood.learn.training_set import TrainingSet

__all__ = ["ALGORITHMS", "SquareRoot", "TrainedModel", "TrainingSet", "make_estimator", "train"]
