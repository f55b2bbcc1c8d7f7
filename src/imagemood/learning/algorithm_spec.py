"""The description of a training algorithm; `imagemood.learning.algorithms` lists them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from imagemood.errors import InputError

_MAX_COMPONENTS = 256


@dataclass(frozen=True)
class EstimatorContext:
    """Properties of a training set that estimators depend on, and the steps that several algorithms share.

    Attributes
    ----------
    widths : dict of str to int
        Number of columns of each input (``tags``, ``embedding``, ``visual``), in the order of the columns.
    n_images : int
        Number of training images, before augmentation.
    random_state : int
        Seed.
    n_jobs : int
        Number of CPU cores that the estimator may use.
    n_copies : int
        Number of training rows of each image, after augmentation.
    """

    widths: Mapping[str, int]
    n_images: int
    random_state: int = 0
    n_jobs: int = 1
    n_copies: int = 1

    def with_preprocessing(self, classifier: Any, *, reduce_dimensions: bool = False) -> Any:
        """Return a pipeline that scales the inputs for algorithms that compare distances, then classifies."""
        from sklearn.pipeline import make_pipeline

        from imagemood.learning.preprocessing import make_preprocessor

        steps = [self._principal_components()] if reduce_dimensions else []
        return make_pipeline(make_preprocessor(self.widths), *steps, classifier)

    def with_probabilities(self, classifier: Any) -> Any:
        """Return a classifier whose scores are calibrated to probabilities (Platt scaling, three folds)."""
        from sklearn.calibration import CalibratedClassifierCV
        from sklearn.model_selection import StratifiedKFold

        folds = StratifiedKFold(3, shuffle=True, random_state=self.random_state)
        return CalibratedClassifierCV(classifier, ensemble=False, cv=folds, n_jobs=self.n_jobs)

    def _principal_components(self) -> Any:
        from sklearn.decomposition import PCA

        n_features = sum(self.widths.values())
        n_components = min(_MAX_COMPONENTS, n_features, max(1, self.n_images // 2))
        # The covariance matrix of the features would be larger than the matrix of few images.
        solver = "full" if self.n_images * self.n_copies < n_features else "covariance_eigh"
        return PCA(n_components, svd_solver=solver)


@dataclass(frozen=True)
class AlgorithmSpec:
    """A training algorithm: how to create its estimator, and what the rest of the package must know about it.

    Attributes
    ----------
    name : str
        Name on the command line and in recipes.
    title : str
        What the algorithm is, in a few words, for the command line's help.
    description : str
        One or two clauses for the table in ``docs/models.md``.
    create : callable
        Takes an `EstimatorContext` and returns an unfitted scikit-learn classifier with ``predict_proba``. It
        imports scikit-learn itself, so that the list of algorithms can be read without it.
    grid : mapping of str to sequence
        Values that `imagemood.evaluation.grid_search` tries for each parameter.
    defaults : mapping of str to object
        Parameters that are set after `create`, by their names in scikit-learn. A recipe's parameters override
        them.
    onnx_converters : mapping of str to str
        ``module:class`` of each estimator that skl2onnx cannot convert, or does not convert well, and the
        ``module:function`` that converts it.
    min_images_per_mood : int
        Fewest images of each mood that the algorithm can be trained on.
    n_images_parameter : str, optional
        A parameter that may not exceed the number of training images, such as ``n_neighbors``.
    accepts_sample_weight : bool
        Whether ``fit`` takes sample weights, which balanced training needs.
    accepts_votes : bool
        Whether the algorithm can be trained on several moods of one image, with their shares of the votes as
        weights. This needs sample weights, and no division of the images into parts. Otherwise, each image has the
        mood with the most votes.
    uses_all_cores : bool
        Whether the algorithm uses all CPU cores by itself; cross-validation then trains its folds one at a time.
    """

    name: str
    title: str
    description: str
    create: Callable[[EstimatorContext], Any]
    grid: Mapping[str, Sequence[Any]]
    defaults: Mapping[str, Any] = field(default_factory=dict)
    onnx_converters: Mapping[str, str] = field(default_factory=dict)
    min_images_per_mood: int = 1
    n_images_parameter: str | None = None
    accepts_sample_weight: bool = True
    accepts_votes: bool = True
    uses_all_cores: bool = False

    def make_estimator(self, context: EstimatorContext, parameters: Mapping[str, Any] | None = None) -> Any:
        """Create an unfitted scikit-learn classifier with ``predict_proba``.

        `parameters` override `defaults`; their names have no prefixes of pipeline steps. An unknown parameter
        raises an `InputError`.
        """
        estimator = self.create(context)
        for name, value in {**self.defaults, **(parameters or {})}.items():
            estimator.set_params(**{self._full_name(estimator, name): value})
        return estimator

    def parameter(self, estimator: Any, name: str) -> Any:
        """Return an estimator's value of a parameter, which may belong to a step of a pipeline."""
        return estimator.get_params()[self._full_name(estimator, name)]

    def _full_name(self, estimator: Any, name: str) -> str:
        keys: list[str] = [key for key in estimator.get_params() if key.rsplit("__", 1)[-1] == name]
        if not keys:
            raise InputError(f"'{self.name}' has no parameter '{name}'")
        return min(keys, key=len)
