from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imagemood.errors import TableError
from imagemood.learning.datasets.label_table import number, parse

FIELDS = st.text("abcÄß 0-_.,;|'\"", min_size=1, max_size=12).filter(
    lambda text: text == text.strip() and not (len(text) > 1 and text[0] == text[-1] and text[0] in "'\"")
)


@given(st.lists(st.tuples(FIELDS, FIELDS), min_size=1, max_size=5), st.sampled_from(",;\t|"))
def test_what_the_csv_module_writes_is_read_back(rows, separator):
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=separator).writerows([("image", "mood"), *rows])
    for encoding in ("utf-8", "utf-8-sig", "utf-16", "cp1252"):
        table = parse(text.getvalue().encode(encoding), where="labels.csv")
        assert [row.fields for row in table.rows] == [("image", "mood"), *rows]


@given(st.binary(max_size=300))
def test_any_content_is_a_table_or_an_error(content):
    try:
        table = parse(content, where="labels.csv")
    except TableError:
        return
    assert table.rows
    assert all(row.fields and row.number >= 1 for row in table.rows)


def test_the_number_of_a_line_is_that_in_the_file():
    table = parse(b"image,mood\n\n\na.jpg,joy\n", where="labels.csv")
    assert [row.number for row in table.rows] == [1, 4]
    assert str(table.error(table.rows[1], "no picture")) == "labels.csv, line 4: no picture"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("0.5", 0.5),
        ("0,5", 0.5),
        (" 1e2 ", 100),
        ("(3,5)", 3.5),
        ("", None),
        (".", None),
        ("NaN", None),
        ("-1", -1),
    ],
)
def test_numbers(field, value):
    assert number(field) == value


@pytest.mark.parametrize("field", ["joy", "1,000,000", "inf", "1 2", "1.5,2"])
def test_what_is_not_a_number(field):
    with pytest.raises(ValueError, match=r".*"):
        number(field)
