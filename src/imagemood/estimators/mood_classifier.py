"""A classifier of scikit-learn with the algorithms of this package."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, Self

import numpy as np
from numpy.typing import NDArray

from imagemood import _extras
from imagemood.errors import InputError
from imagemood.learning.algorithms import DEFAULT_ALGORITHM, EstimatorContext, get_algorithm
from imagemood.learning.training import check_number_of_images
from imagemood.models.device import cpu_count

with _extras.needs("train"):
    from sklearn.base import BaseEstimator, ClassifierMixin
    from sklearn.pipeline import Pipeline
    from sklearn.utils import check_random_state
    from sklearn.utils.class_weight import compute_sample_weight
    from sklearn.utils.multiclass import check_classification_targets
    from sklearn.utils.validation import _check_sample_weight, check_is_fitted, validate_data


class MoodClassifier(ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    """Predict moods, or any other labels, from features of pictures.

    The classifier has the algorithms of `imagemood train`, including the scaling of the features. The model that
    `imagemood.load_model` returns is one that was trained before; `imagemood.train` trains and stores one.

    Parameters
    ----------
    algorithm : str
        A name in `imagemood.learning.ALGORITHMS`.
    parameters : dict, optional
        Parameters that differ from the algorithm's defaults, by their names in scikit-learn.
    inputs : {"embedding", "tags", "visual"}
        The kind of the features, which determines how they are scaled. Features of other kinds, such as those of
        a `ColumnTransformer`, are best scaled as ``visual``: each column is standardised.
    balanced : bool
        Whether all labels, rather than all pictures, have the same weight.
    random_state : int, RandomState or None
        Seed.
    n_jobs : int, optional
        Number of CPU cores to use. Defaults to all.

    Attributes
    ----------
    classes_ : ndarray of shape (n_classes,)
        The labels.
    estimator_ : estimator
        The fitted classifier, with the scaling of the features.
    n_features_in_ : int
        Number of features.

    See Also
    --------
    imagemood.ImageEmbedder : Computes features of pictures.

    Examples
    --------
    >>> from sklearn.pipeline import make_pipeline
    >>> from imagemood.estimators import ImageEmbedder
    >>> from imagemood.pictures import samples
    >>> album = samples.all_samples()[:6]
    >>> labels = ["people", "scene"] * 3
    >>> model = make_pipeline(ImageEmbedder(), MoodClassifier())
    >>> model.fit([sample.path for sample in album], labels).predict([album[0].path]).tolist()
    ['people']
    """

    def __init__(
        self,
        algorithm: str = DEFAULT_ALGORITHM,
        *,
        parameters: Mapping[str, Any] | None = None,
        inputs: Literal["embedding", "tags", "visual"] = "embedding",
        balanced: bool = False,
        random_state: Any = 0,
        n_jobs: int | None = None,
    ) -> None:
        self.algorithm = algorithm
        self.parameters = parameters
        self.inputs = inputs
        self.balanced = balanced
        self.random_state = random_state
        self.n_jobs = n_jobs

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Self:
        """Train the classifier.

        Parameters
        ----------
        X : array_like of shape (n_pictures, n_features)
            Features.
        y : array_like of shape (n_pictures,)
            Labels.
        sample_weight : array_like of shape (n_pictures,), optional
            Weight of each picture.

        Returns
        -------
        MoodClassifier
            The fitted classifier.

        Raises
        ------
        ValueError
            If the features are not finite numbers, there is only one label, there are too few pictures for the
            algorithm, or a parameter is unknown.
        """
        X, y = validate_data(self, X, y)
        check_classification_targets(y)
        self.classes_ = np.unique(y)
        if len(self.classes_) < 2:
            raise InputError(f"there is only one class: {self.classes_[0]}")
        if self.inputs not in ("embedding", "tags", "visual"):
            raise InputError(f"unknown inputs '{self.inputs}'", hint="use embedding, tags or visual")
        algorithm = get_algorithm(self.algorithm)
        seed = self.random_state
        if not isinstance(seed, int):
            seed = int(check_random_state(seed).randint(2**31 - 1))
        context = EstimatorContext({self.inputs: X.shape[1]}, len(X), seed, self.n_jobs or cpu_count())
        estimator = algorithm.make_estimator(context, self.parameters)
        check_number_of_images(algorithm, estimator, len(X))
        weights = self._weights(X, y, sample_weight)
        if weights is not None and not algorithm.accepts_sample_weight:
            raise InputError(f"'{self.algorithm}' does not support weights", hint="use another algorithm")
        prefix = f"{estimator.steps[-1][0]}__" if isinstance(estimator, Pipeline) else ""
        self.estimator_ = estimator.fit(X, y, **({} if weights is None else {f"{prefix}sample_weight": weights}))
        return self

    def predict(self, X: Any) -> NDArray[Any]:
        """Predict the most probable label of each picture.

        Parameters
        ----------
        X : array_like of shape (n_pictures, n_features)
            Features.

        Returns
        -------
        ndarray of shape (n_pictures,)
            Labels.
        """
        probabilities = self.predict_proba(X)
        labels: NDArray[Any] = self.classes_[probabilities.argmax(axis=1)]
        return labels

    def predict_proba(self, X: Any) -> NDArray[np.float64]:
        """Predict the probability of each label.

        Parameters
        ----------
        X : array_like of shape (n_pictures, n_features)
            Features.

        Returns
        -------
        ndarray of shape (n_pictures, n_classes), float64
            Probabilities, with the columns in the order of ``classes_``.
        """
        check_is_fitted(self)
        probabilities = self.estimator_.predict_proba(validate_data(self, X, reset=False))
        return np.asarray(probabilities, dtype=np.float64)  # some algorithms compute in single precision

    def _weights(self, X: NDArray[Any], y: NDArray[Any], sample_weight: Any) -> NDArray[np.float64] | None:
        if sample_weight is None and not self.balanced:
            return None
        weights: NDArray[np.float64] = _check_sample_weight(sample_weight, X)
        return weights * compute_sample_weight("balanced", y) if self.balanced else weights
