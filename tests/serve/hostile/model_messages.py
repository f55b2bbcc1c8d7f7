"""Requests whose tag rows, protobuf messages or tensors are malformed or excessive."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import Any

from tests.serve.hostile.building import (
    CLASSIFY,
    CLIENT_ERRORS,
    DIGITS,
    INFER,
    OK,
    PIXEL,
    PROTOBUF,
    SURROGATE,
    HostileRequest,
    post,
    post_json,
)


def all_model_messages() -> Iterator[HostileRequest]:
    """Yield the requests of all kinds in this module."""
    yield from tag_rows()
    yield from protobuf_messages()
    yield from tensors()


def tag_rows() -> Iterator[HostileRequest]:
    """Yield tag rows in JSON with invalid values."""
    row = {"image": "0", "tag": "pier", "score": 0.5}
    changes: dict[str, dict[str, Any]] = {
        "negative score": {"score": -1},
        "score of text": {"score": "x"},
        "score of a list": {"score": []},
        "score of infinity": {"score": "Infinity"},
        "image of text": {"image": "x"},
        "image of 2**63": {"image": 2**63},
        "image of 5,000 digits": {"image": "9" * 5000},
        "image in other digits": {"image": "\u0663"},
        "tag of a number": {"tag": 7},
        "no tag": {"tag": ""},
        "further field": {"a": "b"},
        "image of true": {"image": True},
    }
    for name, change in changes.items():
        data = post_json(CLASSIFY, {"ImageTags": [{**row, **change}]})
        yield HostileRequest(
            "tag rows", name, data, OK | {422} if "digits" in name or "true" in name else CLIENT_ERRORS
        )
    yield HostileRequest("tag rows", "of numbers", post_json(CLASSIFY, {"ImageTags": [1, 2]}))
    odd = b'{"ImageTags": [{"image": "0", "tag": %s, "score": 0.5}]}' % SURROGATE
    yield HostileRequest("tag rows", "surrogate as tag", post_json(CLASSIFY, odd), OK | CLIENT_ERRORS)
    big = b'{"ImageTags": [{"image": %s, "tag": "a", "score": 1}]}' % DIGITS
    yield HostileRequest("tag rows", "image of the number 9…", post_json(CLASSIFY, big))
    many = [{**row, "image": str(i)} for i in range(5000)]
    yield HostileRequest("tag rows", "5,000 images", post_json(CLASSIFY, {"ImageTags": many}))


def protobuf_messages() -> Iterator[HostileRequest]:
    """Yield messages in protobuf that are malformed or excessive."""
    bodies = {
        "random bytes": bytes(range(256)),
        "invalid tag": b"\0" * 100,
        "length of 2 GB": b"\x0a\xff\xff\xff\xff\x07",
        "endless number": b"\x08" + b"\xff" * 100,
        "nested groups": b"\x0b" * 100_000,
        "invalid UTF-8": b"\x0a\x05\x12\x03\xff\xfe\xfd",
        "a million empty rows": b"\x0a\0" * 1_000_000,
        "score of NaN": b"\x0a\x0b\x12\x01a\x19" + struct.pack("<d", float("nan")),
        "score of infinity": b"\x0a\x0c\x12\x01a\x19" + struct.pack("<d", float("inf")),
    }
    for name, body in bodies.items():
        for route in (CLASSIFY, b"/model/methods/tag"):
            yield HostileRequest("protobuf", f"{name} to {route.decode()}", post(route, body, PROTOBUF))
    for name, body in (("braces", b"{\xff}"), ("brackets", b"{" * 60_000 + b"}")):
        yield HostileRequest(
            "protobuf", f"{name} as plain text", post(CLASSIFY, body, (b"Content-Type", b"text/plain"))
        )


def tensors() -> Iterator[HostileRequest]:
    """Yield inference requests with invalid tensors."""
    image: dict[str, Any] = {"name": "image", "shape": [1], "datatype": "BYTES", "data": [PIXEL]}
    changes: dict[str, dict[str, Any]] = {
        "negative length": {"shape": [-1]},
        "length of 2**62": {"shape": [2**62]},
        "length of 5,000 digits": {"shape": [int("9" * 4000)]},
        "fraction": {"shape": [1.5]},
        "boolean": {"shape": [True, True, False]},
        "hundred axes": {"shape": [1] * 100},
        "no axes": {"shape": []},
        "product overflow": {"shape": [2**31 - 1] * 8},
        "text as shape": {"shape": "1"},
        "unknown type": {"datatype": "INT128"},
        "type of a number": {"datatype": 7},
        "numbers for bytes": {"data": [1, 2]},
        "nested lists": {"data": [[[[PIXEL]]]]},
        "objects": {"data": [{}]},
        "no data": {"data": None},
        "another name": {"name": "picture"},
        "surrogate as name": {"name": "\ud800"},
        "binary size of -1": {"parameters": {"binary_data_size": -1}},
        "binary size of 1e30": {"parameters": {"binary_data_size": 10**30}},
        "binary size of true": {"parameters": {"binary_data_size": True}},
        "binary size of text": {"parameters": {"binary_data_size": "1"}},
        "parameters as a list": {"parameters": []},
    }
    for name, change in changes.items():
        yield HostileRequest("tensor", name, post_json(INFER, {"inputs": [{**image, **change}]}))
    yield HostileRequest(
        "tensor", "40 pictures", post_json(INFER, {"inputs": [{**image, "shape": [40], "data": [PIXEL] * 40}]})
    )
    yield HostileRequest("tensor", "no inputs", post_json(INFER, {"inputs": []}))
    yield HostileRequest(
        "tensor", "5,000 inputs", post_json(INFER, {"inputs": [image] * 5000}), OK | CLIENT_ERRORS
    )
    yield HostileRequest(
        "tensor", "unknown output", post_json(INFER, {"inputs": [image], "outputs": [{"name": "\ud800"}]})
    )
    outputs = [{"name": "probabilities"}] * 10_000
    yield HostileRequest("tensor", "10,000 outputs", post_json(INFER, {"inputs": [image], "outputs": outputs}))
    odd_id = post_json(INFER, {"inputs": [image], "id": "\ud800"})
    yield HostileRequest("tensor", "surrogate as ID", odd_id, OK | CLIENT_ERRORS)
    for numbers in ("1e999", "NaN", "-1", "9" * 5000, '"x"', "[[]]"):
        scores = '{"name": "scores", "shape": [1, 1000], "datatype": "FP32", "data": [' + numbers + "]}"
        text = '{"inputs": [' + scores + "]}"
        yield HostileRequest(
            "tensor", f"scores of {numbers[:8]}", post_json(b"/v2/models/classify/infer", text.encode())
        )
    binary = {**image, "data": None, "parameters": {"binary_data_size": 4}}
    text = post_json(b"", {"inputs": [binary]}).partition(b"\r\n\r\n")[2]
    header = (b"Inference-Header-Content-Length", str(len(text)).encode())
    yield HostileRequest("tensor", "length of 4 GB", post(INFER, text + b"\xff" * 4, header))
