"""The list of training algorithms: to add one, add a function and an entry here.

The functions import scikit-learn themselves, so that the command line can list the algorithms without loading it.
"""

from __future__ import annotations

from typing import Any

from imagemood.errors import InputError
from imagemood.learning.algorithm_spec import AlgorithmSpec, EstimatorContext

__all__ = ["ALGORITHMS", "DEFAULT_ALGORITHM", "AlgorithmSpec", "EstimatorContext", "get_algorithm"]

DEFAULT_ALGORITHM = "logistic"


def _random_forest(context: EstimatorContext) -> Any:
    from sklearn.ensemble import RandomForestClassifier

    # Each tree is trained on two rows per image, on average, which takes half of the time;
    # the accuracy differs by no more than the standard error of our measurements (docs/robustness.md).
    n_rows = 2 * context.n_images if context.n_copies > 2 else None
    return RandomForestClassifier(max_samples=n_rows, random_state=context.random_state, n_jobs=context.n_jobs)


def _svm(context: EstimatorContext) -> Any:
    from sklearn.svm import SVC

    classifier = context.with_probabilities(SVC(cache_size=500))
    return context.with_preprocessing(classifier, reduce_dimensions=True)


def _logistic(context: EstimatorContext) -> Any:
    return context.with_preprocessing(_logistic_regression(context))


def _logistic_regression(context: EstimatorContext) -> Any:
    from sklearn.linear_model import LogisticRegression

    return LogisticRegression(max_iter=1000, random_state=context.random_state)


def _linear_svm(context: EstimatorContext) -> Any:
    from sklearn.svm import LinearSVC

    return context.with_preprocessing(context.with_probabilities(LinearSVC(random_state=context.random_state)))


def _extra_trees(context: EstimatorContext) -> Any:
    from sklearn.ensemble import ExtraTreesClassifier

    return ExtraTreesClassifier(random_state=context.random_state, n_jobs=context.n_jobs)


def _boosting(context: EstimatorContext) -> Any:
    from sklearn.ensemble import HistGradientBoostingClassifier

    return HistGradientBoostingClassifier(early_stopping=False, random_state=context.random_state)


def _knn(context: EstimatorContext) -> Any:
    from sklearn.neighbors import KNeighborsClassifier

    from imagemood.learning.neighbours import dudani_weights

    classifier = KNeighborsClassifier(weights=dudani_weights, algorithm="brute", n_jobs=context.n_jobs)
    return context.with_preprocessing(classifier, reduce_dimensions=True)


def _mlp(context: EstimatorContext) -> Any:
    return context.with_preprocessing(_perceptron(context))


def _perceptron(context: EstimatorContext) -> Any:
    from sklearn.neural_network import MLPClassifier

    return MLPClassifier(
        early_stopping=context.n_images >= 1000,  # a tenth of fewer images is too small a validation set
        n_iter_no_change=5,
        max_iter=1000,
        random_state=context.random_state,
    )


def _ensemble(context: EstimatorContext) -> Any:
    from sklearn.ensemble import VotingClassifier

    members = [
        ("logistic", _logistic_regression(context)),
        ("mlp", _perceptron(context)),
        ("extra-trees", _extra_trees(context)),
    ]
    return context.with_preprocessing(VotingClassifier(members, voting="soft", flatten_transform=False))


_PERCEPTRON_DEFAULTS = {"hidden_layer_sizes": (128,), "alpha": 0.01, "learning_rate_init": 0.003}

