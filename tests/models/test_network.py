from __future__ import annotations

import gc
import os
import signal
import subprocess
import sys
import threading
import time
import weakref
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import onnxruntime
import pytest
from onnx import TensorProto, helper

from imagemood import builtin
from imagemood.errors import InputError, ModelError, MoodError
from imagemood.models import memory_limit, run_limit
from imagemood.models.network import Network
from imagemood.models.trial import Trial
from tests.corpus import hostile_graphs
from tests.corpus.hostile_networks import MOODS
from tests.models.networks import build, doubling
from tests.models.test_run_limit import wait_for_calls


@pytest.fixture(scope="module")
def pictures():
    return np.random.default_rng(0).integers(0, 256, (2, 224, 224, 3), dtype=np.uint8)


def test_attributes(tmp_path, monkeypatch):
    monkeypatch.setattr("imagemood.models.network.cpu_count", lambda: 5)
    path = tmp_path / "double.onnx"
    path.write_bytes(doubling())
    network = Network(path)
    assert network.inputs == {"x": ("n", 3)}
    assert network.input_types == {"x": "float"}
    assert network.outputs == {"twice": ("n", 3)}
    assert network.size_bytes == path.stat().st_size == len(doubling())
    assert network.name == str(path)
    assert network.n_threads == 5
    assert Network(doubling()).name == "network"
    assert Network(path, name="mine", n_threads=3).name == "mine"
    assert Network(path, n_threads=3).n_threads == 3


def test_output_is_what_the_network_computes():
    x = np.arange(6, dtype=np.float32).reshape(2, 3)
    np.testing.assert_array_equal(Network(doubling()).run(x=x)["twice"], 2 * x)


def test_output_is_that_of_onnxruntime(pictures):
    session = onnxruntime.InferenceSession(builtin.path("network.onnx"), providers=["CPUExecutionProvider"])
    names = [node.name for node in session.get_outputs()]
    outputs = Network(builtin.path("network.onnx")).run(image=pictures)
    assert list(outputs) == names
    for name, expected in zip(names, session.run(None, {"image": pictures}), strict=True):
        np.testing.assert_allclose(outputs[name], expected, atol=1e-5)


def test_number_of_threads_does_not_change_the_output(pictures):
    network = Network(builtin.path("network.onnx"))
    single, double = network.with_threads(1), network.with_threads(2)
    assert (single.n_threads, double.n_threads) == (1, 2)
    assert single.name == network.name
    expected = single.run(image=pictures)["scores"]
    np.testing.assert_allclose(double.run(image=pictures)["scores"], expected, atol=1e-6)


def test_one_network_runs_in_several_threads():
    network = Network(doubling(), n_threads=1)
    arrays = [np.full((5, 3), i, dtype=np.float32) for i in range(40)]
    with ThreadPoolExecutor(4) as pool:
        outputs = list(pool.map(lambda x: network.run(x=x)["twice"], arrays))
    for x, output in zip(arrays, outputs, strict=True):
        np.testing.assert_array_equal(output, 2 * x)


@pytest.mark.parametrize(
    "arrays",
    [
        {"y": np.zeros((1, 3), dtype=np.float32)},
        {},
        {"x": np.zeros((1, 4), dtype=np.float32)},
        {"x": np.zeros((1, 3), dtype=np.float64)},
        {"x": np.zeros(3, dtype=np.float32)},
    ],
    ids=["unknown input", "missing input", "width", "type", "dimensions"],
)
def test_wrong_input_is_one_line(arrays, capfd):
    network = Network(doubling(), name="double.onnx")
    with pytest.raises(ModelError, match=r"^double\.onnx: cannot run: ") as caught:
        network.run(**arrays)
    assert len(str(caught.value).splitlines()) == 1
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("content", [b"not an ONNX file", b"", doubling()[:40], doubling()[:-1]])
def test_file_that_is_not_a_network(tmp_path, content, capfd):
    path = tmp_path / "network.onnx"
    path.write_bytes(content)
    with pytest.raises(
        ModelError, match=r"network\.onnx: not an ONNX network that ONNX Runtime can run: "
    ) as caught:
        Network(path)
    assert len(str(caught.value).splitlines()) == 1
    assert capfd.readouterr() == ("", "")


def test_missing_file(tmp_path):
    with pytest.raises(ModelError, match=r"absent\.onnx: cannot be read: No such file or directory$"):
        Network(tmp_path / "absent.onnx")
    with pytest.raises(ModelError, match="cannot be read: Is a directory$"):
        Network(tmp_path)


def test_device_is_the_cpu_by_default():
    network = Network(doubling())
    assert (network.device, network.on_gpu, network.providers) == ("cpu", False, ["CPUExecutionProvider"])


def test_auto_chooses_a_device_that_works_and_prints_nothing(capfd):
    network = Network(doubling(), device="auto")
    assert network.device in ("cpu", "cuda:0")
    assert network.on_gpu == ("CUDAExecutionProvider" in network.providers)
    x = np.ones((1, 3), dtype=np.float32)
    network.ensure_device_works(x=x)
    np.testing.assert_array_equal(network.run(x=x)["twice"], 2 * x)
    assert network.with_threads(1).device == network.device
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("device", ["auto", "cpu"])
def test_a_network_that_is_no_longer_used_is_freed_without_the_garbage_collector(device):
    gc.collect()
    gc.disable()
    try:
        errors = {id(value) for value in gc.get_objects() if isinstance(value, MoodError)}  # of other tests
        network = Network(doubling(), device=device)
        network.run(x=np.ones((1, 3), dtype=np.float32))
        reference = weakref.ref(network)
        del network
        assert reference() is None
        assert {id(value) for value in gc.get_objects() if isinstance(value, MoodError)} <= errors
    finally:
        gc.enable()


