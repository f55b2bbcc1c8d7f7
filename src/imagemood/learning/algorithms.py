"""The algorithms, one entry each."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sklearn.calibration import CalibratedClassifierCV
from sklearn.decomposition import PCA
from sklearn.ensemble import (
    ExtraTreesClassifier,
    HistGradientBoostingClassifier,
    RandomForestClassifier,
    VotingClassifier,
)
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold
from sklearn.neighbors import KNeighborsClassifier
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.svm import SVC, LinearSVC

from imagemood.errors import InputError
from imagemood.learning.neighbours import dudani_weights
from imagemood.learning.preparation import preparation
from imagemood.learning.recipe import Recipe

_N_COMPONENTS = 256
N_NEIGHBOURS = 60


@dataclass(frozen=True)
class Problem:
    """What an estimator is made for.

    Attributes
    ----------
    widths : dict of str to int
        How many columns each input has, in the order of the columns.
    n_images : int
        How many images there are to learn from.
    random_state : int
        Seed.
    n_jobs : int
        Cores to use where the algorithm can.
    """

    widths: dict[str, int]
    n_images: int
    random_state: int = 0
    n_jobs: int = 1

    def components(self) -> PCA:
        """Make what brings prepared features to their principal components: fewer numbers to compare."""
        n_components = min(_N_COMPONENTS, sum(self.widths.values()), max(1, self.n_images // 2))
        return PCA(n_components, svd_solver="covariance_eigh")

    def calibrated(self, machine: Any) -> CalibratedClassifierCV:
        """Make what gives a machine probabilities, by Platt scaling on folds."""
        folds = StratifiedKFold(3, shuffle=True, random_state=self.random_state)
        return CalibratedClassifierCV(machine, ensemble=False, cv=folds, n_jobs=self.n_jobs)


def _forest(problem: Problem) -> Any:
    return RandomForestClassifier(n_estimators=300, random_state=problem.random_state, n_jobs=problem.n_jobs)


def _extra_trees(problem: Problem) -> Any:
    return ExtraTreesClassifier(
        n_estimators=300, min_samples_leaf=3, random_state=problem.random_state, n_jobs=problem.n_jobs
    )


def _svm(problem: Problem) -> Pipeline:
    machine = problem.calibrated(SVC(C=2.0, gamma="scale", cache_size=500))
    return make_pipeline(preparation(problem.widths), problem.components(), machine)


def _linear_svm(problem: Problem) -> Pipeline:
    machine = problem.calibrated(LinearSVC(C=0.2, random_state=problem.random_state))
    return make_pipeline(preparation(problem.widths), machine)


def _logistic(problem: Problem) -> Pipeline:
    return make_pipeline(preparation(problem.widths), _regression(problem))


def _regression(problem: Problem) -> Any:
    return LogisticRegression(C=2.0, max_iter=1000, random_state=problem.random_state)


def _boosting(problem: Problem) -> Any:
    return HistGradientBoostingClassifier(
        learning_rate=0.1,
        max_iter=100,
        max_leaf_nodes=15,
        min_samples_leaf=20,
        max_features=0.1,
        early_stopping=False,
        random_state=problem.random_state,
    )


def _neighbours(problem: Problem) -> Pipeline:
    voters = KNeighborsClassifier(N_NEIGHBOURS, weights=dudani_weights, algorithm="brute", n_jobs=problem.n_jobs)
    return make_pipeline(preparation(problem.widths), problem.components(), voters)


def _network(problem: Problem) -> Pipeline:
    return make_pipeline(preparation(problem.widths), _perceptron(problem))


def _perceptron(problem: Problem) -> Any:
    return MLPClassifier(
        (128,),
        alpha=0.01,
        learning_rate_init=0.003,
        early_stopping=problem.n_images >= 1000,  # below, a tenth of the images tells too little
        n_iter_no_change=5,
        max_iter=1000,
        random_state=problem.random_state,
    )


def _ensemble(problem: Problem) -> Pipeline:
    voters = [
        ("logistic", _regression(problem)),
        ("mlp", _perceptron(problem)),
        ("extra-trees", _extra_trees(problem).set_params(n_estimators=100)),
    ]
    return make_pipeline(
        preparation(problem.widths), VotingClassifier(voters, voting="soft", flatten_transform=False)
    )


ALGORITHMS: dict[str, Callable[[Problem], Any]] = {
    "rf": _forest,
    "svm": _svm,
    "logistic": _logistic,
    "linear-svm": _linear_svm,
    "extra-trees": _extra_trees,
    "boosting": _boosting,
    "knn": _neighbours,
    "mlp": _network,
    "ensemble": _ensemble,
}
"""By name: random forest, SVM (RBF), logistic regression, linear SVM, extra trees, gradient-boosted trees, nearest
neighbours, a small neural network, and the average of three of them."""


USES_ALL_CORES = {"rf", "extra-trees", "boosting"}
"""Algorithms that fill all cores by themselves, so that folds had better come one after the other."""


GRIDS: dict[str, dict[str, list[Any]]] = {
    "rf": {"n_estimators": [10, 100, 300, 500], "min_samples_split": [2, 10]},
    "svm": {"C": [0.5, 2.0, 8.0], "gamma": ["scale", 0.5, 2.0]},
    "logistic": {"C": [0.1, 0.5, 2.0, 8.0]},
    "linear-svm": {"C": [0.02, 0.1, 0.5, 2.0]},
    "extra-trees": {"n_estimators": [100, 300, 500], "min_samples_leaf": [1, 3, 10]},
    "boosting": {"learning_rate": [0.05, 0.1, 0.2], "max_leaf_nodes": [7, 15, 31]},
    "knn": {"n_neighbors": [15, 30, 60, 120]},
    "mlp": {"hidden_layer_sizes": [(64,), (128,), (256,)], "alpha": [0.001, 0.01, 0.1]},
    "ensemble": {"C": [0.5, 2.0], "min_samples_leaf": [1, 3]},
}
"""What `search` tries for each algorithm; the forest's is that of the 2018 program."""


def make_estimator(recipe: Recipe, problem: Problem) -> Any:
    """Make a scikit-learn classifier that has learned nothing yet.

    Parameters
    ----------
    recipe : Recipe
        Algorithm and parameters.
    problem : Problem
        What it is made for.

    Returns
    -------
    estimator
        With ``fit`` and ``predict_proba``.

    Raises
    ------
    InputError
        If there is no such algorithm, or it has no such parameter.

    Examples
    --------
    >>> make_estimator(Recipe("rf", {"n_estimators": 100}), Problem({"tags": 1000}, n_images=806)).n_estimators
    100
    """
    if recipe.algorithm not in ALGORITHMS:
        raise InputError(f"unknown algorithm '{recipe.algorithm}'", hint=f"one of {', '.join(ALGORITHMS)}")
    estimator = ALGORITHMS[recipe.algorithm](problem)
    known = estimator.get_params()
    for name, value in recipe.parameters.items():
        places = [key for key in known if key.rsplit("__", 1)[-1] == name]
        if not places:
            raise InputError(f"'{recipe.algorithm}' has no parameter '{name}'")
        estimator.set_params(**{min(places, key=len): value})
    return estimator
