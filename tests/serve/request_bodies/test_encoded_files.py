from __future__ import annotations

import base64
from contextlib import suppress
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imagemood.errors import InputError
from imagemood.serve.request_bodies.encoded_files import decode_base64, decode_bytes, decode_text

FORMS = {
    "base64": lambda content: base64.b64encode(content).decode(),
    "lines": lambda content: base64.encodebytes(content).decode(),
    "alphabet for URLs": lambda content: base64.urlsafe_b64encode(content).decode().rstrip("="),
    "data URL": lambda content: "data:image/png;base64," + base64.b64encode(content).decode(),
    "escaped data URL": lambda content: "data:image/png;base64," + quote(base64.b64encode(content)),
    "data URL without base64": lambda content: "data:," + quote(content, safe=""),
    "pasted data URL": lambda content: f' "Data:;base64,{base64.b64encode(content).decode()}"\n',
}


@pytest.mark.parametrize("form", FORMS)
@given(content=st.binary(max_size=100))
def test_files_in_text_are_decoded(form, content):
    text = FORMS[form](content)
    assert decode_text(text, 1000) == content
    if "data URL" in form:
        assert decode_bytes(text.encode(), 1000) == content


@given(content=st.binary(max_size=100))
def test_other_bytes_stay_as_they_are(content):
    if b"data:" not in content.lower():
        assert decode_bytes(content, 1000) is content


@given(content=st.binary(max_size=100).map(lambda content: b"data:image/png" + content))
def test_any_bytes_after_the_scheme_are_a_file_or_an_error(content):
    with suppress(InputError):
        assert isinstance(decode_bytes(content, 1000), bytes)


@given(text=st.text(max_size=100))
def test_any_text_is_a_file_or_an_error(text):
    with suppress(InputError):
        assert isinstance(decode_base64(text), bytes)


def test_text_that_is_not_base64_is_an_error():
    with pytest.raises(InputError, match=r"^not valid base64: .*"):
        decode_base64("ü")
