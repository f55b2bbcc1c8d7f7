from __future__ import annotations

import asyncio
import contextlib
import gzip
import hashlib
import zlib

import pytest
from backports import zstd
from hypothesis import given
from hypothesis import strategies as st

from imagemood.serve.asgi.content_decoding import DecodedBody, find_encoding
from imagemood.serve.memory import MemoryInFlight
from imagemood.serve.problems import Problem
from imagemood.serve.request_bodies.bodies import BodyReader
from imagemood.serve.settings import Limits
from tests.serve.request_bodies.test_bodies import read as read_body
from tests.serve.request_bodies.test_bodies import request
from tests.serve.serving import AUTHORIZATION

COMPRESS = {"gzip": gzip.compress, "deflate": zlib.compress, "zstd": zstd.compress}
PHOTO = b"".join(hashlib.sha256(bytes([i & 255, i >> 8])).digest() for i in range(10_000))


def decode(encoding, body, chunk_bytes=1000, memory=None, max_pieces=None):
    """Return the content of a compressed body that arrives in chunks."""
    chunks = [body[start : start + chunk_bytes] for start in range(0, len(body), chunk_bytes)]

    async def receive():
        chunk = chunks.pop(0) if chunks else b""
        return {"type": "http.request", "body": chunk, "more_body": bool(chunks)}

    async def read():
        decoded, content = DecodedBody(receive, encoding, memory), b""
        while True:
            message = await decoded.receive()
            assert len(message["body"]) <= 65_536
            content += message["body"]
            if not message["more_body"]:
                decoded.release()
                return content

    return asyncio.run(read())


@pytest.mark.parametrize("encoding", COMPRESS)
@pytest.mark.parametrize("chunk_bytes", [1, 7, 100_000])
@pytest.mark.parametrize("content", [b"", b"a", bytes(5000), PHOTO[:3000]])
def test_bodies_are_decompressed_however_they_arrive(encoding, chunk_bytes, content):
    memory = MemoryInFlight(10**9)
    assert decode(encoding, COMPRESS[encoding](content), chunk_bytes, memory) == content
    assert memory.n_bytes == 0


@given(st.sampled_from(sorted(COMPRESS)), st.binary(max_size=500), st.integers(1, 50))
def test_damaged_bodies_are_a_problem(encoding, body, chunk_bytes):
    with contextlib.suppress(Problem):
        decode(encoding, body, chunk_bytes)
    with pytest.raises(Problem, match=f"the body is not valid {encoding}: ") as caught:
        decode(encoding, COMPRESS[encoding](b"text") + b"-" + body, chunk_bytes)
    assert caught.value.status == 422


