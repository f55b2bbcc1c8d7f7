from __future__ import annotations

import base64
import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from imagemood.serve.problems import Problem
from imagemood.serve.schemas.open_inference import (
    JSON_LENGTH_HEADER,
    InferRequest,
    Tensor,
    parse_request,
    serialize_response,
)

DTYPES = {"FP32": np.float32, "FP64": np.float64}
FLOATS = st.sampled_from(["FP32", "FP64"]).flatmap(
    lambda name: st.tuples(
        st.just(name),
        arrays.arrays(DTYPES[name], arrays.array_shapes(max_dims=3, max_side=3), elements=st.floats(width=16)),
    )
)
BYTES = st.lists(st.binary(max_size=20), max_size=5).map(lambda values: ("BYTES", values))
TENSORS = st.lists(FLOATS | BYTES, min_size=1, max_size=3).map(
    lambda entries: [Tensor(f"t{i}", datatype, values) for i, (datatype, values) in enumerate(entries)]
)


def assert_same(found, expected):
    assert (found.name, found.datatype, found.shape) == (expected.name, expected.datatype, expected.shape)
    if expected.datatype == "BYTES":
        assert found.values == expected.values
    else:
        np.testing.assert_array_equal(found.values, expected.values)
        assert found.values.dtype == expected.values.dtype


def as_input(tensor, **fields):
    return {"name": tensor.name, "shape": tensor.shape, "datatype": tensor.datatype, **fields}


@given(TENSORS)
def test_tensors_as_bytes_are_parsed(tensors):
    parts = [tensor.to_bytes() for tensor in tensors]
    inputs = [
        as_input(tensor, parameters={"binary_data_size": len(part)})
        for tensor, part in zip(tensors, parts, strict=True)
    ]
    head = json.dumps({"inputs": inputs}).encode()
    _, found = parse_request(head + b"".join(parts), str(len(head)))
    for tensor in tensors:
        assert_same(found[tensor.name], tensor)


@given(TENSORS, st.booleans())
def test_tensors_in_json_are_parsed_flat_or_nested(tensors, nested):
    inputs = []
    for tensor in tensors:
        if tensor.datatype == "BYTES":
            data = [base64.b64encode(value).decode() for value in tensor.values]
        else:
            data = tensor.values.tolist() if nested else tensor.values.ravel().tolist()
        inputs.append(as_input(tensor, data=data))
    request, found = parse_request(json.dumps({"id": "7", "inputs": inputs}).encode(), None)
    assert request.id == "7"
    for tensor in tensors:
        assert_same(found[tensor.name], tensor)


@given(TENSORS, st.booleans())
def test_outputs_that_are_serialized_can_be_parsed(tensors, binary):
    request = InferRequest(
        id="7", parameters={"binary_data_output": binary}, inputs=[as_input(tensors[0], data=[])]
    )
    body, headers = serialize_response(request, "mood", {tensor.name: tensor for tensor in tensors})
    head = json.loads(body[: int(headers.get(JSON_LENGTH_HEADER, len(body)))])
    assert (head["id"], head["model_name"], head["model_version"]) == ("7", "mood", "1")
    assert [(entry["name"], entry["shape"]) for entry in head["outputs"]] == [(t.name, t.shape) for t in tensors]
    if binary:
        assert headers["Content-Type"] == "application/octet-stream"
        again = json.dumps({"inputs": head["outputs"]}).encode()
        tail = body[int(headers[JSON_LENGTH_HEADER]) :]
        _, found = parse_request(again + tail, str(len(again)))
        for tensor in tensors:
            assert_same(found[tensor.name], tensor)
    else:
        assert headers == {"Content-Type": "application/json"}
        for tensor, entry in zip(tensors, head["outputs"], strict=True):
            if tensor.datatype != "BYTES":
                np.testing.assert_array_equal(entry["data"], tensor.values.ravel())
            else:
                assert entry["data"] == [value.decode("utf-8", "replace") for value in tensor.values]


