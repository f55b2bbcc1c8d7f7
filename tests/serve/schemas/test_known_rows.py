from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from imagemood.errors import TableError
from imagemood.serve.schemas.known_rows import MAX_BYTES, KnownRows
from imagemood.serve.schemas.messages import PROTOBUF, parse_rows
from imagemood.serve.schemas.rows import to_matrix
from imagemood.tables.messages_pb2 import Image, ImageTag, ImageTagSet

TAGS = ("ant", "dog", "crane", "lakeside, lakeshore", "Jägerstein", "x" * 200)
LIKE_A_SCORE = "\x19" * 20  # without a score, the end of a row with this tag looks like one
COLUMNS = {tag: column for column, tag in enumerate((*TAGS, LIKE_A_SCORE))}
KNOWN = KnownRows(COLUMNS)
IMAGES = st.integers(-(2**63), 2**63 - 1) | st.integers(0, 3)
ROWS = st.lists(st.tuples(st.sampled_from(TAGS), st.floats(0, 1)), min_size=1)


def message(rows):
    return ImageTagSet(ImageTags=[ImageTag(image=i, tag=t, score=s) for i, t, s in rows]).SerializeToString()


def expected_matrix(body):
    return to_matrix(parse_rows(body, PROTOBUF), COLUMNS)


def assert_equal(found, expected):
    np.testing.assert_array_equal(found.values, expected.values)
    assert found.images == expected.images
    assert (found.n_unknown_rows, expected.n_unknown_rows) == (0, 0)


@given(IMAGES, ROWS)
def test_the_rows_of_an_image_are_those_that_protobuf_reads(image, rows):
    body = message([(image, *row) for row in rows])
    assert_equal(KNOWN.read(body), expected_matrix(body))


@given(IMAGES, ROWS, st.data())
def test_changed_messages_are_read_as_protobuf_reads_them_or_left_to_it(image, rows, data):
    body = bytearray(message([(image, *row) for row in rows]))
    for _ in range(data.draw(st.integers(1, 3))):
        body[data.draw(st.integers(0, len(body) - 1))] = data.draw(st.integers(0, 255))
    try:
        found = KNOWN.read(bytes(body))
    except TableError:
        with pytest.raises(TableError):
            expected_matrix(bytes(body))
        return
    if found is not None:
        assert_equal(found, expected_matrix(bytes(body)))


@given(st.binary(max_size=60))
def test_no_bytes_cause_other_errors(content):
    row = b"\x0a" + bytes([len(content)]) + content
    for body in (content, row):
        try:
            found = KNOWN.read(body)
        except TableError:
            continue
        assert found is None or np.isfinite(found.values).all()


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\xff",
        message([(0, "yeti", 0.5)]),
        message([(0, "dog", 0.5), (0, "", 0.5)]),
        message([(0, LIKE_A_SCORE, 0)]),
        message([(0, "dog", 0.5), (1, "ant", 0.5)]),
        message([(1, "dog", 0.5), (0, "ant", 0.5)]),
        message([(0, "dog", 0.5)] * (MAX_BYTES // 10)),
        Image(mime_type="image/png", image_binary=b"content").SerializeToString(),
        b"\x0a\x0d\x08" + b"\xff" * 10 + b"\x12\0",  # an image number of more than 64 bits
    ],
)
def test_other_messages_are_left_to_protobuf(body):
    assert KNOWN.read(body) is None


def test_a_tag_that_looks_like_a_score_is_read():
    body = message([(3, LIKE_A_SCORE, 0.5), (3, "dog", 0.25)])
    assert_equal(KNOWN.read(body), expected_matrix(body))


@pytest.mark.parametrize("score", [1.5, -0.5, float("nan"), float("inf")])
def test_an_invalid_score_is_named_as_in_other_messages(score):
    body = message([(5, "ant", 0), (5, "dog", score)])
    with pytest.raises(TableError) as expected:
        expected_matrix(body)
    with pytest.raises(TableError) as found:
        KNOWN.read(body)
    assert str(found.value) == str(expected.value)
    assert "row 2" in str(found.value)