@pytest.mark.parametrize("device", ["gpu", "cuda:-1", ""])
def test_unknown_device(device):
    with pytest.raises(InputError, match=rf"^unknown device '{device}' \(use auto, cpu, cuda, or cuda:N"):
        Network(doubling(), device=device)


def test_requested_device_is_not_replaced_by_the_cpu(capfd):
    with pytest.raises(InputError, match=r"^device cuda:9999: .+ \(.+\)$"):
        Network(doubling(), device="cuda:9999")
    assert capfd.readouterr() == ("", "")


def test_network_that_fails_on_a_gpu_moves_to_the_cpu_if_the_device_was_chosen_automatically():
    network = Network(doubling(), device="auto")
    network.device = "cuda:0"  # as if a GPU had been found
    assert network.with_threads(1) is network
    wrong = np.ones((1, 3), dtype=np.float32)
    with pytest.raises(ModelError, match=r"\(the device was cuda:0; try cpu\)$"):
        network.run(y=wrong)
    network.ensure_device_works(y=wrong)
    assert network.device == "cpu"
    np.testing.assert_array_equal(network.run(x=wrong)["twice"], 2 * wrong)


def test_network_that_fails_on_a_requested_gpu_is_an_error():
    network = Network(doubling())
    network.device = "cuda:0"  # as if the user had asked for it
    with pytest.raises(ModelError, match="cannot run"):
        network.ensure_device_works(y=np.ones((1, 3), dtype=np.float32))
    assert network.device == "cuda:0"


@pytest.mark.parametrize("device", ["auto", "cuda:9999"])
def test_invalid_network_is_reported_whatever_the_device(device):
    with pytest.raises(ModelError, match="not an ONNX network"):
        Network(b"not an ONNX file", device=device)


def test_only_the_modules_of_networks_import_onnxruntime():
    package = builtin.path("").parent
    users = {
        str(path.relative_to(package))
        for path in package.rglob("*.py")
        if "import onnxruntime" in path.read_text("utf-8")
    }
    # acumos/runner.py is copied into bundles, and trial_process.py starts quickly: both run without this package.
    expected = {f"models/{name}.py" for name in ("cuda_session", "memory_limit", "network", "trial_process")}
    expected.add("acumos/runner.py")
    assert users == expected


@pytest.fixture(scope="module")
def endless_network():
    class Passed(Trial):
        def check(self, content, name):
            pass

    return Network(hostile_graphs.endless(MOODS)["loop"], name="endless.onnx", trial=Passed())


def test_an_endless_run_ends_at_the_time_limit(endless_network, monkeypatch):
    monkeypatch.setattr("imagemood.models.network._MAX_RUN_S", 0.1)
    with pytest.raises(ModelError, match=r"^endless\.onnx: a run takes more than 0.1 s$"):
        endless_network.run(tags=np.ones((1, 2), np.float32))


def test_an_endless_run_ends_at_an_interrupt(endless_network):
    def interrupt():
        while not run_limit._calls:
            time.sleep(0.001)
        os.kill(os.getpid(), signal.SIGINT)

    wait_for_calls()  # of other tests
    thread = threading.Thread(target=interrupt)
    with pytest.raises(KeyboardInterrupt):
        thread.start()
        endless_network.run(tags=np.ones((1, 2), np.float32))
    thread.join()
    wait_for_calls()


def test_networks_of_unknown_origin_are_tried_and_share_limited_memory(monkeypatch):
    monkeypatch.setattr(memory_limit, "_MIN_BYTES", 2**26)
    monkeypatch.setattr(memory_limit, "available_bytes", lambda: 0)
    memory_limit._register_arena.cache_clear()
    nodes = [
        helper.make_node("Expand", ["x", "size"], ["large"]),
        helper.make_node("ReduceMax", ["large", "axes"], ["y"], keepdims=0),
    ]
    inputs = {"x": ["n", 1], "size": (TensorProto.INT64, [3])}
    content = build(nodes, inputs, {"y": ["n", 1]}, {"axes": np.array([0])})
    network = Network(content, trial=Trial())
    try:
        small, large = ({"x": np.ones((1, 1), np.float32), "size": np.array([n, 1, 1])} for n in (9, 2**25))
        assert network.run(**small)["y"].tolist() == [[1]]
        with pytest.raises(ModelError, match="not enough memory to run the network"):
            network.run(**large)
        assert Network(content).run(**large)["y"].tolist() == [[1]]
    finally:
        memory_limit._register_arena.cache_clear()


@pytest.mark.skipif(sys.platform != "linux", reason="other systems do not limit the memory of a process")
def test_running_out_of_memory_is_an_error_of_its_own():
    code = """
import resource
import numpy as np
from imagemood.errors import ModelError
from imagemood.models.tagger import Tagger

tagger = Tagger.load(n_threads=1)
tagger.predict(np.zeros((1, 224, 224, 3), np.uint8))
pixels = np.zeros((500, 224, 224, 3), np.uint8)
with open("/proc/self/statm") as file:
    used = int(file.read().split()[0]) * resource.getpagesize()
resource.setrlimit(resource.RLIMIT_AS, (used + 200_000_000, -1))
try:
    tagger.network.run(image=pixels)
except MemoryError as error:
    resource.setrlimit(resource.RLIMIT_AS, (-1, -1))
    print(isinstance(error, ModelError), error.what)
"""
    completed = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert completed.stdout == "True not enough memory to run the network\n"
