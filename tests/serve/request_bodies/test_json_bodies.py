from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imagemood.serve.problems import Problem
from imagemood.serve.request_bodies.json_bodies import MAX_CONTAINERS, check_length, load_json, validate
from imagemood.serve.schemas.v1 import MoodsRequest

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(st.text(max_size=5), inner, max_size=5),
    max_leaves=20,
)


def count(value):
    if isinstance(value, list | dict):
        return 1 + sum(map(count, value.values() if isinstance(value, dict) else value))
    return 1


@given(VALUES)
def test_json_within_the_limit_is_parsed_and_never_has_more_values_than_counted(value):
    body = json.dumps(value).encode()
    assert load_json(body, max_values=1000) == value
    if count(value) > 2:
        with pytest.raises(Problem) as caught:
            load_json(body, max_values=(count(value) - 1) // 2)
        assert caught.value.status == 413


@pytest.mark.parametrize("body", [b"{", b"", b"\xff", b"[" * 50_000, b"[" + b"1" * 5000 + b"]"])
def test_invalid_json_is_a_problem(body):
    with pytest.raises(Problem, match="the body is not valid JSON: ") as caught:
        load_json(body, max_values=100_000)
    assert caught.value.status == 422


@pytest.mark.parametrize("item", [b"[]", b"{}", b'{"name": "x"}'])
def test_objects_and_lists_are_limited_more_than_numbers(item):
    assert len(load_json(b"[%s]" % b",".join([item] * (MAX_CONTAINERS - 1)), 10**6)) == MAX_CONTAINERS - 1
    with pytest.raises(Problem, match="the body has more than 150,000 objects and lists") as caught:
        load_json(b"[%s]" % b",".join([item] * MAX_CONTAINERS), 10**6)
    assert caught.value.status == 413


def test_values_are_checked_against_a_model():
    assert validate({"images": [{"url": "http://a/"}]}, MoodsRequest).images[0].url == "http://a/"
    with pytest.raises(Problem, match="images: field required") as caught:
        validate({}, MoodsRequest)
    assert caught.value.status == 422


@pytest.mark.parametrize("value", [None, [], {}, {"images": None}, {"images": [1, 2]}, {"outputs": [1, 2, 3]}])
def test_lists_that_are_absent_or_short_are_accepted(value):
    check_length(value, "images", 2, "pictures")


@pytest.mark.parametrize(
    ("value", "detail"),
    [
        ({"image": []}, "image: extra inputs are not permitted; did you mean 'images'?; 1 more"),
        ({"images": [{"bas64": ""}]}, "images.0.bas64: extra inputs are not permitted; did you mean 'base64'?"),
        ({"images": [], "x": 1}, "images: list should have at least 1 item after validation, not 0; 1 more"),
    ],
)
def test_a_similar_field_is_suggested_for_an_unknown_one(value, detail):
    with pytest.raises(Problem) as caught:
        validate(value, MoodsRequest)
    assert caught.value.detail == detail
