from __future__ import annotations

import numpy as np
import pytest
from onnx import TensorProto, helper

from imagemood import builtin
from imagemood.errors import InputError, ModelError
from imagemood.models.device import check_number
from imagemood.models.device import cpu_count
from imagemood.models.network import Network


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
    assert cpu_count() >= 1


def test_runs_on_the_cpu_unless_told_otherwise():
    network = Network(doubling_network())
    assert (network.device, network.on_gpu, network.providers) == ("cpu", False, ["CPUExecutionProvider"])


def test_auto_finds_a_device_and_says_nothing(capfd):
    network = Network(doubling_network(), device="auto")
    assert network.device in ("cpu", "cuda:0")
    assert network.on_gpu == ("CUDAExecutionProvider" in network.providers)
    x = np.ones((1, 3), dtype=np.float32)
    network.try_out(x=x)
    np.testing.assert_array_equal(network.run(x=x)["twice"], 2 * x)
    assert network.with_threads(1).device == network.device
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("device", ["gpu", "0", "CUDA", "cuda:", "cuda:-1", "cuda:0 ", "cuda:x", ""])
def test_there_is_no_such_device(device):
    with pytest.raises(InputError, match=rf"^there is no device '{device}' \(auto, cpu, cuda, or cuda:N"):
        Network(doubling_network(), device=device)


def test_a_device_that_is_asked_for_is_never_replaced_by_the_cpu(capfd):
    with pytest.raises(InputError, match=r"^device cuda:9999: .+ \(.+\)$"):
        Network(doubling_network(), device="cuda:9999")
    assert capfd.readouterr() == ("", "")


def test_a_network_that_fails_on_a_gpu_goes_over_to_the_cpu_where_nobody_asked_for_the_gpu():
    network = Network(doubling_network(), device="auto")
    network.device = "cuda:0"  # as if one had been found
    assert network.with_threads(1) is network
    wrong = np.ones((1, 3), dtype=np.float32)
    with pytest.raises(ModelError, match=r"\(on cuda:0; the device cpu may do\)$"):
        network.run(y=wrong)
    network.try_out(y=wrong)
    assert network.device == "cpu"
    np.testing.assert_array_equal(network.run(x=wrong)["twice"], 2 * wrong)


def test_what_is_no_network_is_the_networks_fault_on_any_device():
    for device in ("auto", "cuda:9999"):
        with pytest.raises(ModelError, match="is not an ONNX network"):
            Network(b"not an ONNX file", device=device)


@pytest.mark.parametrize(
    ("number", "n_devices", "shown", "message"),
    [
        (0, 0, None, r"device cuda:0: no CUDA device is here \(see nvidia-smi; .+\)"),
        (0, 0, "", r"device cuda:0: no CUDA device is here \(CUDA_VISIBLE_DEVICES is ''\)"),
        (1, 1, "7", r"device cuda:1: only cuda:0 is here \(CUDA_VISIBLE_DEVICES is '7'\)"),
        (2, 2, None, r"device cuda:2: only cuda:0 to cuda:1 are here \(give one of these\)"),
    ],
)
def test_devices_are_counted_as_cuda_counts_them(monkeypatch, number, n_devices, shown, message):
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    if shown is not None:
        monkeypatch.setenv("CUDA_VISIBLE_DEVICES", shown)
    with pytest.raises(InputError, match=f"^{message}$"):
        check_number(number, n_devices)
