from __future__ import annotations

import pytest

from imagemood.errors import ModelDirectoryError, ModelError
from imagemood.models.json_files import decode_file


def test_valid_file():
    assert decode_file(b'{"n": 1}', dict[str, int], where="n.json") == {"n": 1}


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"{", "n.json: not valid JSON: Input data was truncated"),
        (b"[]", "n.json: expected an object, got a list"),
        (b'{"n": "1"}', "n.json, field '[...]': expected an integer, got text"),
    ],
)
def test_message_names_the_file_and_the_field(content, message):
    with pytest.raises(ModelError) as caught:
        decode_file(content, dict[str, int], where="n.json")
    assert str(caught.value) == message


def test_class_and_hint_of_the_error():
    with pytest.raises(ModelDirectoryError, match=r"^n\.json: expected an object, got null \(write one\)$"):
        decode_file(b"null", dict[str, int], where="n.json", hint="write one", error_class=ModelDirectoryError)
