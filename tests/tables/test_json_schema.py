from __future__ import annotations

import json
from typing import Annotated

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Meta

from imagemood.tables.json_schema import SchemaError, decode_document, decode_json


class Point(msgspec.Struct, forbid_unknown_fields=True):
    x: int
    y: float | list[float] = 0.0
    n: Annotated[int, Meta(ge=1)] = 1
    tags: Annotated[list[Annotated[str, Meta(min_length=1)]], Meta(min_length=1)] = msgspec.field(
        default_factory=lambda: ["a"]
    )
    name: str | None = None
    shares: dict[str, Annotated[float, Meta(ge=0)]] = {}
    flag: bool = False

    def __post_init__(self) -> None:
        if self.x == 13:
            raise ValueError("x is unlucky")


class Loose(msgspec.Struct):
    x: int


def test_valid_json():
    assert decode_json(b' {"x": 3, "y": [1, 2.5]}\n', Point) == Point(3, [1.0, 2.5])


@pytest.mark.parametrize(
    ("content", "field", "message"),
    [
        (b"{}", None, "missing field 'x'"),
        (b'{"x": 1, "z": 2}', None, "unknown field 'z'"),
        (b'{"x": 1, "a b`c": 2}', None, "unknown field 'a b'c'"),
        (b'{"x": "1"}', "x", "expected an integer, got text"),
        (b'{"x": 1.5}', "x", "expected an integer, got a number"),
        (b'{"x": true}', "x", "expected an integer, got a Boolean"),
        (b'{"x": null}', "x", "expected an integer, got null"),
        (b'{"x": 1, "y": "a"}', "y", "expected a number or a list, got text"),
        (b'{"x": 1, "y": [1, {}]}', "y[1]", "expected a number, got an object"),
        (b'{"x": 1, "n": 0}', "n", "expected an integer >= 1"),
        (b'{"x": 1, "tags": []}', "tags", "expected a list that is not empty"),
        (b'{"x": 1, "tags": ["a", ""]}', "tags[1]", "expected text that is not empty"),
        (b'{"x": 1, "name": 5}', "name", "expected text or null, got an integer"),
        (b'{"x": 1, "shares": {"a": -1}}', "shares[...]", "expected a number >= 0.0"),
        (b'{"x": 1, "flag": 1}', "flag", "expected a Boolean, got an integer"),
        (b'{"x": 13}', None, "x is unlucky"),
        (b"[]", None, "expected an object, got a list"),
        (b"null", None, "expected an object, got null"),
        (b"", None, "not valid JSON: Input data was truncated"),
        (b"{", None, "not valid JSON: Input data was truncated"),
        (b"{'x': 1}", None, "not valid JSON: object keys must be strings (byte 1)"),
        (b'{"x": 1} {}', None, "not valid JSON: trailing characters (byte 10)"),
        (b'{"x": NaN}', None, "not valid JSON: invalid character (byte 6)"),
    ],
)
def test_message_and_field(content, field, message):
    with pytest.raises(SchemaError) as caught:
        decode_json(content, Point)
    assert (caught.value.field, caught.value.what) == (field, message)
    assert str(caught.value) == message


def test_invalid_text():
    with pytest.raises(SchemaError, match="^not valid JSON: 'utf-8' codec"):
        decode_json(b'{"x": 1, "name": "\xff"}', Point)


def test_deep_nesting():
    with pytest.raises(SchemaError, match="nested too deeply"):
        decode_json(b"[" * 100_000, object)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.floats(allow_nan=False) | st.text(),
    lambda values: st.lists(values, max_size=4) | st.dictionaries(st.text(), values, max_size=4),
    max_leaves=20,
)


@given(JSON.filter(lambda value: "Infinity" not in json.dumps(value)))
def test_decodes_what_pythons_json_decodes(value):
    content = json.dumps(value).encode()
    assert decode_json(content, object) == json.loads(content)


@given(st.binary(max_size=60) | JSON.map(lambda value: json.dumps(value).encode()))
def test_any_bytes_give_a_point_or_a_schema_error(content):
    try:
        assert isinstance(decode_json(content, Point), Point)
    except SchemaError as error:
        assert error.what  # noqa: PT017


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b" \n", "not valid JSON: the file is empty"),
        (b'\xef\xbb\xbf{"x": 1}', "not valid JSON: not UTF-8 without a byte order mark"),
        ('{"x": 1}'.encode("utf-16"), "not valid JSON: not UTF-8 without a byte order mark"),
        ('{"x": 1}'.encode("utf-16-be"), "not valid JSON: not UTF-8 without a byte order mark"),
        (b'{"x": 1, "x": 1}', "the key 'x' occurs twice"),
        (b'{"x": 1, "z": [{"a": 0, "a": 0}]}', "the key 'a' occurs twice"),
        (b'{"x": 1, "z": ' + b"[" * 100_000 + b"]" * 100_000 + b"}", "not valid JSON: nested too deeply"),
        (b'{"x": 1, "z": "\xff"}', "not valid JSON: 'utf-8' codec"),
    ],
)
def test_documents_that_other_programs_may_read_differently(content, message):
    with pytest.raises(SchemaError, match=f"^{message}"):
        decode_document(content, Loose)


def test_valid_document():
    assert decode_document(b' {"x": 3, "unknown": 1e400}\n', Loose) == Loose(3)