def test_requested_outputs_are_returned_in_their_order_and_form():
    outputs = {
        "labels": Tensor("labels", "BYTES", [b"awe", b"fear"]),
        "probabilities": Tensor("probabilities", "FP64", np.array([[0.25, 0.75]])),
        "other": Tensor("other", "BYTES", [b"unused"]),
    }
    requested = [{"name": "probabilities", "parameters": {"binary_data": True}}, {"name": "labels"}]
    request = InferRequest(inputs=[{"name": "x", "shape": [1], "datatype": "FP32"}], outputs=requested)
    body, headers = serialize_response(request, "mood", outputs)
    end = int(headers[JSON_LENGTH_HEADER])
    first, second = json.loads(body[:end])["outputs"]
    assert first == {
        "name": "probabilities",
        "datatype": "FP64",
        "shape": [1, 2],
        "parameters": {"binary_data_size": 16},
    }
    assert second == {"name": "labels", "datatype": "BYTES", "shape": [2], "data": ["awe", "fear"]}
    assert np.frombuffer(body[end:], "<f8").tolist() == [0.25, 0.75]
    request.outputs[0].name = "joy"
    with pytest.raises(Problem, match="no output 'joy'; the outputs are labels, probabilities, other"):
        serialize_response(request, "mood", outputs)


@given(st.binary(max_size=200), st.none() | st.text(max_size=5) | st.integers(0, 250).map(str))
def test_any_bytes_are_a_problem(body, json_length):
    with pytest.raises(Problem) as caught:
        parse_request(body, json_length)
    assert caught.value.status in (400, 422)


PARAMETERS = st.fixed_dictionaries(
    {}, optional={"binary_data_size": st.integers(-1, 40) | st.floats() | st.text()}
)
DATA = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4),
    max_leaves=8,
)


@given(
    st.fixed_dictionaries(
        {
            "name": st.text(max_size=5),
            "shape": st.lists(st.integers(0, 4) | st.integers(0, 2**31 - 1), min_size=1, max_size=8),
            "datatype": st.sampled_from(["BYTES", "FP32", "FP64", "INT8"]),
        },
        optional={"data": st.lists(DATA, max_size=4), "parameters": PARAMETERS},
    ),
    st.binary(max_size=40),
)
def test_any_input_is_a_tensor_of_its_shape_or_a_problem(entry, tail):
    head = json.dumps({"inputs": [entry]}).encode()
    try:
        _, inputs = parse_request(head + tail, str(len(head)))
    except Problem as problem:
        assert problem.status == 422  # noqa: PT017
        problem.response("/v2/models/mood/infer")
    else:
        tensor = inputs[entry["name"]]
        assert tensor.datatype == entry["datatype"]
        assert int(np.prod(tensor.shape)) == int(np.prod(entry["shape"], dtype=object))


def single(**fields):
    return {"inputs": [{"name": "x", "shape": [1], "datatype": "BYTES", **fields}]}


