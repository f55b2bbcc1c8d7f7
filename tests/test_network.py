from __future__ import annotations

import numpy as np
import pytest
from onnx import TensorProto, helper

from imagemood import builtin
from imagemood.errors import ModelError
from imagemood.network import Network, n_cores


def doubling_network() -> bytes:
    graph = helper.make_graph(
        [helper.make_node("Add", ["x", "x"], ["twice"])],
        "double",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["n", 3])],
        [helper.make_tensor_value_info("twice", TensorProto.FLOAT, ["n", 3])],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=9)
    return model.SerializeToString()


def test_runs_what_the_network_says():
    network = Network(doubling_network())
    x = np.arange(6, dtype=np.float32).reshape(2, 3)
    assert network.inputs == {"x": ("n", 3)}
    assert network.input_types == {"x": "float"}
    np.testing.assert_array_equal(network.run(x=x)["twice"], 2 * x)


def test_another_number_of_threads_gives_the_same_answers():
    network = Network(builtin.path("network.onnx"))
    pictures = np.random.default_rng(0).integers(0, 256, (2, 224, 224, 3), dtype=np.uint8)
    one = network.with_threads(1).run(image=pictures)["scores"]
    two = network.with_threads(2).run(image=pictures)["scores"]
    np.testing.assert_allclose(one, two, atol=1e-6)


def test_wrong_input_is_one_clear_line():
    network = Network(doubling_network(), name="double.onnx")
    with pytest.raises(ModelError, match=r"^double\.onnx: cannot run: ") as caught:
        network.run(y=np.zeros((1, 3), dtype=np.float32))
    assert "\n" not in str(caught.value)


def test_what_is_no_network(tmp_path):
    path = tmp_path / "network.onnx"
    path.write_bytes(b"not an ONNX file")
    with pytest.raises(ModelError, match=r"network\.onnx: is not an ONNX network that can run here"):
        Network(path)
    with pytest.raises(ModelError, match="cannot be read: No such file"):
        Network(tmp_path / "absent.onnx")


def test_n_cores_is_what_this_process_may_use():
    assert n_cores() >= 1
