"""HTML for notebooks: complete, escaped, and without anything from elsewhere."""

# ruff: noqa: S301 (the test has written what it unpickles)

from __future__ import annotations

import base64
import io
import pickle
import re
from html.parser import HTMLParser

import numpy as np
import PIL.Image
import pytest

from imagemood.errors import ImageError
from imagemood.prediction.cascade import Cascade
from imagemood.prediction.explanation import Explanation
from imagemood.prediction.result import Result

HOSTILE = "<script>alert(1)</script>\"'&\u202e.jpg"


@pytest.fixture(scope="module")
def cascade() -> Cascade:
    return Cascade.load(n_workers=2)


class Parsed(HTMLParser):
    """The elements, attributes and text of a fragment, whose elements are all closed."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.text = ""
        self.open: list[str] = []
        self.feed(html)
        assert not self.open

    def handle_starttag(self, tag, attrs):
        self.elements.append(tag)
        self.attributes += attrs
        if tag != "img":
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text += data

    def images(self):
        urls = [value for name, value in self.attributes if name == "src"]
        contents = [base64.b64decode(url.removeprefix("data:image/jpeg;base64,")) for url in urls]
        return [PIL.Image.open(io.BytesIO(content)) for content in contents]


def test_a_result_shows_picture_heat_map_moods_and_tags(cascade, sample_photos):
    result = cascade.classify(sample_photos / "rocket.jpg")
    shown = Parsed(result._repr_html_())
    picture, heat_map = shown.images()
    with PIL.Image.open(sample_photos / "rocket.jpg") as original:
        assert picture.size == heat_map.size
        assert picture.width / picture.height == pytest.approx(original.width / original.height, abs=0.02)
    assert np.abs(np.asarray(picture).astype(int) - np.asarray(heat_map)).max() > 50
    for name in (*result.moods, *list(result.tags)[:5], "valence", "arousal"):
        assert name in shown.text
    assert f"{100 * result.moods[result.mood]:.1f} %" in shown.text
    assert {"script", "link", "iframe", "style"}.isdisjoint(shown.elements)
    assert not re.search(r"https?:|url\(|@import", " ".join(str(value) for _, value in shown.attributes))


def test_pictures_in_the_memory_of_the_caller_are_shown(cascade, sample_photos):
    pixels = np.random.default_rng(0).integers(0, 256, (40, 60, 3), np.uint8)
    for result in (cascade.classify(pixels), *cascade.classify_many([pixels])):
        assert [image.size for image in Parsed(result._repr_html_()).images()] == [(60, 40)] * 2
    (streamed,) = cascade.classify_many(iter([pixels]))
    assert streamed.picture is None
    assert Parsed(streamed._repr_html_()).images() == []


def test_a_picture_that_was_removed_is_left_out(cascade, sample_photos, tmp_path):
    path = tmp_path / "a.jpg"
    path.write_bytes((sample_photos / "rocket.jpg").read_bytes())
    (result,) = cascade.classify_many([path])
    assert len(Parsed(result._repr_html_()).images()) == 2
    path.unlink()
    assert result.mood in Parsed(result._repr_html_()).text
    assert Parsed(result._repr_html_()).images() == []


def test_addresses_on_other_machines_are_not_read_again(cascade, sample_photos, monkeypatch):
    from imagemood.pictures.reading import storage

    monkeypatch.setattr(storage, "read", lambda *_, **__: (sample_photos / "rocket.jpg").read_bytes())
    (result,) = cascade.classify_many(["https://example.org/a.jpg"])
    assert result.error is None
    assert result.picture is None


@pytest.mark.parametrize(
    "result",
    [
        Result(HOSTILE, error=ImageError(HOSTILE)),
        Result(HOSTILE, labels=(HOSTILE,), probabilities=np.array([1.0])),
        Result("a", tag_labels=(HOSTILE,), scores=np.array([1.0], np.float32)),
        Explanation(HOSTILE, {HOSTILE: -0.5}, None),
    ],
)
def test_text_is_escaped(result):
    shown = Parsed(result._repr_html_())
    assert "script" not in shown.elements
    assert "<script>" in shown.text
    assert "\u202e" not in shown.text


def test_an_explanation_shows_the_heat_map_and_the_drops(cascade, sample_photos):
    explanation = cascade.explain(cascade.classify(sample_photos / "rocket.jpg"), "fear")
    shown = Parsed(explanation._repr_html_())
    assert len(shown.images()) == 2
    strongest = max(explanation.tag_drops, key=lambda tag: abs(explanation.tag_drops[tag]))
    assert strongest in shown.text
    assert "heat map of fear" in shown.text
    assert repr(explanation).startswith("Explanation('fear', tag_drops={")
    assert len(repr(explanation)) < 200


def test_the_picture_is_not_pickled(cascade):
    pixels = np.zeros((2000, 3000, 3), np.uint8)
    result = cascade.classify(pixels, ())
    assert result.picture is not None
    copied = pickle.loads(pickle.dumps(result))
    assert copied.picture is None
    assert copied.moods == result.moods
    assert len(pickle.dumps(result)) < 100_000
