"""Compresses the bodies of responses whose clients request it."""

from __future__ import annotations

import zlib
from collections.abc import Mapping

from fastapi.responses import Response
from starlette.concurrency import run_in_threadpool

from imagemood.serve.asgi.negotiation import accepts_encoding

_WINDOW_BITS = {"gzip": 31, "deflate": 15}
"""The encodings, in the order of preference, and the parameter of zlib for each."""
_MIN_BYTES = 500  # of a body; smaller ones fit into a packet anyway
_MAX_INLINE_BYTES = 50_000  # compressing a smaller body takes less time than handing it to a thread
_LEVEL = 1


async def compress(content: bytes, headers: Mapping[str, str], accept_encoding: str | None) -> Response:
    """Create a response, whose body is compressed if the client accepts that and the body is not small."""
    headers = {**headers, "Vary": "Accept-Encoding"}
    encoding = next((name for name in _WINDOW_BITS if accepts_encoding(accept_encoding, name)), None)
    if encoding is None or len(content) < _MIN_BYTES:
        return Response(content, headers=headers)
    headers["Content-Encoding"] = encoding
    is_large = len(content) > _MAX_INLINE_BYTES
    body = await run_in_threadpool(_deflate, content, encoding) if is_large else _deflate(content, encoding)
    return Response(body, headers=headers)


def _deflate(content: bytes, encoding: str) -> bytes:
    compressor = zlib.compressobj(_LEVEL, wbits=_WINDOW_BITS[encoding])
    return compressor.compress(content) + compressor.flush()
