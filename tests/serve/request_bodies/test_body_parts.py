from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from imagemood.serve.problems import Problem
from imagemood.serve.request_bodies.body_parts import LineParser
from tests.serve.serving import feed_in_chunks

LINES = st.lists(st.binary(max_size=50).map(lambda line: line.replace(b"\n", b"")), max_size=9)


@given(LINES, st.lists(st.integers(0, 500), max_size=20))
def test_lines_may_arrive_in_any_chunks(lines, cuts):
    parts = feed_in_chunks(LineParser(100), b"\n".join(lines), cuts)
    stripped = [line.removeprefix(b"\xef\xbb\xbf" * (not i)).strip(b" \t\r") for i, line in enumerate(lines)]
    assert [part.content for part in parts] == [line for line in stripped if line]


def test_blank_lines_carriage_returns_and_a_byte_order_mark_are_ignored():
    parts = feed_in_chunks(LineParser(100), b"\xef\xbb\xbf{}\r\n\r\n  \n[]\n", [1, 2, 4])
    assert [part.content for part in parts] == [b"{}", b"[]"]


def test_a_line_that_is_too_large_is_an_error_of_its_own():
    parser = LineParser(max_bytes=3)
    parts = list(parser.feed(b"ab\nabc"))
    assert parser.n_pending == 3
    parts += parser.feed(b"d")
    assert parser.n_pending == 0
    parts += [*parser.feed(b"e" * 1000 + b"\nabc"), *parser.finish()]
    assert [part.content for part in parts] == [b"ab", b"", b"abc"]
    assert [part.error and part.error.status for part in parts] == [None, 413, None]


def test_a_line_that_is_given_up_is_an_error_of_its_own():
    parser = LineParser(9)
    parts = list(parser.feed(b"a\nb"))
    error = Problem(503, "no memory")
    parser.fail(error)
    assert parser.n_pending == 0
    parts += [*parser.feed(b"c\nd"), *parser.finish()]
    assert [(part.content, part.error) for part in parts] == [(b"a", None), (b"", error), (b"d", None)]
