from .algorithm_spec import AlgorithmSpec, EstimatorContext
from .algorithms import ALGORITHMS, get_algorithm
from .preprocessing import BlockScaler
from .recipe import Recipe
from .square_root import SquareRoot
from .training import TrainedModel, check_moods, fit, train
from .training_set import TrainingSet

__all__ = [
    "ALGORITHMS",
    "AlgorithmSpec",
    "BlockScaler",
    "EstimatorContext",
    "Recipe",
    "SquareRoot",
    "TrainedModel",
    "TrainingSet",
    "check_moods",
    "fit",
    "get_algorithm",
    "train",
]
