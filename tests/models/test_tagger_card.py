from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imagemood import builtin
from imagemood.errors import ModelError
from imagemood.models.tagger_card import TaggerCard
from imagemood.models.tagger_files import TaggerFiles
from imagemood.pictures.pixels.resizing import Resizing

FIELDS = {"size_px": 8, "mean": 127, "std": 128, "labels": ["red", "green", "blue"]}


def card(**fields):
    return TaggerCard.from_json(json.dumps({**FIELDS, **fields}).encode(), where="mine.json")


def test_defaults():
    assert card() == TaggerCard(
        size_px=8,
        labels=("red", "green", "blue"),
        mean=127.0,
        std=128.0,
        scale=1.0,
        logits=True,
        scores=None,
        embedding=None,
        moods=None,
        mood_maps=None,
        mood_labels=(),
        name="mine",
        sha256=None,
    )


def test_all_fields():
    fields = {
        "size_px": 299,
        "labels": ["cat"],
        "mean": [1.0, 2.0, 3.5],
        "std": [4.0, 5.0, 6.0],
        "scale": 255.0,
        "logits": False,
        "scores": "s",
        "embedding": "e",
        "moods": "m",
        "mood_maps": "maps",
        "mood_labels": ["awe", "fear"],
        "name": "pets",
        "sha256": "ab",
    }
    read = card(**fields)
    for name, value in fields.items():
        assert getattr(read, name) == (tuple(value) if isinstance(value, list) else value)


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"labels": ["red", "red", "blue"]}, "mine.json: labels contains 'red' twice"),
        ({"labels": "red"}, "mine.json, field 'labels': expected a list, got text"),
        ({"labels": []}, "mine.json: labels must name the tags, unless embedding names an output"),
        ({"labels": ["red", ""]}, "mine.json, field 'labels[1]': expected text that is not empty"),
        ({"labels": ["red", 1]}, "mine.json, field 'labels[1]': expected text, got an integer"),
        ({"size_px": "8"}, "mine.json, field 'size_px': expected an integer, got text"),
        ({"size_px": 0}, "mine.json, field 'size_px': expected an integer >= 1"),
        ({"size_px": True}, "mine.json, field 'size_px': expected an integer, got a Boolean"),
        ({"std": 0}, "mine.json: std must be greater than 0"),
        ({"std": [1, 1, -1]}, "mine.json: std must be greater than 0"),
        ({"scale": 0}, "mine.json, field 'scale': expected a number > 0"),
        ({"mean": [1, 2]}, "mine.json, field 'mean': expected a list of length 3"),
        ({"mean": "grey"}, "mine.json, field 'mean': expected a number or a list, got text"),
        ({"mean": [1, 2, None]}, "mine.json, field 'mean[2]': expected a number, got null"),
        ({"logits": "no"}, "mine.json, field 'logits': expected a Boolean, got text"),
        ({"embedding": 1}, "mine.json, field 'embedding': expected text or null, got an integer"),
        ({"colour": "RGB"}, "mine.json: unknown field 'colour'"),
        ({"labels": [], "embedding": "e", "scores": "s"}, "mine.json: labels must name the tags, since scores"),
        ({"resize": "pad"}, "mine.json, field 'resize': "),
        ({"interpolation": "cubic"}, "mine.json, field 'interpolation': "),
        ({"resize_px": 1}, "mine.json: resize_px must be at least size_px"),
        (
            {"resize": "crop", "mood_maps": "m", "mood_labels": ["awe"]},
            "mine.json: mood_maps must show the whole picture",
        ),
        ({"mood_maps": "maps"}, "mine.json: mood_labels must name the moods that the network predicts"),
        ({"moods": "moods", "mood_labels": ["awe", "awe"]}, "mine.json: mood_labels contains 'awe' twice"),
    ],
)
def test_invalid_field(fields, message):
    with pytest.raises(ModelError) as caught:
        card(**fields)
    assert str(caught.value).startswith(message)
    assert "see docs/taggers.md" in str(caught.value)


@pytest.mark.parametrize("field", ["size_px", "mean", "std"])
def test_missing_field(field):
    fields = {name: value for name, value in FIELDS.items() if name != field}
    with pytest.raises(ModelError, match=f"^mine.json: missing field '{field}'"):
        TaggerCard.from_json(json.dumps(fields).encode(), where="mine.json")


@pytest.mark.parametrize(
    ("content", "message"),
    [(b"{", "not valid JSON"), (b"[]", "expected an object, got a list"), (b"\xff", "not valid JSON")],
)
def test_file_that_is_not_a_card(content, message):
    with pytest.raises(ModelError, match=rf"^mine\.json: {message}"):
        TaggerCard.from_json(content, where="mine.json")


def test_missing_file(tmp_path):
    (tmp_path / "mine.onnx").touch()
    with pytest.raises(ModelError, match=r"mine\.json: cannot be read: No such file or directory .*size_px"):
        TaggerFiles.at(tmp_path / "mine.onnx").card()


def test_built_in_card():
    read = TaggerFiles.at().card()
    fields = json.loads(builtin.path("network.json").read_text("utf-8"))
    assert read.name == "EfficientNet-Lite0 and moods"
    assert list(read.labels) == fields["labels"]
    assert read.sha256 == fields["sha256"]
    assert (read.size_px, read.logits, read.mean, read.std) == (224, False, 0.0, 1.0)


NUMBERS = st.floats(1e-6, 1e6)


@given(
    mean=NUMBERS | st.lists(NUMBERS, min_size=3, max_size=3),
    std=NUMBERS | st.lists(NUMBERS, min_size=3, max_size=3),
    labels=st.lists(st.text(st.characters(exclude_categories=["Cs"]), min_size=1), min_size=1, unique=True),
)
def test_any_valid_card_is_read_as_it_is(mean, std, labels):
    read = card(mean=mean, std=std, labels=labels)
    assert read.labels == tuple(labels)
    assert read.mean == (tuple(mean) if isinstance(mean, list) else mean)
    assert read.std == (tuple(std) if isinstance(std, list) else std)


@given(field=st.sampled_from(sorted(TaggerCard.__struct_fields__)), value=st.none() | st.text() | st.integers())
def test_any_value_of_any_field_gives_a_card_or_one_line(field, value):
    try:
        card(**{field: value})
    except ModelError as error:
        assert len(str(error).splitlines()) == 1  # noqa: PT017


@pytest.mark.parametrize("std", [[1, 2, 0], [0, 0, 0], [1, "a", 2], ["a"], [[1]], {}])
def test_invalid_list_of_numbers_many_times(std):
    # msgspec 0.22 crashes here after some repetitions if the numbers have a constraint.
    for _ in range(1000):
        with pytest.raises(ModelError):
            card(std=std)


def test_how_a_picture_becomes_a_square():
    size_px = FIELDS["size_px"]
    assert card().resizing is None
    assert card(resize_px=size_px).resizing == Resizing(size_px)
    assert card(resize="crop").resizing == Resizing(size_px, keep_aspect=True)
    expected = Resizing(size_px + 8, keep_aspect=False, interpolation="bilinear")
    assert card(resize_px=size_px + 8, interpolation="bilinear").resizing == expected


def test_card_of_a_network_without_tags():
    assert card(labels=[], embedding="features", source="timm/any", license="mit").labels == ()