_SPECS = (
    AlgorithmSpec(
        name="rf",
        title="random forest",
        description="random forest, as in the 2018 program; the default of `classify_image`",
        create=_random_forest,
        defaults={"n_estimators": 300},
        grid={"n_estimators": [10, 100, 300, 500], "min_samples_split": [2, 10]},  # the grid of the 2018 program
        onnx_converters={"sklearn.ensemble:RandomForestClassifier": "imagemood.learning.trees:convert_forest"},
        uses_all_cores=True,
    ),
    AlgorithmSpec(
        name="svm",
        title="support vector machine with an RBF kernel",
        description="support vector machine with an RBF kernel on 256 principal components, with probabilities by "
        "Platt scaling",
        create=_svm,
        defaults={"C": 2.0, "gamma": "scale"},
        grid={"C": [0.5, 2.0, 8.0], "gamma": ["scale", 0.5, 2.0]},
        min_images_per_mood=3,
        accepts_votes=False,
    ),
    AlgorithmSpec(
        name="logistic",
        title="logistic regression",
        description="logistic regression; well calibrated, small and fast: the default",
        create=_logistic,
        defaults={"C": 2.0},
        grid={"C": [0.1, 0.5, 2.0, 8.0]},
    ),
    AlgorithmSpec(
        name="linear-svm",
        title="linear support vector machine",
        description="linear support vector machine, with probabilities by Platt scaling",
        create=_linear_svm,
        defaults={"C": 0.2},
        grid={"C": [0.02, 0.1, 0.5, 2.0]},
        min_images_per_mood=3,
        accepts_votes=False,
    ),
    AlgorithmSpec(
        name="extra-trees",
        title="extremely randomized trees",
        description="extremely randomized trees",
        create=_extra_trees,
        defaults={"n_estimators": 300, "min_samples_leaf": 3},
        grid={"n_estimators": [100, 300, 500], "min_samples_leaf": [1, 3, 10]},
        onnx_converters={"sklearn.ensemble:ExtraTreesClassifier": "imagemood.learning.trees:convert_forest"},
        uses_all_cores=True,
    ),
    AlgorithmSpec(
        name="boosting",
        title="gradient-boosted trees",
        description="histogram-based gradient-boosted trees",
        create=_boosting,
        defaults={
            "learning_rate": 0.1,
            "max_iter": 100,
            "max_leaf_nodes": 15,
            "min_samples_leaf": 20,
            "max_features": 0.1,
        },
        grid={"learning_rate": [0.05, 0.1, 0.2], "max_leaf_nodes": [7, 15, 31]},
        onnx_converters={
            "sklearn.ensemble:HistGradientBoostingClassifier": "imagemood.learning.trees:convert_boosting"
        },
        uses_all_cores=True,
    ),
    AlgorithmSpec(
        name="knn",
        title="nearest neighbours",
        description="nearest neighbours among 256 principal components, weighted by distance (Dudani 1976)",
        create=_knn,
        defaults={"n_neighbors": 60},
        grid={"n_neighbors": [15, 30, 60, 120]},
        onnx_converters={
            "sklearn.neighbors:KNeighborsClassifier": "imagemood.learning.neighbours:convert_neighbours"
        },
        n_images_parameter="n_neighbors",
        accepts_sample_weight=False,
        accepts_votes=False,
    ),
    AlgorithmSpec(
        name="mlp",
        title="neural network with one hidden layer",
        description="neural network with one hidden layer",
        create=_mlp,
        defaults=_PERCEPTRON_DEFAULTS,
        grid={"hidden_layer_sizes": [(64,), (128,), (256,)], "alpha": [0.001, 0.01, 0.1]},
        min_images_per_mood=2,
    ),
    AlgorithmSpec(
        name="ensemble",
        title="average of logistic, mlp and extra-trees",
        description="average of the probabilities of `logistic`, `mlp` and 100 `extra-trees`",
        create=_ensemble,
        defaults={"C": 2.0, **_PERCEPTRON_DEFAULTS, "n_estimators": 100, "min_samples_leaf": 3},
        grid={"C": [0.5, 2.0], "min_samples_leaf": [1, 3]},
        min_images_per_mood=2,
    ),
)

ALGORITHMS: dict[str, AlgorithmSpec] = {spec.name: spec for spec in _SPECS}
"""Every algorithm by its name."""


def get_algorithm(name: str) -> AlgorithmSpec:
    """Return the algorithm with a name.

    Raises
    ------
    InputError
        If there is no such algorithm.

    Examples
    --------
    >>> get_algorithm("rf").title
    'random forest'
    """
    if name not in ALGORITHMS:
        raise InputError(f"unknown algorithm '{name}'", hint=f"choose one of {', '.join(ALGORITHMS)}")
    return ALGORITHMS[name]
