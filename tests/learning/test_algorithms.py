from __future__ import annotations

import importlib
import inspect
import re
import subprocess
import sys
from pathlib import Path
from pkgutil import resolve_name

import pytest
from sklearn.base import clone, is_classifier
from sklearn.ensemble import RandomForestClassifier
from sklearn.svm import SVC

from imagemood.cli.options import Algorithm
from imagemood.errors import InputError, VocabularyError
from imagemood.learning import (
    ALGORITHMS,
    AlgorithmSpec,
    EstimatorContext,
    Recipe,
    TrainedModel,
    get_algorithm,
    train,
)

CONTEXT = EstimatorContext({"tags": 30, "embedding": 16}, n_images=240, random_state=5, n_jobs=2)
algorithms = pytest.mark.parametrize("algorithm", ALGORITHMS.values(), ids=ALGORITHMS)


def leaf_values(estimator, name):
    """Return the values of a parameter, wherever it is in a pipeline."""
    parameters = estimator.get_params()
    return [value for key, value in parameters.items() if key.rsplit("__", 1)[-1] == name]


def test_names_are_unique_and_the_command_line_offers_all_of_them():
    assert list(ALGORITHMS) == [spec.name for spec in ALGORITHMS.values()]
    assert [str(choice) for choice in Algorithm] == list(ALGORITHMS)
    for name in ALGORITHMS:
        assert re.fullmatch(r"[a-z]+(-[a-z]+)*", name)


