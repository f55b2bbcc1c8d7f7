from __future__ import annotations

import base64
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imagemood.errors import InputError
from imagemood.pictures.reading import data_urls


@given(st.binary(max_size=60))
def test_contents_come_back(content):
    encoded = base64.b64encode(content).decode()
    for address in (
        f"data:image/jpeg;base64,{encoded}",
        f"DATA:;Base64,{encoded.rstrip('=')}",
        f' "data:image/png;charset=utf-8; base64,{quote(encoded)}" ',
        f"data:,{quote(content)}",
    ):
        assert data_urls.decode(address, 60) == content


def test_line_breaks_and_spaces_in_base64():
    assert data_urls.decode("data:;base64,cGlj\n  dHVy\r\nZQ==", 100) == b"picture"


@pytest.mark.parametrize(
    ("address", "message"),
    [
        ("data:image/jpeg;base64", "not a valid data URL"),
        ("data:image/jpeg;base64,%%%", "a data URL that is not valid base64: "),
        ("data:image/jpeg;base64,cGlja", "a data URL that is not valid base64: "),
        ("data:image/jpeg;base64,grüße", "a data URL that is not valid base64: "),
        ("data:,123456789012", "too large: more than 10 bytes"),
    ],
)
def test_data_urls_that_are_not_valid(address, message):
    with pytest.raises(InputError, match=message) as caught:
        data_urls.decode(address, 10)
    assert str(caught.value).startswith("data:")
    assert "(SHA-256 " in str(caught.value)
