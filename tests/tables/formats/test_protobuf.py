from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pyarrow as pa
import pytest
from google.protobuf import descriptor_pb2, json_format
from hypothesis import given

from imagemood import tables
from imagemood.errors import InputError, TableError
from imagemood.tables import messages_pb2
from imagemood.tables.column_table import columns_of
from imagemood.tables.formats.protobuf import FORMAT
from imagemood.tables.tag_set import TagSet
from tests.tables.strategies import NUMBERS, tag_sets

ROOT = Path(__file__).parents[3]


def protoc(*arguments, data):
    command = [sys.executable, "-m", "grpc_tools.protoc", f"-I{ROOT / 'proto'}", *arguments, "imagemood.proto"]
    return subprocess.run(command, input=data, capture_output=True, check=True).stdout


def test_protoc_reads_what_is_written_and_writes_what_is_read():
    tags = TagSet.from_rows([0, 5], ["lakeside, lakeshore", "pier"], [0.75, 0.25])
    text = protoc("--decode=imagemood.ImageTagSet", data=FORMAT.encode(tags.to_columns())).decode()
    assert text == (
        'ImageTags {\n  tag: "lakeside, lakeshore"\n  score: 0.75\n}\n'
        'ImageTags {\n  image: 5\n  tag: "pier"\n  score: 0.25\n}\n'
    )
    content = protoc("--encode=imagemood.ImageTagSet", data=text.encode())
    assert TagSet(FORMAT.decode_tag_rows(content, "protoc.pb")) == tags


@given(tag_sets(NUMBERS))
def test_json_of_protobuf_has_the_same_rows(tags):
    message = messages_pb2.ImageTagSet.FromString(FORMAT.encode(tags.to_columns()))
    rows = json_format.MessageToDict(message, always_print_fields_with_no_presence=True)["ImageTags"]
    # The JSON mapping of protobuf writes 64-bit integers as text.
    assert [{**row, "image": int(row["image"])} for row in rows] == tags.table.to_pylist()


def test_message_classes_are_generated_from_the_proto_file(tmp_path):
    protoc(f"--descriptor_set_out={tmp_path / 'set'}", data=b"")
    described = descriptor_pb2.FileDescriptorSet.FromString((tmp_path / "set").read_bytes()).file[0]
    generated = descriptor_pb2.FileDescriptorProto.FromString(messages_pb2.DESCRIPTOR.serialized_pb)
    for message in described.message_type:
        for field in message.field:
            field.ClearField("json_name")  # which newer compilers add
    assert generated.message_type == described.message_type
    assert generated.package == described.package


def test_named_images_are_refused_and_no_file_is_written(tmp_path):
    tags = TagSet.from_rows(["a.jpg"], ["cat"], [1.0])
    with pytest.raises(InputError, match="identifies images by number, not by name .choose another format, or"):
        tables.write(tags, tmp_path / "tags.pb")
    assert list(tmp_path.iterdir()) == []


def test_other_tables_are_refused():
    with pytest.raises(InputError, match="^protobuf can hold only tag rows"):
        FORMAT.encode(columns_of(pa.table({"image": [1], "hue": [0.5]})))
    assert not FORMAT.holds_any_table


@pytest.mark.parametrize("content", [b"\xff\xff\xff", b"\x0a\x05\x08", b"image,tag,score\n"])
def test_invalid_message(content):
    with pytest.raises(TableError, match="^t.pb: not a valid ImageTagSet message$"):
        FORMAT.decode_tag_rows(content, "t.pb")


def test_empty_file_has_no_rows(write):
    with pytest.raises(TableError, match="no rows"):
        tables.read(write("t.pb", b""))


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"image": 1, "score": 0.5}, "row 1, field 'tag': missing value"),
        ({"image": 1, "tag": "cat", "score": float("nan")}, "row 1, field 'score': nan is not a number"),
        ({"image": 1, "tag": "cat", "score": -0.5}, "row 1, field 'score': -0.5 is not a number"),
    ],
)
def test_invalid_rows(fields, message):
    content = messages_pb2.ImageTagSet(ImageTags=[messages_pb2.ImageTag(**fields)]).SerializeToString()
    with pytest.raises(TableError, match=message):
        TagSet(FORMAT.decode_tag_rows(content, "t.pb"))
