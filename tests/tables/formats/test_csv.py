from __future__ import annotations

import csv
import io
import tempfile
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.csv as pa_csv
import pytest
from hypothesis import given
from hypothesis import strategies as st

from imagemood import tables
from imagemood.errors import TableError
from imagemood.tables.column_table import columns_of
from imagemood.tables.formats.csv import FORMAT
from imagemood.tables.tag_set import TagSet

# The tagger of the 2018 program wrote a header, quoted commas, and two classes of one name.
CLASSIC = (
    "image,tag,score\n"
    '0,"lakeside, lakeshore",0.7325487732887268\n'
    "0,crane,0.00001\n"
    "0,crane,0.00002\n"
    "1,boathouse,0.10267845541238785\n"
)


def decode(text):
    return TagSet(FORMAT.decode_tag_rows(text.encode(), "t.csv"), name="t.csv")


def test_written_file_has_quotes_only_where_needed():
    tags = TagSet.from_rows([0, 0, 1], ["lakeside, lakeshore", "pier", 'a "b"'], [0.75, 0.25, 1 / 3])
    assert FORMAT.encode(tags.to_columns()).decode() == (
        'image,tag,score\n0,"lakeside, lakeshore",0.75\n0,pier,0.25\n1,"a ""b""",0.3333333333333333\n'
    )


def test_other_tables():
    table = pa.table({"image": ["a.jpg"], "mood": ["awe"], "probability": [0.5]})
    assert FORMAT.encode(columns_of(table)) == b"image,mood,probability\na.jpg,awe,0.5\n"


# Quotes, separators, line breaks, formulas, a byte order mark, and spellings of missing values and numbers.
FIELD = st.one_of(
    st.text(st.sampled_from("ab0,;|\"'\n\r\t \\#=+-@äß\x85\u2028\ufeff😀"), min_size=1, max_size=8),
    st.sampled_from(
        ["NA", "null", "nan", "None", "true", "1e5", "0x1", "2026-01-01", " ", '""', "\r", "\n", "#", "\x1b[31m"]
    ),
)
ROWS = st.lists(st.tuples(FIELD.map(lambda name: f"{name}.jpg"), FIELD, st.floats(0, 1)), min_size=1)


@given(ROWS)
def test_what_is_written_is_read_back(rows):
    tags = TagSet.from_rows(*zip(*rows, strict=True))
    content = FORMAT.encode(tags.to_columns())
    assert TagSet(FORMAT.decode_tag_rows(content, "t.csv")) == tags
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "t.csv"
        path.write_bytes(content)
        (part,) = tables.read_batches(path)
    assert part == tags


@given(ROWS)
def test_other_readers_read_what_is_written(rows):
    content = FORMAT.encode(TagSet.from_rows(*zip(*rows, strict=True)).to_columns())
    by_python = list(csv.DictReader(io.StringIO(content.decode(), newline="")))
    assert [(row["image"], row["tag"], float(row["score"])) for row in by_python] == rows
    by_pandas = pd.read_csv(io.BytesIO(content), dtype=str, keep_default_na=False).to_dict("records")
    assert [(row["image"], row["tag"], float(row["score"])) for row in by_pandas] == rows
    text = {"image": pa.string(), "tag": pa.string()}
    by_arrow = pa_csv.read_csv(
        pa.BufferReader(content),
        parse_options=pa_csv.ParseOptions(newlines_in_values=True),
        convert_options=pa_csv.ConvertOptions(column_types=text),
    )
    assert [tuple(row.values()) for row in by_arrow.to_pylist()] == rows


@given(st.lists(FIELD, min_size=1), st.data())
def test_every_table_of_text_is_read_back(names, data):
    rows = {
        "image": names,
        "mood": data.draw(st.lists(st.just("") | FIELD, min_size=len(names), max_size=len(names))),
    }
    content = FORMAT.encode(columns_of(pa.table(rows)))
    assert list(csv.reader(io.StringIO(content.decode(), newline=""))) == [
        list(rows),
        *map(list, zip(*rows.values(), strict=True)),
    ]
    assert FORMAT.decode_table(content)["image"].to_pylist() == names


@given(
    rows=ROWS,
    quoting=st.sampled_from([csv.QUOTE_ALL, csv.QUOTE_MINIMAL, csv.QUOTE_NONNUMERIC]),
    newline=st.sampled_from(["\n", "\r\n"]),
    header=st.booleans(),
)
def test_reads_what_pythons_csv_writes(rows, quoting, newline, header):
    if newline == "\n" and any("\r" in image + tag for image, tag, _ in rows):
        return  # before Python 3.13, csv does not quote carriage returns
    text = io.StringIO(newline="")
    writer = csv.writer(text, quoting=quoting, lineterminator=newline)
    writer.writerows([("image", "tag", "score")] * header + rows)
    assert [tuple(row.values()) for row in decode(text.getvalue()).table.to_pylist()] == rows


@given(st.text(st.sampled_from("0,\n a."), max_size=40))
def test_reads_what_pythons_csv_reads(text):
    """If all rows are well-formed, both readers return the same rows."""
    expected = [row for row in csv.reader(io.StringIO(text), strict=True) if row]
    if not expected or not all(len(row) == 3 and row[0] and row[1] for row in expected):
        return
    if not all(row[2].strip() in {"0", ".0", "0."} for row in expected):
        return
    assert [row["tag"] for row in decode(text).table.to_pylist()] == [row[1] for row in expected]


