from __future__ import annotations

import json
from typing import Annotated

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from imagemood.models.json_schema import decode_json
from msgspec import Meta

from imagemood.errors import BundleError, ModelError


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


def test_valid_json():
    assert decode_json(b' {"x": 3, "y": [1, 2.5]}\n', Point, where="p.json") == Point(3, [1.0, 2.5])


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"{}", "p.json: missing field 'x'"),
        (b'{"x": 1, "z": 2}', "p.json: unknown field 'z'"),
        (b'{"x": 1, "a b`c": 2}', "p.json: unknown field 'a b'c'"),
        (b'{"x": "1"}', "p.json, field 'x': expected an integer, got text"),
        (b'{"x": 1.5}', "p.json, field 'x': expected an integer, got a number"),
        (b'{"x": true}', "p.json, field 'x': expected an integer, got a Boolean"),
        (b'{"x": null}', "p.json, field 'x': expected an integer, got null"),
        (b'{"x": 1, "y": "a"}', "p.json, field 'y': expected a number or a list, got text"),
        (b'{"x": 1, "y": [1, {}]}', "p.json, field 'y[1]': expected a number, got an object"),
        (b'{"x": 1, "n": 0}', "p.json, field 'n': expected an integer >= 1"),
        (b'{"x": 1, "tags": []}', "p.json, field 'tags': expected a list that is not empty"),
        (b'{"x": 1, "tags": ["a", ""]}', "p.json, field 'tags[1]': expected text that is not empty"),
        (b'{"x": 1, "name": 5}', "p.json, field 'name': expected text or null, got an integer"),
        (b'{"x": 1, "shares": {"a": -1}}', "p.json, field 'shares[...]': expected a number >= 0.0"),
        (b'{"x": 1, "flag": 1}', "p.json, field 'flag': expected a Boolean, got an integer"),
        (b'{"x": 13}', "p.json: x is unlucky"),
        (b"[]", "p.json: expected an object, got a list"),
        (b"null", "p.json: expected an object, got null"),
        (b"", "p.json: not valid JSON: Input data was truncated"),
        (b"{", "p.json: not valid JSON: Input data was truncated"),
        (b"{'x': 1}", "p.json: not valid JSON: "),
        (b'{"x": 1} {}', "p.json: not valid JSON: "),
        (b'{"x": NaN}', "p.json: not valid JSON: "),
        (b'{"x": 1, "name": "\xff"}', "p.json: not valid JSON: 'utf-8' codec"),
    ],
)
def test_message_names_file_and_field(content, message):
    with pytest.raises(ModelError) as caught:
        decode_json(content, Point, where="p.json")
    assert str(caught.value).startswith(message)


def test_deep_nesting():
    with pytest.raises(ModelError, match="nested too deeply"):
        decode_json(b"[" * 100_000, object, where="p.json")


def test_class_and_hint_of_the_error():
    with pytest.raises(BundleError, match=r"^p.json: missing field 'x' \(add it\)$"):
        decode_json(b"{}", Point, where="p.json", hint="add it", error_class=BundleError)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.floats(allow_nan=False) | st.text(),
    lambda values: st.lists(values, max_size=4) | st.dictionaries(st.text(), values, max_size=4),
    max_leaves=20,
)


@given(JSON.filter(lambda value: "Infinity" not in json.dumps(value)))
def test_decodes_what_pythons_json_decodes(value):
    content = json.dumps(value).encode()
    assert decode_json(content, object, where="p.json") == json.loads(content)


@given(st.binary(max_size=60) | JSON.map(lambda value: json.dumps(value).encode()))
def test_any_bytes_give_a_point_or_one_line(content):
    try:
        assert isinstance(decode_json(content, Point, where="p.json"), Point)
    except ModelError as error:
        assert len(str(error).splitlines()) == 1  # noqa: PT017
