from __future__ import annotations

from xml.etree import ElementTree

from imagemood.albums.timeline_plot import draw

SVG = "{http://www.w3.org/2000/svg}"


def test_the_shares_fill_the_plot():
    moments = [(0.0, {"a<b": 0.25, "fear": 0.75}), (1.0, {"a<b": 1.0, "fear": 0.0})]
    root = ElementTree.fromstring(draw(["a<b", "fear"], moments, 1.0))  # noqa: S314
    first, second = (shape.get("points").split() for shape in root.iter(f"{SVG}polygon"))
    assert first[:4] == ["50.00,207.00", "415.00,207.00", "415.00,12.00", "780.00,12.00"]
    assert second[:2] == ["50.00,12.00", "415.00,12.00"]
    texts = [text.text for text in root.iter(f"{SVG}text")]
    assert texts == ["a<b", "fear", "0%", "50%", "100%", "0:00:00.0", "0:00:01.0", "0:00:02.0"]
