from __future__ import annotations

import asyncio
import gzip
import zlib

import pytest

from imagemood.serve.asgi.response_compression import compress

HEADERS = {"Content-Type": "application/json"}


@pytest.mark.parametrize("n_bytes", [600, 200_000])
def test_compressed_bodies_have_the_same_content(n_bytes):
    content = bytes(range(200)) * (n_bytes // 200)
    for encoding, decompress in (("gzip", gzip.decompress), ("deflate", zlib.decompress)):
        response = asyncio.run(compress(content, HEADERS, encoding))
        assert response.headers["content-encoding"] == encoding
        assert response.headers["content-type"] == "application/json"
        assert int(response.headers["content-length"]) == len(response.body) < n_bytes
        assert decompress(response.body) == content


def test_small_bodies_and_those_for_other_clients_are_not_compressed():
    for content, accepted in (
        (b"{}", "gzip"),
        (b"x" * 1000, "br"),
        (b"x" * 1000, "gzip;q=0"),
        (b"x" * 1000, None),
    ):
        response = asyncio.run(compress(content, HEADERS, accepted))
        assert response.body == content
        assert "content-encoding" not in response.headers
        assert response.headers["vary"] == "Accept-Encoding"
