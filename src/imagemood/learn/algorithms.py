"""The algorithms, one entry each."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sklearn.calibration import CalibratedClassifierCV
from sklearn.compose import make_column_transformer
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import Normalizer
from sklearn.svm import SVC

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


def make_estimator(
    algorithm: str, *, n_tags: int, n_embedding: int = 0, random_state: int = 0, n_jobs: int = 1
) -> Any:
    """Make a scikit-learn classifier that has learned nothing yet.

    Parameters
    ----------
    algorithm : str
        A name in `ALGORITHMS`.
    n_tags, n_embedding : int
        How many of the feature columns are tag scores, and how many after them the embedding.
    random_state : int
        Seed.
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
    >>> make_estimator("rf", n_tags=1000).n_estimators
    300
    """
    if algorithm not in ALGORITHMS:
        raise InputError(f"unknown algorithm '{algorithm}'", hint=f"one of {', '.join(ALGORITHMS)}")
    return ALGORITHMS[algorithm](n_tags, n_embedding, random_state, n_jobs)
