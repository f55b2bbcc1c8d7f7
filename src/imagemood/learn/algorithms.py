"""The algorithms, one entry each."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from sklearn.calibration import CalibratedClassifierCV
from sklearn.compose import make_column_transformer
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import Normalizer
from sklearn.svm import SVC

from imagemood.augment import Augmentation
from imagemood.errors import InputError
from imagemood.learn.square_root import SquareRoot


def _roots(n_tags: int, n_embedding: int) -> Any:
    """Bring tags and embedding to one scale: the square root of shares of a whole."""
    if n_embedding == 0:
        return SquareRoot()
    return make_column_transformer(
        (SquareRoot(), slice(0, n_tags)),
        (make_pipeline(Normalizer("l1"), SquareRoot()), slice(n_tags, n_tags + n_embedding)),
    )


def _forest(n_tags: int, n_embedding: int, seed: int, n_jobs: int) -> Any:  # noqa: ARG001 (one signature)
    return RandomForestClassifier(n_estimators=300, random_state=seed, n_jobs=n_jobs)


def _svm(n_tags: int, n_embedding: int, seed: int, n_jobs: int) -> Pipeline:
    machine = SVC(C=2.0, gamma="scale", cache_size=500)
    folds = StratifiedKFold(3, shuffle=True, random_state=seed)
    calibrated = CalibratedClassifierCV(machine, ensemble=False, cv=folds, n_jobs=n_jobs)
    return make_pipeline(_roots(n_tags, n_embedding), calibrated)


def _logistic(n_tags: int, n_embedding: int, seed: int, n_jobs: int) -> Pipeline:  # noqa: ARG001
    regression = LogisticRegression(C=2.0, max_iter=1000, random_state=seed)
    return make_pipeline(_roots(n_tags, n_embedding), regression)


ALGORITHMS: dict[str, Callable[[int, int, int, int], Any]] = {
    "rf": _forest,
    "svm": _svm,
    "logistic": _logistic,
}
"""By name: random forest of 300 trees, calibrated SVM with an RBF kernel, logistic regression."""


GRIDS: dict[str, dict[str, list[Any]]] = {
    "rf": {"n_estimators": [10, 100, 300, 500], "min_samples_split": [2, 10]},
    "svm": {"C": [0.5, 2.0, 8.0], "gamma": ["scale", 0.5, 2.0]},
    "logistic": {"C": [0.1, 0.5, 2.0, 8.0]},
}
"""What `search` tries for each algorithm; the forest's is that of the 2018 program."""


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
    """

    algorithm: str = "logistic"
    parameters: dict[str, Any] = field(default_factory=dict)
    augmentation: Augmentation = field(default_factory=Augmentation)
    random_state: int = 0


def make_estimator(recipe: Recipe, *, n_tags: int, n_embedding: int = 0, n_jobs: int = 1) -> Any:
    """Make a scikit-learn classifier that has learned nothing yet.

    Parameters
    ----------
    recipe : Recipe
        Algorithm, parameters and seed.
    n_tags, n_embedding : int
        How many of the feature columns are tag scores, and how many after them the embedding.
    n_jobs : int
        Cores to use where the algorithm can.

    Returns
    -------
    estimator
        With ``fit`` and ``predict_proba``.

    Raises
    ------
    InputError
        If there is no such algorithm.

    Examples
    --------
    >>> make_estimator(Recipe("rf", {"n_estimators": 100}), n_tags=1000).n_estimators
    100
    """
    if recipe.algorithm not in ALGORITHMS:
        raise InputError(f"unknown algorithm '{recipe.algorithm}'", hint=f"one of {', '.join(ALGORITHMS)}")
    estimator = ALGORITHMS[recipe.algorithm](n_tags, n_embedding, recipe.random_state, n_jobs)
    known = estimator.get_params()
    for name, value in recipe.parameters.items():
        (place,) = [key for key in known if key.rsplit("__", 1)[-1] == name]
        estimator.set_params(**{place: value})
    return estimator
