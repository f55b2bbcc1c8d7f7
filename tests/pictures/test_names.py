"""The escape of file names: reversible, injective, and the identity for ordinary names."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imagemood.pictures import names

# Bytes that are not UTF-8, and texts that look like escapes, much more often than in arbitrary bytes.
FILE_NAMES = st.lists(
    st.one_of(
        st.sampled_from(
            [b"\\", b"x", b"\\x", b"5c", b"e9", b"E", b"\xe9", b"\xc3\xa9", b"\xed\xa0\x80", b"\n", b" "]
        ),
        st.binary(max_size=3),
        st.text(max_size=3).map(lambda text: text.encode("utf-8", "surrogatepass")),
    ),
    max_size=8,
).map(b"".join)


@given(FILE_NAMES)
def test_the_bytes_of_every_name_are_restored(content):
    name = names.escape(content)
    name.encode()  # valid Unicode
    assert os.fsencode(names.unescape(name)) == content
    assert names.escape(names.unescape(name)) == name
    assert names.escape(os.fsdecode(content)) == name


@given(FILE_NAMES, FILE_NAMES)
def test_different_files_have_different_names(first, second):
    assert (names.escape(first) == names.escape(second)) == (first == second)


@given(st.text())
def test_names_in_unicode_without_an_escape_are_unchanged(text):
    ordinary = text.replace("\\x", "\\")
    assert names.escape(ordinary) == ordinary
    assert names.unescape(ordinary) == ordinary


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (b"caf\xe9.jpg", r"caf\xe9.jpg"),
        (rb"caf\xe9.jpg", r"caf\x5cxe9.jpg"),
        (rb"caf\x5cxe9.jpg", r"caf\x5cx5cxe9.jpg"),
        (rb"\xE9\x4a\x4\xg0\\x41", r"\x5cxE9\x5cx4a\x4\xg0\\x5cx41"),
        (rb"C:\photos\a.jpg", r"C:\photos\a.jpg"),
        (b"\\\xe9", r"\\xe9"),
        (b"\\x4\xff", r"\x4\xff"),
        ("größe 😀\n".encode(), "größe 😀\n"),
        (b"\xed\xa0\x80", r"\xed\xa0\x80"),
        (b"", ""),
    ],
)
def test_known_names(content, name):
    assert names.escape(content) == name
    assert os.fsencode(names.unescape(name)) == content


@pytest.mark.parametrize("text", ["\ud800.jpg", "a\udfff"])
def test_surrogates_that_stand_for_no_byte_become_valid_unicode(text):
    names.escape(text).encode()
    assert names.unescape(text) == text


def test_urls_and_objects_are_unchanged():
    for address in (r"https://example.org/caf\xe9.jpg", r"s3://photos/caf\xe9.jpg"):
        assert names.of_address(address) == names.to_address(address) == names.find(address) == address
        assert names.of_table_address(address) == address
    assert names.of_address("https://example.org/\udce9") == r"https://example.org/\xe9"


@pytest.fixture
def both(tmp_path):
    """The path of a file whose name is not valid UTF-8, and of one whose name looks like its escape."""
    paths = [tmp_path / os.fsdecode(name) for name in (b"caf\xe9", rb"caf\xe9")]
    for path in paths:
        path.touch()
    return [str(path) for path in paths]


def test_an_argument_names_the_file_that_it_spells_or_else_the_escaped_one(both):
    undecodable, literal = both
    assert names.find(literal) == literal
    assert names.find(undecodable) == undecodable
    Path(literal).unlink()
    assert names.find(literal) == undecodable
    Path(undecodable).unlink()
    assert names.find(literal) == literal


def test_a_table_names_the_escaped_file_or_else_the_one_that_it_spells(both):
    undecodable, literal = both
    assert names.of_table_address(literal) == names.escape(undecodable)
    assert names.of_table_address(names.escape(literal)) == names.escape(literal)
    Path(undecodable).unlink()
    assert names.of_table_address(literal) == names.escape(literal)
    Path(literal).unlink()
    assert names.of_table_address(literal) == literal


def test_names_do_not_depend_on_the_encoding_of_the_system(tmp_path):
    code = """if True:
        import os, sys
        from imagemood.pictures import names
        assert sys.getfilesystemencoding() == "ascii"
        for content in (b"gr\\xc3\\xb6\\xc3\\x9fe", b"caf\\xe9"):
            path = os.fsdecode(content)
            assert os.fsencode(names.unescape(names.escape(path))) == content
            print(ascii(names.escape(path)))
        print(ascii(names.escape("\\xf6")))  # cannot be the name of a file
        """
    environment = {**os.environ, "LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    completed = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, check=True)
    assert completed.stdout.decode().splitlines() == [ascii("größe"), ascii(r"caf\xe9"), ascii("ö")]