def test_the_list_is_read_without_heavy_libraries():
    code = (
        "import sys, imagemood.learning.algorithms, imagemood.cli.options\n"
        "print({'sklearn', 'numpy', 'onnx', 'skl2onnx', 'pyarrow'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


@algorithms
def test_estimators_are_unfitted_classifiers_that_can_be_cloned(algorithm):
    estimator = algorithm.make_estimator(CONTEXT)
    assert is_classifier(estimator)
    assert hasattr(estimator, "predict_proba")
    assert not hasattr(estimator, "classes_")
    assert repr(clone(estimator)) == repr(estimator)


@algorithms
def test_defaults_are_set(algorithm):
    estimator = algorithm.make_estimator(CONTEXT)
    for name, value in algorithm.defaults.items():
        assert leaf_values(estimator, name) == [value]
        assert algorithm.parameter(estimator, name) == value


@algorithms
def test_every_value_of_the_grid_can_be_set(algorithm):
    assert algorithm.grid
    for name, values in algorithm.grid.items():
        for value in values:
            assert leaf_values(algorithm.make_estimator(CONTEXT, {name: value}), name) == [value]


@algorithms
def test_the_seed_reaches_every_step_that_has_one(algorithm):
    """The PCA is deterministic, and so are the SVM with an RBF kernel and the neighbours."""
    parameters = algorithm.make_estimator(CONTEXT).get_params()
    seeds = {
        key: value
        for key, value in parameters.items()
        if key.rsplit("__", 1)[-1] == "random_state" and "pca" not in key and "svc" not in key.lower()
    }
    if algorithm.name in {"svm", "linear-svm"}:
        assert parameters["calibratedclassifiercv"].cv.random_state == 5
    elif algorithm.name != "knn":
        assert 5 in seeds.values()
    assert set(seeds.values()) <= {5, None}


@algorithms
def test_onnx_converters_are_functions_for_classes_of_scikit_learn(algorithm):
    for estimator, converter in algorithm.onnx_converters.items():
        assert inspect.isclass(resolve_name(estimator))
        assert list(inspect.signature(resolve_name(converter)).parameters) == ["scope", "operator", "container"]


@algorithms
def test_fewest_images_per_mood(algorithm, training_set):
    """The declared number of images is enough, and one fewer is rejected with a message, not by scikit-learn."""
    least = algorithm.min_images_per_mood
    data = training_set.select(["tags"])

    def first(n):
        indices = [i for mood in ("awe", "quiet fear") for i in positions(data.moods, mood)[:n]]
        return data.take(indices)

    small = {"n_neighbors": 2} if algorithm.n_images_parameter else {}
    assert isinstance(train(first(least), Recipe(algorithm.name, small)), TrainedModel)
    if least > 1:
        with pytest.raises(VocabularyError, match=f"each mood needs {least} images"):
            train(first(least - 1), algorithm.name)


def positions(moods, mood):
    return [i for i, other in enumerate(moods) if other == mood]


@algorithms
def test_sample_weights_are_accepted_as_declared(algorithm, training_set):
    recipe = Recipe(algorithm.name, balanced=True)
    if algorithm.accepts_sample_weight:
        assert train(training_set, recipe).metadata().parameters["balanced"] is True
    else:
        with pytest.raises(InputError, match="does not support balanced training"):
            train(training_set, recipe)


def test_a_parameter_of_a_step_is_found_by_its_last_name():
    forest = get_algorithm("rf").make_estimator(CONTEXT, {"n_estimators": 100})
    assert isinstance(forest, RandomForestClassifier)
    assert (forest.n_estimators, forest.random_state, forest.n_jobs) == (100, 5, 2)
    svm = get_algorithm("svm").make_estimator(CONTEXT, {"C": 8.0})
    machine = svm.named_steps["calibratedclassifiercv"].estimator
    assert isinstance(machine, SVC)
    assert (machine.C, machine.gamma) == (8.0, "scale")


@pytest.mark.parametrize(
    ("widths", "n_images", "n_components"),
    [({"tags": 1000}, 806, 256), ({"tags": 30, "embedding": 16}, 240, 46), ({"tags": 1000}, 101, 50)],
)
def test_the_number_of_principal_components_is_limited(widths, n_images, n_components):
    pipeline = get_algorithm("svm").make_estimator(EstimatorContext(widths, n_images))
    assert pipeline.named_steps["pca"].n_components == n_components


@pytest.mark.parametrize(
    ("n_images", "n_copies", "solver"), [(96, 1, "full"), (999, 1, "full"), (96, 11, "covariance_eigh")]
)
def test_components_of_few_images_are_computed_without_a_matrix_of_all_tags(n_images, n_copies, solver):
    context = EstimatorContext({"tags": 1000}, n_images, n_copies=n_copies)
    assert get_algorithm("svm").make_estimator(context).named_steps["pca"].svd_solver == solver


def test_trees_are_trained_on_two_rows_of_each_image():
    copies = EstimatorContext({"tags": 30}, 240, n_copies=4)
    assert get_algorithm("rf").make_estimator(copies).max_samples == 480
    assert get_algorithm("rf").make_estimator(CONTEXT).max_samples is None


@pytest.mark.parametrize(("n_images", "early_stopping"), [(999, False), (1000, True)])
def test_the_neural_network_stops_early_if_there_are_enough_images(n_images, early_stopping):
    pipeline = get_algorithm("mlp").make_estimator(EstimatorContext({"tags": 30}, n_images))
    assert pipeline.named_steps["mlpclassifier"].early_stopping is early_stopping


def test_unknown_names():
    with pytest.raises(InputError, match=r"unknown algorithm 'magic' \(choose one of rf, svm, logistic"):
        get_algorithm("magic")
    with pytest.raises(InputError, match="'rf' has no parameter 'C'"):
        get_algorithm("rf").make_estimator(CONTEXT, {"C": 1.0})


def test_a_new_algorithm_is_one_entry(training_set, monkeypatch):
    """The example of CONTRIBUTING.md: everything else works from the entry alone."""

    def create(context):
        from sklearn.naive_bayes import GaussianNB

        return context.with_preprocessing(GaussianNB())

    spec = AlgorithmSpec(
        name="naive-bayes",
        title="Gaussian naive Bayes",
        description="Gaussian naive Bayes",
        create=create,
        grid={"var_smoothing": [1e-6, 1e-3]},
    )
    monkeypatch.setitem(ALGORITHMS, spec.name, spec)
    trained = train(training_set, Recipe("naive-bayes", {"var_smoothing": 1e-3}))
    expected = trained.estimator.predict_proba(training_set.features)
    predicted = trained.classifier().predict(**training_set.inputs)
    assert abs(predicted - expected).max() < 1e-3
    assert trained.metadata().algorithm == "naive-bayes"


def test_the_table_in_the_docs_is_generated_from_the_list(monkeypatch):
    root = Path(__file__).parents[2]
    monkeypatch.syspath_prepend(root / "scripts")
    table = importlib.import_module("algorithm_tables").algorithms()
    assert table in (root / "docs" / "models.md").read_text("utf-8")
    assert all(f"| `{name}` |" in table for name in ALGORITHMS)
