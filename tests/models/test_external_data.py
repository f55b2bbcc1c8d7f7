from __future__ import annotations

import pytest
from onnx import ModelProto, helper

from imagemood.errors import ModelError
from imagemood.models import external_data as external_data_module
from imagemood.models.external_data import check_no_external_data
from imagemood.models.network import Network
from imagemood.models.trial import Trial
from tests.corpus.hostile_graphs import external_data
from tests.corpus.hostile_networks import MOODS, good


@pytest.mark.parametrize("path", ["/etc/passwd", "../secret", "weights.bin"])
def test_external_data_of_a_constant(path):
    with pytest.raises(ModelError, match=r"^mine\.onnx: the network has external data, which are not supported"):
        Network(external_data(MOODS, path), name="mine.onnx", trial=Trial())


def test_external_data_in_a_subgraph_and_in_a_function():
    tensor = ModelProto.FromString(external_data(MOODS, "weights.bin")).graph.initializer[-1]
    constant = helper.make_node("Constant", [], ["k"], value=tensor)
    branch = helper.make_graph([constant], "branch", [], [])
    condition = helper.make_node("If", ["c"], ["k"], then_branch=branch, else_branch=branch)
    function = helper.make_function("mine", "F", [], ["k"], [constant], [])
    for network in (
        helper.make_model(helper.make_graph([condition], "graph", [], [])),
        helper.make_model(helper.make_graph([], "graph", [], []), functions=[function]),
    ):
        with pytest.raises(ModelError, match="external data"):
            check_no_external_data(network.SerializeToString(), "mine.onnx")


def test_the_word_alone_is_not_external_data():
    network = ModelProto.FromString(good(MOODS))
    network.doc_string = network.graph.node[0].name = "location"
    network.metadata_props.add(key="location", value="here")
    check_no_external_data(network.SerializeToString(), "mine.onnx")
    check_no_external_data(b"location: not a network", "mine.onnx")


def test_all_paths_to_tensors_are_those_of_onnx():
    """Each message of ONNX through which a tensor can be reached is described, with the numbers of its fields."""

    def fields(message):
        return {field.number: field.message_type.name for field in message.fields if field.message_type}

    known = {"TensorProto"}
    messages = ModelProto.DESCRIPTOR.file.message_types_by_name
    while True:
        leading = {name for name, message in messages.items() if known & set(fields(message).values())}
        if leading <= known:
            break
        known |= leading
    known -= {"TensorProto"}
    expected = {
        name: {number: kind for number, kind in fields(messages[name]).items() if kind in known | {"TensorProto"}}
        for name in known
    }
    described = {
        name: {number: kind.rstrip("*") for number, kind in fields.values()}
        for name, fields in external_data_module._MESSAGES.items()
        if name in known
    }
    assert described == expected
    (number,) = (field[0] for field in external_data_module._MESSAGES["TensorProto"].values())
    assert messages["TensorProto"].fields_by_name["external_data"].number == number
