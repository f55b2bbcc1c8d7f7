from __future__ import annotations

import numpy as np
import onnx
import onnxruntime
import pytest
from onnx import helper, numpy_helper

from imagemood.finetuning.optional_outputs import make_optional
from imagemood.models.network import Network
from imagemood.models.tagger import Tagger
from tests.models.networks import LABELS, SIZE_PX, build, write_tagger

SWITCHES = {"with_tags": ["scores"], "with_moods": ["embedding", "total"]}


def two_branches() -> bytes:
    """Return a network with a shared part and two branches, one with a weight of the same name as in the other."""
    nodes = [
        helper.make_node("ReduceMean", ["picture", "axes"], ["means"], keepdims=0),
        helper.make_node("Neg", ["means"], ["shared"]),
        helper.make_node("MatMul", ["shared", "weight"], ["logits"]),
        helper.make_node("Softmax", ["logits"], ["scores"], axis=1),
        helper.make_node("MatMul", ["shared", "weight"], ["embedding"]),
        helper.make_node("ReduceSum", ["embedding"], ["total"], keepdims=1),
    ]
    outputs = {"scores": ["n", 3], "embedding": ["n", 3], "total": [1, 1]}
    constants = {"axes": np.array([2, 3]), "weight": np.arange(9, dtype=np.float32).reshape(3, 3)}
    return build(nodes, {"picture": ["n", 3, SIZE_PX, SIZE_PX]}, outputs, constants)


@pytest.fixture
def switched() -> bytes:
    network = make_optional(onnx.load_from_string(two_branches()), SWITCHES)
    onnx.checker.check_model(network, full_check=True)
    return network.SerializeToString()


@pytest.fixture
def pictures() -> np.ndarray:
    return np.random.default_rng(0).normal(size=(2, 3, SIZE_PX, SIZE_PX)).astype(np.float32)


def test_by_default_all_outputs_are_those_of_the_original_network(switched, pictures):
    original, network = Network(two_branches()), Network(switched)
    assert network.switches == frozenset(SWITCHES)
    assert network.inputs == original.inputs
    for name, expected in original.run(picture=pictures).items():
        np.testing.assert_array_equal(network.run(picture=pictures)[name], expected)


@pytest.mark.parametrize("switch", SWITCHES)
def test_outputs_that_are_switched_off_have_no_rows(switched, pictures, switch):
    expected = Network(two_branches()).run(picture=pictures)
    outputs = Network(switched).run(picture=pictures, **{switch: np.array(False)})
    for name, output in outputs.items():
        if name in SWITCHES[switch]:
            assert output.shape == (0, *expected[name].shape[1:])
        else:
            np.testing.assert_array_equal(output, expected[name])


def test_what_only_a_switched_off_output_needs_is_not_computed(pictures):
    """A branch that fails when it runs shows whether it runs."""
    model = onnx.load_from_string(two_branches())
    i = next(i for i, node in enumerate(model.graph.node) if "logits" in node.output)
    del model.graph.node[i]
    rows = helper.make_node("ReduceSum", ["shared", "one"], ["row"], keepdims=0)
    failing = [
        rows,
        helper.make_node("Abs", ["row"], ["size"]),
        helper.make_node("Add", ["size", "many"], ["far"]),
        helper.make_node("Cast", ["far"], ["index"], to=onnx.TensorProto.INT64),
        helper.make_node("Gather", ["weight", "index"], ["logits"]),  # outside of the three rows
    ]
    for node in reversed(failing):
        model.graph.node.insert(i, node)
    for name, value in (("one", np.array([1])), ("many", np.float32(100))):
        model.graph.initializer.append(numpy_helper.from_array(np.asarray(value), name))
    network = Network(make_optional(model, SWITCHES).SerializeToString())
    assert len(network.run(picture=pictures, with_tags=np.array(False))["embedding"]) == 2
    with pytest.raises(Exception, match="cannot run"):
        network.run(picture=pictures)


def test_a_tagger_switches_off_what_is_not_requested(switched, pictures, tmp_path):
    card = {"scores": "scores", "embedding": "embedding", "logits": False, "switches": SWITCHES}
    tagger = Tagger.load(write_tagger(tmp_path, switched, **card, labels=LABELS))
    photos = (pictures * 100 + 128).clip(0, 255).astype(np.uint8).transpose(0, 2, 3, 1)
    whole = tagger.predict(photos)
    only_tags, nothing = tagger.predict(photos, ("tags",)), tagger.predict(photos, ())
    np.testing.assert_array_equal(only_tags.scores, whole.scores)
    assert only_tags.embedding is None
    assert nothing.scores is None
    assert nothing.embedding is None


def test_onnx_runtime_accepts_the_network_without_the_switches(switched):
    session = onnxruntime.InferenceSession(switched, providers=["CPUExecutionProvider"])
    assert [node.name for node in session.get_inputs()] == ["picture"]
