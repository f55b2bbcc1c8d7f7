from __future__ import annotations

import csv
import gzip
import io
import json
import lzma
import subprocess
import sys
import tempfile
from pathlib import Path

import pyarrow as pa
import pytest
from google.protobuf import descriptor_pb2
from hypothesis import given
from hypothesis import strategies as st

from imagemood import tables
from imagemood.errors import InputError, TagFileError
from imagemood.tables import messages_pb2
from imagemood.tables.tag_set import TagSet

ROOT = Path(__file__).parents[2]
ENDINGS = (".csv", ".csv.gz", ".csv.bz2", ".csv.xz", ".csv.zst", ".jsonl", ".jsonl.gz", ".ndjson", ".parquet")
# What the 2018 tagger wrote: a header, quoted commas, two classes of one name.
CLASSIC = (
    "image,tag,score\n"
    '0,"lakeside, lakeshore",0.7325487732887268\n'
    "0,crane,0.00001\n"
    "0,crane,0.00002\n"
    "1,boathouse,0.10267845541238785\n"
)
TEXT = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=12)
SCORES = st.floats(0, 1)


def tag_sets(images):
    row = st.tuples(images, TEXT, SCORES)
    return st.lists(row, min_size=1, max_size=20).map(lambda rows: TagSet.from_rows(*zip(*rows, strict=True)))


def write(tmp_path, name, content):
    path = tmp_path / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


@pytest.mark.parametrize("ending", [*ENDINGS, ".pb"])
@given(data=st.data())
def test_round_trip_of_numbered_images(ending, data):
    tags = data.draw(tag_sets(st.integers(-(2**63), 2**63 - 1)))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"tags{ending}"
        tables.write(tags, path)
        assert tables.read(path) == tags


@pytest.mark.parametrize("ending", ENDINGS)
@given(data=st.data())
def test_round_trip_of_named_images(ending, data):
    # A column of whole numbers is read as numbers, so at least one name must be none.
    tags = data.draw(tag_sets(TEXT.map(lambda name: f"{name}.jpg")))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"tags{ending}"
        tables.write(tags, path)
        assert tables.read(path) == tags


def test_csv_is_what_pythons_csv_reads(tmp_path):
    tags = TagSet.from_rows(["a,b.jpg", 'c"d.jpg'], ["lakeside, lakeshore", "x"], [0.1, 1 / 3])
    tables.write(tags, tmp_path / "tags.csv")
    rows = list(csv.DictReader(io.StringIO((tmp_path / "tags.csv").read_text())))
    assert [row["image"] for row in rows] == ["a,b.jpg", 'c"d.jpg']
    assert [float(row["score"]) for row in rows] == [0.1, 1 / 3]


@pytest.mark.parametrize(
    "content",
    [
        CLASSIC,
        CLASSIC.split("\n", 1)[1],
        "\ufeff" + CLASSIC,
        CLASSIC.replace("\n", "\r\n"),
        CLASSIC.replace("image,tag,score", "Image,Tag,Score"),
        CLASSIC.rstrip("\n"),
        CLASSIC + "\n\n",
    ],
    ids=["header", "no header", "byte order mark", "CRLF", "capitals", "no last newline", "blank lines"],
)
def test_the_classic_csv(tmp_path, content):
    tags = tables.read(write(tmp_path, "tags.csv", content))
    assert tags.images == [0, 1]
    assert tags.vocabulary == ("lakeside, lakeshore", "crane", "boathouse")
    assert tags.table["score"][0].as_py() == 0.7325487732887268


def test_columns_in_another_order_and_others_beside(tmp_path):
    path = write(tmp_path, "tags.csv", "score,comment,tag,image\n0.5,fine,cat,a.jpg\n")
    assert tables.read(path) == TagSet.from_rows(["a.jpg"], ["cat"], [0.5])


