from __future__ import annotations

import csv
import io

import pyarrow as pa
import pytest

from imagemood import tables
from imagemood.errors import InputError
from imagemood.tables.tag_set import TagSet

# The examples of the article on CSV injection by OWASP, and the characters that it names.
FORMULAS = ["=1+1", "+1", "-2", "@SUM(1)", "\t=1", "\r=1", "\n=1", "\uff1d1", '=1";=2', "=cmd|' /C calc'!A0"]


@pytest.mark.parametrize("text", FORMULAS)
def test_no_cell_starts_a_formula(text):
    table = pa.table({"image": [text, "a.jpg"], "mood": ["awe", text], "valence": [-0.5, 0.5]})
    content = tables.encode(table, "csv", escape_formulas=True)
    assert list(csv.reader(io.StringIO(content.decode(), newline=""))) == [
        ["image", "mood", "valence"],
        [f"'{text}", "awe", "-0.5"],
        ["a.jpg", f"'{text}", "0.5"],
    ]


def test_names_of_columns():
    content = tables.encode(pa.table({"=image": ["a.jpg"]}), "csv", escape_formulas=True)
    assert content == b"'=image\na.jpg\n"


def test_text_is_unchanged_by_default_and_the_apostrophe_is_not_removed(tmp_path):
    tags = TagSet.from_rows(["=1.jpg", "'b.jpg"], ["@tag", "a=b"], [0.5, 1])
    tables.write(tags, tmp_path / "plain.csv")
    assert tables.read(tmp_path / "plain.csv") == tags
    tables.write(tags, tmp_path / "safe.csv", escape_formulas=True)
    assert tables.read(tmp_path / "safe.csv") == TagSet.from_rows(
        ["'=1.jpg", "'b.jpg"], ["'@tag", "a=b"], [0.5, 1]
    )


@pytest.mark.parametrize("name", ["jsonl", "parquet", "protobuf"])
def test_other_formats_need_no_escapes(name):
    with pytest.raises(InputError, match=f"formulas cannot be escaped in {name}"):
        tables.encode(pa.table({"image": ["a.jpg"]}), name, escape_formulas=True)