@pytest.mark.parametrize(
    ("request_", "tail", "message"),
    [
        ({}, b"", "inputs: field required"),
        ({"inputs": []}, b"", "inputs: list should have at least 1 item"),
        (single(), b"", "'x' has neither data nor binary_data_size"),
        (single(data=["%"]), b"", "x 0: not valid base64: "),
        (single(data=["YQ==", "ü"], shape=[2]), b"", "x 1: not valid base64: "),
        (single(data=["data:image/png;base64,%%%"]), b"", "x 0: a data URL that is not valid base64: "),
        (single(data=["data:text/html,hello"]), b"", "x 0: a data URL of the type text/html, not of a picture"),
        (single(data=["data:image/png;base64"]), b"", "x 0: not a valid data URL (write data:image/jpeg;base64,"),
        (single(data=[7]), b"", "'x' must contain base64 strings, and 1 of them"),
        (single(data=["", ""]), b"", "'x' must contain base64 strings, and 1 of them"),
        (
            single(parameters={"binary_data_size": 13}),
            b"\x09\0\0\0data:text",
            "x 0: not a valid data URL (write data:image/jpeg;base64,CONTENT)",
        ),
        (single(parameters={"binary_data_size": 9}), b"123", "'x' has binary_data_size 9, but 3 bytes are left"),
        (single(parameters={"binary_data_size": True}), b"1", "'x' has binary_data_size True"),
        (single(parameters={"binary_data_size": 8}), b"\xff\xff\xff\xff1234", "'x' does not contain 1 elements"),
        (single(parameters={"binary_data_size": 3}), b"123", "'x' does not contain 1 elements"),
        (single(shape=[-1], data=[]), b"", "inputs.0.shape.0: input should be greater than or equal to 0"),
        (single(shape=[0, *[2**31 - 1] * 7], datatype="FP32", data=[]), b"", "'x' has an unsupported shape"),
        (single(shape=[1] * 9, data=[]), b"", "inputs.0.shape: list should have at most 8 items"),
        (single(datatype="FP32", data=["a"]), b"", "'x' contains a value that is not a number of this type"),
        (single(datatype="FP32", data=[1e300]), b"", "'x' contains a value that is not a number of this type"),
        (single(datatype="FP32", data=[[1], [2, 3]]), b"", "'x' does not contain 1 numbers"),
        (single(datatype="FP32", data=[[[1]]]), b"", "'x' does not contain 1 numbers"),
        (single(datatype="FP64", parameters={"binary_data_size": 7}), b"1234567", "7 bytes, not a multiple of 8"),
        (single() | {"outputs": [{"name": "y"}] * 2}, b"", "an output is requested more than once"),
        (single() | {"id": "x" * 2000}, b"", "id: string should have at most 1000 characters"),
        (single(shape=["x"] * 900_000), b"", "inputs.0.shape.0: input should be a valid integer"),
        (single(datatype="INT8", data=[1]), b"", "'x' has the unsupported datatype INT8; use BYTES, FP32 or FP64"),
    ],
)
def test_what_is_wrong_with_a_request_is_named(request_, tail, message):
    head = json.dumps(request_).encode()
    with pytest.raises(Problem) as caught:
        parse_request(head + tail, str(len(head)))
    assert caught.value.status == 422
    assert message in caught.value.detail


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        *(
            (value, value)
            for value in ("-1", "3", "x", "²", "\u0662", "", "1.0", "+1", "0x2", "1_0", " 2", "2, 2")
        ),
        ("9" * 18, "9" * 18),
        ("9" * 5000, f"{'9' * 40}…"),
        ("0" * 5000, f"{'0' * 40}…"),
    ],
)
def test_an_invalid_json_length_is_named(value, shown):
    with pytest.raises(Problem) as caught:
        parse_request(b"{}", value)
    assert caught.value.status == 400
    assert caught.value.detail == f"{JSON_LENGTH_HEADER} is {shown}, but the body has 2 bytes"


@pytest.mark.parametrize(
    ("request_", "tail", "message"),
    [
        (single() | {"outputs": [{"name": "y"}] * 10_000}, b"", "the request has 10,000 outputs; the limit is 16"),
        ({"inputs": [{}] * 17}, b"", "the request has 17 inputs; the limit is 16"),
        (single(datatype="FP32", data=[0] * 1_300_000), b"", "the body has more than 1,200,000 values"),
        (single(shape=[10_001], data=[""] * 10_001), b"", "'x' has more than 10,000 elements"),
        (
            single(shape=[20_000], parameters={"binary_data_size": 80_000}),
            bytes(80_000),
            "'x' has more than 10,000 elements",
        ),
    ],
)
def test_too_many_parts_are_refused(request_, tail, message):
    head = json.dumps(request_).encode()
    with pytest.raises(Problem) as caught:
        parse_request(head + tail, str(len(head)) if tail else None)
    assert (caught.value.status, caught.value.detail) == (413, message)