def test_numbers_that_are_names_stay_as_they_are(tmp_path):
    path = write(tmp_path, "tags.csv", "image,tag,score\n007,cat,1\n7,dog,1\n")
    assert tables.read(path).images == ["007", "7"]


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("t.csv", "", "has no rows"),
        ("t.csv", "image,tag,score\n", "has no rows"),
        ("t.csv", "image,tag\n0,cat\n", "no column 'score'"),
        ("t.csv", "image,tag,score\n0,cat,0.5\n0,dog\n", "row 2: has 2 fields, not 3"),
        ("t.csv", "0,cat,0.5\n0,lakeside, lakeshore,0.5\n", "row 2: has 4 fields, not 3"),
        ("t.csv", "image,tag,score\n0,cat,much\n", "row 1, field 'score': is 'much', not a number"),
        ("t.csv", "image,tag,score\n0,cat,0.5\n0,dog,\n", "row 2, field 'score': is missing"),
        ("t.csv", "image,tag,score\n0,cat,nan\n", "row 1, field 'score': is nan"),
        ("t.csv", "image,tag,score\n0,cat,-1\n", "row 1, field 'score': is -1.0"),
        ("t.csv", "image,tag,score\n0,cat,1.1\n", "row 1, field 'score': is 1.1"),
        ("t.csv", "image,tag,score\n0,cat,1e999\n", "row 1, field 'score': is inf"),
        ("t.csv", "image,tag,score\n0,,0.1\n", "row 1, field 'tag': is missing"),
        ("t.csv", "image,tag,score\n,cat,0.1\n", "row 1, field 'image': is missing"),
        ("t.csv", b"\x89PNG\r\n\x1a\n\x00\x00\xff", "is no CSV text"),
        ("t.csv", b"image,tag,score\n0,c\xe9,0.5\n", "is no CSV text"),
        ("t.csv.gz", "image,tag,score\n", "is not what its ending .gz says"),
        ("t.csv.bz2", "image,tag,score\n", "is not what its ending .bz2 says"),
        ("t.csv.xz", "image,tag,score\n", "is not what its ending .xz says"),
        ("t.csv.zst", "image,tag,score\n", "is not what its ending .zst says"),
        ("t.csv.gz", gzip.compress(CLASSIC.encode())[:-9], "is not what its ending .gz says"),
        ("t.csv.xz", lzma.compress(CLASSIC.encode())[:-9], "is not what its ending .xz says"),
        ("t.parquet", "image,tag,score\n", "is no Parquet file"),
        ("t.jsonl", "image,tag,score\n", "row 1: is no JSON"),
        ("t.jsonl", "[1]\n", "row 1: is no JSON object"),
        ("t.jsonl", '{"image": 0, "tag": "cat"}\n', "row 1, field 'score': is missing"),
        ("t.jsonl", '{"image": 0, "tag": 5, "score": 1}\n', "row 1, field 'tag': is 5, not text"),
        ("t.jsonl", '{"image": 0, "tag": "cat", "score": "1"}\n', "row 1, field 'score': is '1', not a number"),
        ("t.jsonl", '{"image": 0, "tag": "cat", "score": NaN}\n', "row 1, field 'score': is nan"),
        ("t.jsonl", '{"image": 1.5, "tag": "cat", "score": 1}\n', "row 1, field 'image': is 1.5"),
        ("t.jsonl", '{"image": 9223372036854775808, "tag": "cat", "score": 1}\n', "is no 64-bit integer"),
        ("t.jsonl", b"\xff\xfe\n", "row 1: is no JSON"),
        ("t.pb", b"\xff\xff\xff", "is no ImageTagSet message"),
        ("t.pb", b"", "has no rows"),
    ],
)
def test_hostile_file_is_one_clear_line(tmp_path, name, content, message):
    path = write(tmp_path, name, content)
    with pytest.raises(TagFileError) as caught:
        tables.read(path)
    assert str(caught.value).startswith(str(path))
    assert message in str(caught.value)


@given(st.binary(max_size=200), st.sampled_from([*ENDINGS, ".pb"]))
def test_random_bytes_give_rows_or_our_error(content, ending):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"tags{ending}"
        path.write_bytes(content)
        try:
            assert len(tables.read(path)) > 0
        except TagFileError as error:
            assert "\n" not in str(error)  # noqa: PT017


@given(st.text(st.sampled_from('0,"\n\r a.'), max_size=40))
def test_csv_reads_what_pythons_csv_reads(text):
    """Where all rows are well formed, both readers see the same rows."""
    try:
        expected = [row for row in csv.reader(io.StringIO(text), strict=True) if row]
    except csv.Error:
        return
    well_formed = expected and all(len(row) == 3 and row[2].strip() in {"0", ".0", "0."} for row in expected)
    if not well_formed or '"' in text or "\r" in text or not all(row[0] and row[1] for row in expected):
        return
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "tags.csv"
        path.write_text(text)
        tags = tables.read(path)
    assert [str(row["tag"]) for row in tags.table.to_pylist()] == [row[1] for row in expected]


