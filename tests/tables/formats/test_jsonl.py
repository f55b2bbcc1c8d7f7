from __future__ import annotations

import json

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from imagemood.errors import TableError
from imagemood.tables.column_table import columns_of
from imagemood.tables.formats.jsonl import FORMAT
from imagemood.tables.tag_set import TagSet
from tests.tables.strategies import NAMES, NUMBERS, tag_sets


def decode(text):
    content = text.encode() if isinstance(text, str) else text
    return TagSet(FORMAT.decode_tag_rows(content, "t.jsonl"), name="t.jsonl")


def test_written_file():
    tags = TagSet.from_rows(["ä.jpg"], ['a "b"'], [0.5])
    assert FORMAT.encode(tags.to_columns()).decode() == '{"image": "ä.jpg", "tag": "a \\"b\\"", "score": 0.5}\n'


@given(tag_sets(NUMBERS) | tag_sets(NAMES))
def test_pythons_json_reads_what_is_written(tags):
    lines = FORMAT.encode(tags.to_columns()).decode().removesuffix("\n").split("\n")
    assert [json.loads(line) for line in lines] == tags.table.to_pylist()


@given(
    rows=st.lists(
        st.fixed_dictionaries({"image": NUMBERS, "tag": st.text(min_size=1), "score": st.floats(0, 1)}), min_size=1
    ),
    ensure_ascii=st.booleans(),
    separators=st.sampled_from([None, (",", ":"), (" , ", " : ")]),
    newline=st.sampled_from(["\n", "\r\n", "\n\n", " \n"]),
)
def test_reads_what_pythons_json_writes(rows, ensure_ascii, separators, newline):
    try:
        text = newline.join(json.dumps(r, ensure_ascii=ensure_ascii, separators=separators) for r in rows)
        content = text.encode()
    except UnicodeEncodeError:  # surrogates that are not escaped
        return
    if any("\ud800" <= character <= "\udfff" for row in rows for character in row["tag"]):
        return
    assert decode(content).table.to_pylist() == rows


def test_line_separators_within_text_do_not_end_a_line():
    tags = TagSet.from_rows(["a\u2028b.jpg", "c\u0085d.jpg"], ["x\x0by", "x\x1cy"], [0.5, 1])
    assert decode(FORMAT.encode(tags.to_columns())) == tags


def test_byte_order_mark_blank_lines_and_additional_fields():
    text = '\ufeff\n{"tag": "cat", "score": 1, "image": 7, "note": {"a": []}}\r\n  \n'
    assert decode(text) == TagSet.from_rows([7], ["cat"], [1.0])


def test_numbers_and_names_become_names():
    rows = '{"image": 7, "tag": "cat", "score": 1}\n{"image": "a.jpg", "tag": "cat", "score": 1}\n'
    assert decode(rows).images == ["7", "a.jpg"]


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("image,tag,score", "row 2: not valid JSON"),
        ("[1]", "row 2: expected an object, got a list"),
        ('{"image": 0, "tag": "cat"}', "row 2: missing field 'score'"),
        ('{"image": 0, "tag": 5, "score": 1}', "row 2, field 'tag': expected text, got an integer"),
        ('{"image": 0, "tag": "cat", "score": "1"}', "row 2, field 'score': expected a number, got text"),
        ('{"image": 0, "tag": "cat", "score": true}', "row 2, field 'score': expected a number, got a Boolean"),
        ('{"image": 0, "tag": "cat", "score": null}', "row 2, field 'score': expected a number, got null"),
        ('{"image": 0, "tag": "cat", "score": NaN}', "row 2: not valid JSON: invalid character"),
        ('{"image": 0, "tag": "cat", "score": 1e999}', "row 2, field 'score': Number out of range"),
        ('{"image": 0, "tag": "cat", "score": 2}', "row 2, field 'score': 2.0 is not a number from 0 to 1"),
        ('{"image": 0, "tag": "", "score": 1}', "row 2, field 'tag': missing value"),
        (
            '{"image": 1.5, "tag": "cat", "score": 1}',
            "row 2, field 'image': expected an integer or text, got",
        ),
        (
            '{"image": false, "tag": "cat", "score": 1}',
            "row 2, field 'image': expected an integer or text, got",
        ),
        (
            '{"image": 9223372036854775808, "tag": "cat", "score": 1}',
            "row 2: image 9223372036854775808 does not fit into a 64-bit integer",
        ),
        (b"\xff\xfe", "row 2: not valid JSON"),
    ],
)
def test_invalid_rows(line, message):
    first = b'{"image": 0, "tag": "cat", "score": 1}\n\n'
    with pytest.raises(TableError) as caught:
        decode(first + (line.encode() if isinstance(line, str) else line) + b"\n")
    assert str(caught.value).startswith(f"t.jsonl, {message}")


def test_other_tables():
    table = pa.table({"image": ["a.jpg"], "mood": ["awe"], "probability": [0.5]})
    assert json.loads(FORMAT.encode(columns_of(table))) == {"image": "a.jpg", "mood": "awe", "probability": 0.5}
    assert FORMAT.decode_table(b"\xef\xbb\xbf" + FORMAT.encode(columns_of(table))) == table
