from __future__ import annotations

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from imagemood.serve.problems import Problem
from imagemood.serve.request_bodies.form_parser import FormParser
from tests.serve.serving import feed_in_chunks

NAMES = st.text("abc ü.", min_size=1, max_size=9)


def form(files, **fields):
    request = httpx.Request("POST", "http://x", data=fields, files=[("f", file) for file in files])
    request.read()
    return request.headers["Content-Type"], request.content


@given(
    st.lists(st.tuples(NAMES, st.binary(max_size=50)), min_size=1, max_size=9),
    st.lists(st.integers(0, 2000), max_size=20),
)
def test_the_files_of_a_form_may_arrive_in_any_chunks(files, cuts):
    content_type, body = form(files, other="field")
    parts = feed_in_chunks(FormParser(content_type), body, cuts)
    assert [(part.name, part.content, part.error) for part in parts] == [(*file, None) for file in files]


def test_a_file_that_is_too_large_is_an_error_of_its_own():
    content_type, body = form([("a", b"123"), ("b", b"1234"), ("c", b"")])
    parts = feed_in_chunks(FormParser(content_type, max_bytes=3), body, range(0, 1000, 7))
    assert [(part.name, part.content) for part in parts] == [("a", b"123"), ("b", b""), ("c", b"")]
    assert [part.error and part.error.detail for part in parts] == [None, "the file is larger than 3 bytes", None]


def test_a_file_that_is_given_up_is_an_error_of_its_own():
    content_type, body = form([("a", b"first"), ("b", b"second"), ("c", b"third")])
    at = body.index(b"second") + 3
    parser, error = FormParser(content_type), Problem(503, "no memory")
    parts = list(parser.feed(body[:at]))
    assert parser.n_pending > 0
    parser.fail(error)
    assert parser.n_pending == 0
    parts += [*parser.feed(body[at:]), *parser.finish()]
    assert [(part.name, part.content) for part in parts] == [("a", b"first"), ("b", b""), ("c", b"third")]
    assert [part.error for part in parts] == [None, error, None]


@pytest.mark.parametrize(
    ("cut", "replacement", "detail"),
    [
        (b"--\r\n", b"", "the end of the form is missing"),
        (b'name="f"; ', b"", 'the Content-Disposition header field "name" must be provided'),
        (b"Content-Disposition", b"@", "invalid multipart data"),
    ],
)
def test_the_files_before_an_error_are_found(cut, replacement, detail):
    content_type, body = form([("a", b"1"), ("b", b"2")])
    at = body.rindex(cut)
    parser, parts = FormParser(content_type), []
    with pytest.raises(Problem, match="the body is not valid multipart/form-data: ") as caught:
        parts.extend(parser.feed(body[:at] + replacement + body[at + len(cut) :]))
        parts.extend(parser.finish())
    assert caught.value.detail.endswith(detail)
    assert parts[0].content == b"1"


def test_forms_without_a_usable_boundary_and_with_too_many_parts_are_problems():
    with pytest.raises(Problem, match="missing boundary"):
        FormParser("multipart/form-data")
    with pytest.raises(Problem, match="invalid boundary"):
        FormParser(f"multipart/form-data; boundary={'b' * 1000}")
    content_type, body = form([("a", b"")] * 3)
    with pytest.raises(Problem, match="too many files; the maximum number of files is 2"):
        list(FormParser(content_type, max_files=2).feed(body))
    field = b'--b\r\nContent-Disposition: form-data; name="f"\r\n\r\nx\r\n'
    with pytest.raises(Problem, match="too many fields"):
        list(FormParser("multipart/form-data; boundary=b").feed(101 * field))