@pytest.mark.parametrize("encoding", COMPRESS)
def test_incomplete_and_continued_bodies_are_a_problem(encoding):
    body = COMPRESS[encoding](PHOTO)
    for cut in (0, 1, 5, len(body) // 2, len(body) - 1):
        with pytest.raises(Problem, match=f"the body is not valid {encoding}: "):
            decode(encoding, body[:cut], 100_000)
    with pytest.raises(Problem, match=f"the body is not valid {encoding}: "):
        decode(encoding, body + b"garbage after the end", 100_000)


@pytest.mark.parametrize("encoding", ["gzip", "zstd"])
def test_a_body_may_have_several_members(encoding):
    compress = COMPRESS[encoding]
    assert decode(encoding, compress(b"one ") + compress(b"") + compress(b"two"), 3) == b"one two"


def test_many_empty_members_are_refused():
    for encoding in ("gzip", "zstd"):
        assert decode(encoding, COMPRESS[encoding](b"") * 1000) == b""
        with pytest.raises(Problem, match="it has more than 1,000 parts"):
            decode(encoding, COMPRESS[encoding](b"") * 1001)
    skippable = b"\x50\x2a\x4d\x18" + (1_500_000).to_bytes(4, "little") + bytes(1_500_000)
    with pytest.raises(Problem, match="too little content"):
        decode("zstd", skippable, 100_000)


@pytest.mark.parametrize("encoding", COMPRESS)
def test_a_bomb_is_refused_at_the_limit_of_the_body(encoding):
    bomb = COMPRESS[encoding](bytes(50_000_000))
    memory = MemoryInFlight(10**9)

    async def read():
        compressed = request(bomb, b"")
        compressed._receive = DecodedBody(compressed._receive, encoding, memory).receive
        await read_body(BodyReader(Limits(max_bytes=1_000_000), memory), compressed)

    with pytest.raises(Problem, match="the body is larger than 1,000,000 bytes") as caught:
        asyncio.run(read())
    assert caught.value.status == 413


def test_a_large_window_of_zstd_is_refused_and_the_memory_of_others_counts():
    large = zstd.compress(PHOTO, options={zstd.CompressionParameter.window_log: 24})
    options = {zstd.CompressionParameter.window_log: 24, zstd.CompressionParameter.content_size_flag: 0}
    compressor = zstd.ZstdCompressor(options=options)
    streamed = compressor.compress(PHOTO) + compressor.flush()
    assert decode("zstd", large, 100_000) == PHOTO  # whose window is not larger than its content
    with pytest.raises(Problem, match="the body is not valid zstd: "):
        decode("zstd", streamed, 100_000)
    options[zstd.CompressionParameter.window_log] = 22
    compressor = zstd.ZstdCompressor(options=options)
    streamed = compressor.compress(PHOTO) + compressor.flush()
    with pytest.raises(Problem) as caught:
        decode("zstd", streamed, 100_000, MemoryInFlight(4_000_000))
    assert caught.value.status == 503
    assert decode("zstd", streamed, 100_000, MemoryInFlight(5_000_000)) == PHOTO


@pytest.mark.parametrize("value", [b"br", b"gzip, gzip", b"identity, gzip", b"\xff", b"x" * 5000])
def test_other_encodings_are_refused_with_those_that_are_accepted(value):
    with pytest.raises(Problem) as caught:
        find_encoding(value)
    assert caught.value.status == 415
    assert caught.value.headers["Accept-Encoding"] == "gzip, deflate, zstd"
    assert len(caught.value.detail) < 250


def test_every_route_accepts_compressed_bodies(service, photos):
    paths = service.get("/openapi.json").json()["paths"]
    for path, operations in paths.items():
        if "post" not in operations:
            continue
        content = operations["post"]["requestBody"]["content"]
        json_content = content.get("application/json", {})
        example = json_content.get("example", json_content.get("schema", {}).get("example"))
        if example is None:
            continue
        plain = service.post(path.format(name="mood", version="1"), json=example)
        for encoding, compress in COMPRESS.items():
            headers = {"Content-Encoding": encoding, "Content-Type": "application/json"}
            response = service.post(
                plain.url.raw_path.decode(), content=compress(plain.request.content), headers=headers
            )
            assert response.status_code == plain.status_code == 200, (path, encoding)
        refused = service.post(plain.url.raw_path.decode(), content=b"x", headers={"Content-Encoding": "br"})
        assert refused.status_code == 415
        assert refused.headers["Accept-Encoding"] == "gzip, deflate, zstd"
    photo = gzip.compress(photos["rocket.jpg"])
    response = service.post("/v1/moods", content=photo, headers={"Content-Encoding": "gzip"})
    assert response.json() == service.post("/v1/moods", content=photos["rocket.jpg"]).json()


def test_a_bomb_is_refused_by_the_service(limited_service):
    for encoding, compress in COMPRESS.items():
        bomb = compress(bytes(20_000_000))
        headers = {**AUTHORIZATION, "Content-Encoding": encoding}
        response = limited_service.post("/v1/moods", content=bomb, headers=headers)
        assert (response.status_code, response.json()["detail"]) == (413, "the body is larger than 200,000 bytes")
