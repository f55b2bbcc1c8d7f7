from __future__ import annotations

import json

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from imagemood import builtin
from imagemood.errors import ModelDirectoryError
from imagemood.models.metadata import ModelMetadata, check_different

METADATA = ModelMetadata(
    labels=("awe", "fear"),
    vocabulary=("volcano", "shark"),
    inputs=("tags", "embedding"),
    prior={"awe": 0.75, "fear": 0.25},
    algorithm="logistic",
    parameters={"C": 2.0, "nested": {"list": [1, None]}},
    training_set={"n_images": 20},
    metrics={"accuracy": 0.5},
    versions={"onnx": "1.2"},
)
FIELDS = json.loads(json.dumps(METADATA.to_dict()))


def read(**fields):
    return ModelMetadata.from_json(json.dumps({**FIELDS, **fields}).encode())


def test_round_trip_through_json():
    assert read() == METADATA


def test_fields_of_the_file_format():
    assert list(FIELDS) == [
        "format_version",
        "labels",
        "vocabulary",
        "inputs",
        "prior",
        "algorithm",
        "parameters",
        "training_set",
        "metrics",
        "versions",
        "visual",
        "network",
    ]
    assert FIELDS["format_version"] == 1


def test_unknown_fields_are_ignored():
    assert read(files={"model.onnx": "00"}, note="new in a later version") == METADATA


def test_optional_fields():
    fields = {name: FIELDS[name] for name in FIELDS if name not in ("metrics", "versions", "visual")}
    metadata = ModelMetadata.from_json(json.dumps(fields).encode())
    assert (metadata.metrics, metadata.versions, metadata.visual) == ({}, {}, ())


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("format_version", 99, "metadata.json: format version 99 is not supported, only 1 .train the model again"),
        ("format_version", None, "format version None is not supported"),
        ("format_version", "1", "format version '1' is not supported"),
        ("labels", "awe", "metadata.json, field 'labels': expected a list, got text"),
        ("labels", [], "field 'labels': expected a list that is not empty"),
        ("labels", ["awe", "awe"], "labels contains 'awe' twice"),
        ("labels", ["awe", ""], r"field 'labels\[1\]': expected text that is not empty"),
        ("vocabulary", [1], r"field 'vocabulary\[0\]': expected text, got an integer"),
        ("vocabulary", [], "vocabulary is empty, although inputs contains tags"),
        ("vocabulary", ["a", "b", "a"], "vocabulary contains 'a' twice"),
        (
            "inputs",
            ["pixels"],
            r"inputs must be one or more of tags, embedding, visual in this order, not \['pixels'\]",
        ),
        ("inputs", ["embedding", "tags"], "in this order"),
        ("inputs", ["tags", "tags"], "in this order"),
        ("inputs", [], "field 'inputs': expected a list that is not empty"),
        ("inputs", ["tags", "visual"], "visual is empty, although inputs contains visual"),
        ("visual", ["hue", "hue"], "visual contains 'hue' twice"),
        ("prior", {"awe": 1}, "prior does not contain exactly the labels"),
        ("prior", {"awe": 1, "fear": -1}, r"field 'prior\[...\]': expected a number >= 0"),
        ("prior", {"awe": 1, "fear": "much"}, r"field 'prior\[...\]': expected a number, got text"),
        ("prior", [1, 2], "field 'prior': expected an object, got a list"),
        ("metrics", [], "field 'metrics': expected an object, got a list"),
        ("parameters", None, "field 'parameters': expected an object, got null"),
        ("versions", {"onnx": 1}, r"field 'versions\[...\]': expected text, got an integer"),
        ("algorithm", 5, "field 'algorithm': expected text, got an integer"),
    ],
)
def test_invalid_field(field, value, message):
    with pytest.raises(ModelDirectoryError, match=message):
        read(**{field: value})


@pytest.mark.parametrize("field", ["labels", "vocabulary", "inputs", "prior", "parameters", "training_set"])
def test_missing_field(field):
    fields = {name: value for name, value in FIELDS.items() if name != field}
    with pytest.raises(ModelDirectoryError, match=f"^metadata.json: missing field '{field}'$"):
        ModelMetadata.from_json(json.dumps(fields).encode())


@pytest.mark.parametrize(("content", "message"), [(b"{", "not valid JSON"), (b"[]", "expected an object")])
def test_content_that_is_not_metadata(content, message):
    with pytest.raises(ModelDirectoryError, match=f"^m.json: {message}"):
        ModelMetadata.from_json(content, where="m.json")


def test_invalid_metadata_cannot_be_created():
    with pytest.raises(ValueError, match="labels contains 'awe' twice"):
        msgspec.structs.replace(METADATA, labels=("awe", "awe"))
    with pytest.raises(AttributeError):
        METADATA.labels = ()


@pytest.mark.parametrize("name", ["moods", "tags_moods"])
def test_built_in_metadata(name):
    content = builtin.path(name).joinpath("metadata.json").read_bytes()
    metadata, fields = ModelMetadata.from_json(content), json.loads(content)
    assert json.loads(json.dumps(metadata.to_dict())) == {
        **{name: value for name, value in fields.items() if name != "files"},
        "visual": [],
    }


@given(
    field=st.sampled_from([*FIELDS, "unknown"]),
    value=st.none() | st.text(max_size=5) | st.integers(-3, 3) | st.lists(st.text(max_size=3), max_size=3),
)
def test_any_value_of_any_field_gives_metadata_or_one_line(field, value):
    try:
        read(**{field: value})
    except ModelDirectoryError as error:
        assert len(str(error).splitlines()) == 1  # noqa: PT017


def test_many_names_are_checked_quickly():
    names = [str(i) for i in range(300_000)]
    check_different(names, "vocabulary")
    with pytest.raises(ValueError, match="^vocabulary contains '299999' twice$"):
        check_different([*names, "299999"], "vocabulary")
