from __future__ import annotations

import base64
import json

import pytest
from google.protobuf import json_format
from hypothesis import given
from hypothesis import strategies as st
from starlette.datastructures import Headers

from imagemood.serve.problems import Problem
from imagemood.serve.schemas.messages import (
    JSON,
    PROTOBUF,
    PROTOBUF_NAMES,
    MediaTypes,
    detect_media_type,
    parse_image,
    parse_rows,
    parse_rows_or_image,
    request_media_type,
    response_media_type,
    serialize_rows,
)
from imagemood.tables.messages_pb2 import Image, ImageTagSet

ROWS = st.lists(
    st.tuples(
        st.integers(-(2**63), 2**63 - 1) | st.integers(0, 3), st.text(max_size=20), st.floats(allow_nan=False)
    )
)
JSON_SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9)


@given(ROWS, st.sampled_from([PROTOBUF, JSON]))
def test_rows_survive_serialization(rows, media_type):
    found = parse_rows(serialize_rows(rows, media_type), media_type)
    assert list(zip(found.images, found.tags, found.scores, strict=True)) == rows


@given(ROWS.filter(lambda rows: all(abs(score) != float("inf") for _, _, score in rows)))
def test_json_is_that_of_protobuf(rows):
    message = json_format.Parse(serialize_rows(rows, JSON), ImageTagSet())
    assert message.SerializeToString() == serialize_rows(rows, PROTOBUF)
    theirs = json_format.MessageToJson(message).encode()
    found = parse_rows(theirs, JSON)
    assert list(zip(found.images, found.tags, found.scores, strict=True)) == rows


@given(
    st.fixed_dictionaries(
        {}, optional={"image": JSON_SCALARS, "tag": JSON_SCALARS, "score": JSON_SCALARS, "other": JSON_SCALARS}
    )
)
def test_the_fast_parser_accepts_nothing_that_protobuf_refuses(row):
    """Whatever the JSON is, the result is the one of protobuf's own parser."""
    body = json.dumps({"ImageTags": [row]}).encode()
    try:
        expected = json_format.Parse(body, ImageTagSet()).ImageTags
    except json_format.ParseError:
        with pytest.raises(Problem):
            parse_rows(body, JSON)
    else:
        found = parse_rows(body, JSON)
        assert found.images == [entry.image for entry in expected]
        assert found.tags == [entry.tag for entry in expected]
        assert found.scores == pytest.approx([entry.score for entry in expected], nan_ok=True)


@given(st.binary(max_size=100), st.sampled_from([PROTOBUF, JSON]))
def test_any_bytes_are_rows_or_a_problem(body, media_type):
    for parse in (parse_rows, parse_image):
        try:
            parse(body, media_type)
        except Problem as problem:
            assert problem.status == 422  # noqa: PT017
            assert problem.detail.startswith("the body is not a valid Image")  # noqa: PT017


@given(st.binary(max_size=100))
def test_the_content_of_an_image_message_is_found(content):
    message = Image(mime_type="image/png", image_binary=content).SerializeToString()
    assert parse_image(message, PROTOBUF) == content
    text = json.dumps({"image_binary": base64.b64encode(content).decode()}).encode()
    assert parse_image(text, JSON) == content


@pytest.mark.parametrize("name", PROTOBUF_NAMES)
def test_every_name_of_protobuf_is_known(name):
    assert request_media_type(f"{name.upper()}; proto=x") == PROTOBUF
    assert response_media_type(f"text/html, {name};q=0.5", JSON) == PROTOBUF


@pytest.mark.parametrize(
    ("accept", "expected"),
    [(None, JSON), ("", JSON), ("*/*", JSON), ("application/*", JSON), ("text/csv, application/json", JSON)],
)
def test_the_response_has_the_media_type_of_the_request_by_default(accept, expected):
    assert response_media_type(accept, JSON) == expected


@pytest.mark.parametrize("content_type", ["text/plain;charset=UTF-8", "Text/Plain", "", None])
def test_the_body_determines_an_unspecific_media_type(content_type):
    headers = Headers({} if content_type is None else {"Content-Type": content_type})
    found = MediaTypes.from_headers(headers)
    assert found.resolve(b'{"ImageTags": []}') == (JSON, JSON)
    assert found.resolve(b"") == (PROTOBUF, PROTOBUF)


@given(ROWS.filter(len))
def test_rows_are_not_taken_for_json_or_an_image(rows):
    message = serialize_rows(rows, PROTOBUF)
    assert detect_media_type(message) == PROTOBUF
    assert detect_media_type(b" \n" + serialize_rows(rows, JSON) + b"\n") == JSON
    for media_type in (PROTOBUF, JSON):
        found = parse_rows_or_image(serialize_rows(rows, media_type), media_type)
        assert not isinstance(found, bytes)
        assert list(zip(found.images, found.tags, found.scores, strict=True)) == rows


@given(st.text(max_size=20) | st.just("image/png"), st.binary(min_size=1))
def test_an_image_is_not_taken_for_rows(mime_type, content):
    message = Image(mime_type=mime_type, image_binary=content)
    assert parse_rows_or_image(message.SerializeToString(), PROTOBUF) == content
    assert parse_rows_or_image(json_format.MessageToJson(message).encode(), JSON) == content


def test_other_media_types_are_problems():
    with pytest.raises(Problem, match="unsupported Content-Type: text/csv; send") as caught:
        request_media_type("text/csv; header=present")
    assert caught.value.status == 415
    with pytest.raises(Problem, match="unsupported Accept: text/csv, image/png; the response can be") as caught:
        response_media_type("text/csv, image/png", JSON)
    assert caught.value.status == 406


@pytest.mark.parametrize(
    "body",
    [
        b"\n\0" * 250_001,
        b'{"ImageTags": [' + b"{}," * 500_000 + b"{}]}",
        b'{"ImageTags": [' + b"[]," * 500_000 + b"{}]}",
        b'{"ImageTags": [' + b"0," * 1_000_000 + b"{}]}",
    ],
    ids=["protobuf", "objects", "lists", "numbers"],
)
def test_too_many_rows_are_refused_before_they_are_parsed(body):
    with pytest.raises(Problem, match="the request has more than 250,000 tag rows") as caught:
        parse_rows_or_image(body, detect_media_type(body))
    assert caught.value.status == 413


@pytest.mark.parametrize("value", [b"{}", b"[]", b"0"])
def test_an_image_in_json_has_few_values(value):
    body = b'{"x": [' + b",".join([value] * 2000) + b"]}"
    with pytest.raises(Problem, match="the body has more than 1,000 values") as caught:
        parse_image(body, JSON)
    assert caught.value.status == 413
