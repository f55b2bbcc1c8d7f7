"""Large files are parsed by pyarrow, small ones by the module csv, with the same result."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from imagemood import tables
from imagemood.errors import InputError
from imagemood.tables import arrow_csv
from imagemood.tables.csv_layout import layout_of
from imagemood.tables.formats import csv as csv_format
from imagemood.tables.tag_set import TagSet

CELLS = st.sampled_from(
    ("7", "41", "007", "a.jpg", '"a, b"', '"a ""b"""', "ü", '"x\ny"', '"x\r\ny"', "", " ", "0.5", "+.5", "1e-1")
)
SCORES = st.sampled_from(
    ("0", "1", ".5", " 0.25 ", "1e-3", "+1", "\u00a01", "nan", "0_1", "\uff11", "1 0", "", "x", '"1"')
)
LINES = st.lists(st.tuples(CELLS, CELLS, SCORES).map(",".join), min_size=1, max_size=8)


def parsed(parse, text):
    """Return the tag rows, or the error as text."""
    try:
        tags = TagSet(parse(text, layout_of(text, "t.csv"), "t.csv"), name="t.csv")
        return {name: column.to_list() for name, column in tags.to_columns().items()}
    except InputError as error:
        return str(error)


def assert_same(text):
    assert parsed(csv_format._parsed, text) == parsed(arrow_csv.parse, text)


@given(LINES, st.booleans(), st.sampled_from(["\n", "\r\n", "\r", "\n\n"]), st.booleans())
def test_the_result_is_the_same_for_any_rows(lines, has_header, separator, ends):
    text = separator.join([*(["image,tag,score"] if has_header else []), *lines]) + (separator if ends else "")
    assert_same(text.encode())


@given(st.text(st.sampled_from('71a,"\n\r .ü\0'), max_size=40).map(str.encode) | st.binary(max_size=40))
@example(b'1,a,1\n"b\n')
@example(b"1,\xff,1\n")
@example(b"1,a,1,\n")
def test_the_result_is_the_same_for_any_text(text):
    assert_same(b"0,cat,0.5\n" + text)


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_a_large_file_is_parsed_by_arrow(tmp_path, monkeypatch, newline):
    monkeypatch.setattr(csv_format, "_MIN_BYTES_FOR_ARROW", 10)
    calls = []
    parse = arrow_csv.parse
    monkeypatch.setattr(arrow_csv, "parse", lambda *arguments: calls.append(1) or parse(*arguments))
    (tmp_path / "t.csv").write_text(f"score,image,tag{newline}0.5,7,cat{newline}", newline="")
    assert tables.read(tmp_path / "t.csv") == TagSet.from_rows([7], ["cat"], [0.5])
    assert calls == [1]
