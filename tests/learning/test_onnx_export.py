from __future__ import annotations

import numpy as np
import onnx
import pytest
from sklearn.base import BaseEstimator, clone
from sklearn.pipeline import make_pipeline

from imagemood.learning import ALGORITHMS, BlockScaler, EstimatorContext, SquareRoot, TrainingSet, train
from imagemood.learning.onnx_export import to_onnx


def test_onnx_predicts_the_probabilities_of_scikit_learn(trained, onnx_file, classifier, run_onnx):
    data = trained.training_set
    expected = trained.estimator.predict_proba(data.features)
    predicted = run_onnx(onnx_file, **data.inputs)
    np.testing.assert_allclose(predicted, expected, atol=1e-5)
    np.testing.assert_allclose(classifier.predict(**data.inputs), expected, atol=1e-5)
    assert classifier.labels == tuple(trained.estimator.classes_)


def test_predictions_agree_on_unseen_images(trained, onnx_file, run_onnx):
    """Including images without tags, with one tag, and with values exactly at the thresholds of trees."""
    data = trained.training_set
    rng = np.random.default_rng(4)
    unseen = {
        "tags": np.vstack([np.eye(30), rng.dirichlet(np.full(30, 0.1), 50)]),
        "embedding": rng.normal(size=(80, 16)),
        "visual": rng.normal(scale=20, size=(80, 5)),
    }
    inputs = {name: unseen[name].astype(np.float32) for name in data.inputs}
    if list(inputs) == ["tags"]:
        inputs["tags"] = np.vstack([inputs["tags"], data.tags[::-1][:50] * np.float32(0.5)])
        if trained.recipe.algorithm != "knn":  # all images have the same distance from one without tags
            inputs["tags"] = np.vstack([inputs["tags"], np.zeros((1, 30), dtype=np.float32)])
    expected = trained.estimator.predict_proba(np.hstack(list(inputs.values())))
    np.testing.assert_allclose(run_onnx(onnx_file, **inputs), expected, atol=1e-5)


def test_a_single_image_is_predicted_as_in_a_batch(trained, onnx_file, run_onnx):
    data = trained.training_set
    batch = run_onnx(onnx_file, **data.inputs)
    for i in (0, 100):
        single = run_onnx(onnx_file, **{name: array[i : i + 1] for name, array in data.inputs.items()})
        np.testing.assert_allclose(single[0], batch[i], atol=1e-6)


def test_the_network_has_the_documented_inputs_and_output(trained, onnx_file):
    network = onnx.load_from_string(onnx_file)
    widths = {value.name: value.type.tensor_type.shape.dim[1].dim_value for value in network.graph.input}
    assert widths == trained.training_set.widths
    assert [value.type.tensor_type.elem_type for value in network.graph.input] == [onnx.TensorProto.FLOAT] * len(
        widths
    )
    assert [value.name for value in network.graph.output] == ["probabilities"]


def test_no_node_is_unused(onnx_file):
    graph = onnx.load_from_string(onnx_file).graph
    used = {name for node in graph.node for name in node.input} | {output.name for output in graph.output}
    for node in graph.node:
        assert used & set(node.output), node.op_type


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_two_moods_and_constant_features(algorithm):
    """Binary problems use other code in scikit-learn and skl2onnx; constant columns have no variance."""
    rng = np.random.default_rng(6)
    visual = np.c_[rng.normal(size=(120, 2)), np.full(120, 3.0)].astype(np.float32)
    tags = np.c_[np.zeros((120, 2)), np.full((120, 1), 0.5)].astype(np.float32)
    moods = np.where(visual[:, 0] > 0, "joy", "fear").tolist()
    data = TrainingSet(tags, ("a", "b", "c"), moods, visual=visual, visual_names=("x", "y", "z"))
    trained = train(data, algorithm)
    expected = trained.estimator.predict_proba(data.features)
    classifier = trained.classifier()
    predicted = classifier.predict(**data.inputs)
    np.testing.assert_allclose(predicted, expected, atol=1e-5)
    assert (np.array(classifier.labels)[predicted.argmax(axis=1)] == moods).mean() > 0.8


@pytest.mark.parametrize("transformer", [SquareRoot(), BlockScaler()])
@pytest.mark.parametrize("scale", [1e-6, 1.0, 1e6])
def test_converted_transformers_compute_the_same_features(transformer, scale, run_onnx):
    """The identity as a classifier makes the transformed features visible."""
    rng = np.random.default_rng(0)
    features = (rng.normal(size=(50, 4)) * scale).astype(np.float32)
    moods = np.where(features[:, 0] > 0, "a", "b")
    logistic = ALGORITHMS["logistic"].make_estimator(EstimatorContext({"visual": 4}, 50))[-1]
    estimator = make_pipeline(clone(transformer), logistic).fit(features, moods)
    np.testing.assert_allclose(
        run_onnx(to_onnx(estimator, {"visual": 4}), visual=features), estimator.predict_proba(features), atol=1e-5
    )


def test_an_estimator_that_cannot_be_converted():
    class Unknown(BaseEstimator):
        """An estimator that skl2onnx does not know."""

    with pytest.raises(Exception, match="Unknown"):
        to_onnx(Unknown(), {"tags": 3})