@pytest.mark.parametrize("name", ["tags", "tags.doc", "tags.gz"])
def test_unknown_ending(tmp_path, name):
    with pytest.raises(InputError, match=r"its ending does not tell its format .*\.csv"):
        tables.read(tmp_path / name)


def test_unknown_format():
    with pytest.raises(InputError, match="unknown format 'xml' .one of csv, jsonl, parquet, protobuf"):
        tables.format_of("x.csv", "xml")


def test_format_beats_ending(tmp_path):
    path = write(tmp_path, "tags.data", CLASSIC)
    assert len(tables.read(path, format="csv")) == 4


def test_absent_file():
    with pytest.raises(TagFileError, match=r"^absent\.csv: cannot be read: No such file"):
        tables.read("absent.csv")


def test_protobuf_refuses_names_and_writes_nothing(tmp_path):
    tags = TagSet.from_rows(["a.jpg"], ["cat"], [1.0])
    with pytest.raises(InputError, match="holds images by number, not by name .number them with --index"):
        tables.write(tags, tmp_path / "tags.pb")
    assert list(tmp_path.iterdir()) == []


def protoc(*arguments, data):
    command = [sys.executable, "-m", "grpc_tools.protoc", f"-I{ROOT / 'proto'}", *arguments, "imagemood.proto"]
    return subprocess.run(command, input=data, capture_output=True, check=True).stdout


def test_protobuf_is_what_protoc_reads_and_writes(tmp_path):
    tags = TagSet.from_rows([0, 5], ["lakeside, lakeshore", "pier"], [0.75, 0.25])
    tables.write(tags, tmp_path / "tags.pb")
    text = protoc("--decode=imagemood.ImageTagSet", data=(tmp_path / "tags.pb").read_bytes()).decode()
    assert text == (
        'ImageTags {\n  tag: "lakeside, lakeshore"\n  score: 0.75\n}\n'
        'ImageTags {\n  image: 5\n  tag: "pier"\n  score: 0.25\n}\n'
    )
    (tmp_path / "protoc.pb").write_bytes(protoc("--encode=imagemood.ImageTagSet", data=text.encode()))
    assert tables.read(tmp_path / "protoc.pb") == tags


def test_message_classes_are_generated_from_the_proto(tmp_path):
    protoc(f"--descriptor_set_out={tmp_path / 'set'}", data=b"")
    described = descriptor_pb2.FileDescriptorSet.FromString((tmp_path / "set").read_bytes()).file[0]
    ours = descriptor_pb2.FileDescriptorProto.FromString(messages_pb2.DESCRIPTOR.serialized_pb)
    for message in described.message_type:
        for field in message.field:
            field.ClearField("json_name")  # which newer compilers add
    assert ours.message_type == described.message_type
    assert ours.package == described.package


def test_any_flat_table(tmp_path):
    table = pa.table({"image": ["a.jpg"], "mood": ["awe"], "probability": [0.5]})
    tables.write_table(table, tmp_path / "moods.csv")
    assert (tmp_path / "moods.csv").read_text() == "image,mood,probability\na.jpg,awe,0.5\n"
    tables.write_table(table, tmp_path / "moods.jsonl")
    assert json.loads((tmp_path / "moods.jsonl").read_text()) == table.to_pylist()[0]


@pytest.mark.parametrize(
    ("content", "moods", "images"),
    [
        ("awe\nfear\n", ["awe", "fear"], None),
        ("mood\nawe\nfear", ["awe", "fear"], None),
        ("Label\r\nawe\r\n", ["awe"], None),
        ("  Große Freude \nfear\n", ["Große Freude", "fear"], None),
        ('"joy, pure"\nfear\n', ["joy, pure", "fear"], None),
        ("image,mood\n7,awe\n3,fear\n", ["awe", "fear"], ["7", "3"]),
    ],
)
def test_labels(tmp_path, content, moods, images):
    labels = tables.read_labels(write(tmp_path, "labels.csv", content))
    assert labels.moods == moods
    assert labels.images == images


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "has no rows"),
        ("mood\n", "has no rows"),
        ("awe\n  \nfear\n", "row 2, field 'mood': is missing"),
        ("awe,fear\n", "row 1: has 2 fields, not 1"),
        ("image,mood\n7\n", "row 1: has 1 fields, not 2"),
        (b"\xff\xfe\x00", "is no text"),
    ],
)
def test_hostile_labels(tmp_path, content, message):
    with pytest.raises(TagFileError, match=message):
        tables.read_labels(write(tmp_path, "labels.csv", content))