@pytest.mark.parametrize(
    "content",
    [
        CLASSIC,
        CLASSIC.split("\n", 1)[1],
        "\ufeff" + CLASSIC,
        CLASSIC.replace("\n", "\r\n"),
        CLASSIC.replace("image,tag,score", "Image,Tag,Score"),
        CLASSIC.replace("image,tag,score", " image, tag ,score"),
        CLASSIC.rstrip("\n"),
        CLASSIC + "\n\n",
        "\n" + CLASSIC,
    ],
    ids=[
        "header",
        "no header",
        "byte order mark",
        "CRLF",
        "capitals",
        "spaces in the header",
        "no last newline",
        "blank lines",
        "blank first line",
    ],
)
def test_classic_file(content):
    tags = decode(content)
    assert tags.images == [0, 1]
    assert tags.vocabulary == ("lakeside, lakeshore", "crane", "boathouse")
    assert tags.table["score"][0].as_py() == 0.7325487732887268


def test_columns_in_another_order_and_additional_ones():
    assert decode("score,comment,tag,image\n0.5,fine,cat,a.jpg\n") == TagSet.from_rows(["a.jpg"], ["cat"], [0.5])


def test_names_that_look_like_numbers_stay_as_they_are():
    assert decode("image,tag,score\n007,cat,1\n7,dog,1\n").images == ["007", "7"]
    assert decode("image,tag,score\n8,cat,1\n7,dog,1\n").images == [8, 7]


@pytest.mark.parametrize("score", ["1", " 0.5", "0.5 ", "5e-1", "1E0", ".5", "0", "-0.0", "+0.5"])
def test_spellings_of_numbers(score):
    assert decode(f"0,cat,{score}\n").table["score"].to_pylist() == [float(score)]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "t.csv: no rows"),
        (" \n\n", "t.csv: no rows"),
        ("image,tag\n0,cat\n", "t.csv: missing column 'score'"),
        ("tag,score\ncat,0.5\n", "t.csv: missing column 'image'"),
        ("image,tag,score\n0,cat,0.5\n0,dog\n", "t.csv, row 2: wrong number of fields: 2 instead of 3"),
        ("0,cat,0.5\n0,lakeside, lakeshore,0.5\n", "t.csv, row 2: wrong number of fields: 4 instead of 3"),
        (
            "image;tag;score\n0;cat;0,5\n",
            "t.csv: the fields are separated by semicolons (separate",
        ),
        ('"image"\t"tag"\t"score"\n0\tcat\t0.5\n', "t.csv: the fields are separated by tabs"),
        ("image,tag,tag,score\n0,cat,dog,1\n", "t.csv: 2 columns are called 'tag' (rename the others)"),
        ("score,image,tag,Score\n1,0,cat,1\n", "t.csv: 2 columns are called 'score'"),
        ("image,tag,score,note\n0,cat,1\n", "t.csv, row 1: wrong number of fields: 3 instead of 4"),
        ("image,tag,score\n0,cat,much\n", "t.csv, row 1, field 'score': 'much' is not a number"),
        ("image,tag,score\n0,cat,0.5\n0,dog,\n", "t.csv, row 2, field 'score': missing value"),
        ("image,tag,score\n0,cat,nan\n", "t.csv, row 1, field 'score': nan is not a number from 0 to 1"),
        ("image,tag,score\n0,cat,-1\n", "t.csv, row 1, field 'score': -1.0 is not a number from 0 to 1"),
        ("image,tag,score\n0,cat,1.1\n", "t.csv, row 1, field 'score': 1.1 is not a number from 0 to 1"),
        ("image,tag,score\n0,cat,1e999\n", "t.csv, row 1, field 'score': inf is not a number from 0 to 1"),
        ("image,tag,score\n0,,0.1\n", "t.csv, row 1, field 'tag': missing value"),
        ("image,tag,score\n,cat,0.1\n", "t.csv, row 1, field 'image': missing value"),
    ],
)
def test_invalid_rows(content, message):
    with pytest.raises(TableError) as caught:
        decode(content)
    assert str(caught.value).startswith(message)


ROWS_WITH_ACCENT = "image,tag,score\n0,caf\xe9,0.5\n"
OTHER_ENCODINGS = [ROWS_WITH_ACCENT.encode(encoding) for encoding in ("latin-1", "utf-16", "utf-16-be")]


@pytest.mark.parametrize("content", [b"\x89PNG\r\n\x1a\n\x00\x00\xff", b"\xff", *OTHER_ENCODINGS])
def test_content_that_is_not_utf_8(content):
    with pytest.raises(TableError, match="^t.csv: not valid UTF-8 text .save the table in UTF-8"):
        FORMAT.decode_tag_rows(content, "t.csv")


def test_batches_of_a_long_file(write, monkeypatch):
    monkeypatch.setattr("imagemood.tables.arrow_csv._BLOCK_BYTES", 200)
    path = write("tags.csv", "\ufeff" + "".join(f"{i},cat,0.5\n" for i in range(40)))
    parts = list(tables.read_batches(path))
    assert len(parts) > 1
    assert [image for part in parts for image in part.images] == [str(i) for i in range(40)]


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ("33,cat,1.5", "row 34, field 'score': 1.5 is not a number from 0 to 1"),
        ("33,cat,much", "row 34, field 'score': 'much' is not a number"),
        ("33,cat,", "row 34, field 'score': missing value"),
        ("33,cat", "row 34: wrong number of fields: 2 instead of 3"),
        ("33,,0.5", "row 34, field 'tag': missing value"),
    ],
)
@pytest.mark.parametrize("header", ["", "image,tag,score\n"])
def test_invalid_rows_far_into_a_file_are_numbered_from_its_beginning(write, monkeypatch, row, message, header):
    monkeypatch.setattr("imagemood.tables.arrow_csv._BLOCK_BYTES", 200)
    lines = [f"{i},cat,0.5" for i in range(60)]
    lines[33] = row
    path = write("tags.csv", header + "\n".join(lines) + "\n")
    with pytest.raises(TableError, match=message):
        list(tables.read_batches(path))
