from __future__ import annotations

import numpy as np
import onnxruntime
import pytest
from onnx import TensorProto
from skl2onnx import to_onnx, update_registered_converter
from sklearn.base import BaseEstimator, TransformerMixin

from imagemood.learning.onnx_nodes import NodeWriter


class Spread(TransformerMixin, BaseEstimator):
    """The two largest values of each row minus a constant; only its converter matters here."""

    def fit(self, X, y=None):  # noqa: ARG002 (the signature of scikit-learn)
        self.n_features_in_ = X.shape[1]
        return self

    def transform(self, X):
        return np.sort(X, axis=1)[:, :-3:-1] - 1


def convert(scope, operator, container):
    write = NodeWriter(scope, container)
    values, _ = write.pair("TopK", operator.inputs[0].full_name, write.constant([2]), axis=1, largest=1, sorted=1)
    write("Sub", values, write.constant(np.float32(1)), output=operator.outputs[0].full_name)


def shape(operator):
    kind = operator.inputs[0].type
    operator.outputs[0].type = type(kind)([None, 2])


@pytest.fixture(scope="module")
def network():
    update_registered_converter(Spread, "TestSpread", shape, convert)
    return to_onnx(Spread().fit(np.ones((2, 4))), np.ones((1, 4), dtype=np.float32), target_opset=18)


def test_nodes_compute_what_they_describe(network):
    rows = np.random.default_rng(0).normal(size=(5, 4)).astype(np.float32)
    session = onnxruntime.InferenceSession(network.SerializeToString(), providers=["CPUExecutionProvider"])
    (computed,) = session.run(None, {session.get_inputs()[0].name: rows})
    np.testing.assert_allclose(computed, Spread().transform(rows), atol=1e-6)


def test_names_are_unique(network):
    outputs = [name for node in network.graph.node for name in node.output]
    assert len(outputs) == len(set(outputs))
    names = [node.name for node in network.graph.node]
    assert len(names) == len(set(names))


def test_constants_keep_their_type(network):
    types = sorted(constant.data_type for constant in network.graph.initializer)
    assert types == sorted([TensorProto.INT64, TensorProto.FLOAT])
