"""Text that is safe to show."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imagemood import _text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a\nb\r\tc", r"a\x0ab\x0d\x09c"),
        ("\x1b[31mred\x1b[0m", r"\x1b[31mred\x1b[0m"),
        ("\x9b31m\x7f\0", r"\xc2\x9b31m\x7f\x00"),
        ("evil\u202egpj.exe", r"evil\xe2\x80\xaegpj.exe"),
        ("a\u2066b\u2069\u200e", r"a\xe2\x81\xa6b\xe2\x81\xa9\xe2\x80\x8e"),
        ("a\u200bb\u200dc\u2060d\ufeff", r"a\xe2\x80\x8bb\xe2\x80\x8dc\xe2\x81\xa0d\xef\xbb\xbf"),
        ("a\u2028b\u2029c\x85d", r"a\xe2\x80\xa8b\xe2\x80\xa9c\xc2\x85d"),
        ("caf\udce9", r"caf\xe9"),
        ("\ud800", r"\xed\xa0\x80"),
        ("👍\u200c", r"👍\xe2\x80\x8c"),
        ("😀\u200dx", r"😀\xe2\x80\x8dx"),
    ],
)
def test_invisible_and_invalid_characters_are_escaped(text, shown):
    assert _text.printable(text) == shown


@pytest.mark.parametrize(
    "text",
    [
        " two  spaces ",
        r"back\slash\x41",
        "größe 日本語 한국어 עברית",
        "می\u200cخواهم",  # Persian
        "क्\u200dष",  # Hindi
        "👨\u200d👩\u200d👧 ❤️\u200d🔥 👩🏽\u200d🚀",
        "葛\U000e0100",
    ],
)
def test_visible_text_is_unchanged(text):
    assert _text.printable(text) == text


@given(st.text(st.characters()))
def test_shown_text_has_no_control_characters(text):
    shown = _text.printable(text)
    assert not {unicodedata.category(character) for character in shown} & {"Cc", "Cs", "Zl", "Zp"}
    assert shown.isascii() or len(shown.splitlines()) == 1
    assert _text.printable(shown) == shown


@given(st.text(st.characters()))
def test_valid_unicode_changes_only_surrogates(text):
    valid = _text.valid_unicode(text)
    valid.encode()
    if not any(0xD800 <= ord(character) < 0xE000 for character in text):
        assert valid == text
