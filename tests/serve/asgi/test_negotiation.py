from __future__ import annotations

import pytest

from imagemood.serve.asgi.negotiation import accepts_encoding, choose_media_type

JSON, CSV, LINES = OFFERED = ("application/json", "text/csv", "application/x-ndjson")


@pytest.mark.parametrize(
    ("accept", "expected"),
    [
        (None, JSON),
        ("", JSON),
        (" ", JSON),
        ("*/*", JSON),
        ("text/csv", CSV),
        ("TEXT/CSV ; charset=utf-8", CSV),
        ("text/*", CSV),
        ("application/*", JSON),
        ("application/x-ndjson, application/json;q=0.9", LINES),
        ("application/json;q=0.5, text/csv; q=0.7", CSV),
        ("application/json;q=0.5,*/*;q=0.1", JSON),
        ("application/json;q=0, */*", CSV),
        ("text/html,application/xhtml+xml,*/*;q=0.8", JSON),
        ("image/png, text/csv;q=0.001", CSV),
        ("image/png", None),
        ("application/json;q=0", None),
        ("application/json;q=nan, text/csv;q=-1", None),
        (",".join(["image/png"] * 10_000), None),
    ],
)
def test_the_preferred_media_type(accept, expected):
    assert choose_media_type(accept, OFFERED) == expected


@pytest.mark.parametrize(
    ("accept_encoding", "is_accepted"),
    [
        ("gzip, deflate, br", True),
        ("GZIP;q=0.1", True),
        ("x-gzip", True),
        ("*", True),
        ("*;q=0", False),
        ("gzip;q=0, *", False),
        ("identity, gzip;q=0.5", False),
        ("identity;q=0.5, gzip", True),
        ("br", False),
        ("", False),
        (None, False),
    ],
)
def test_accepted_encodings(accept_encoding, is_accepted):
    assert accepts_encoding(accept_encoding, "gzip") is is_accepted
