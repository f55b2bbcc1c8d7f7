"""Responses that do not change while the service runs, compressed beforehand, and with an entity tag."""

from __future__ import annotations

import gzip
import hashlib
from collections.abc import Mapping

from fastapi import Request
from fastapi.responses import Response

from imagemood.serve.asgi.negotiation import accepts_encoding

_MIN_SAVING = 0.1  # of the bytes; compressing pictures saves nothing


class FixedContent:
    """Content that is the same in each response, with and without compression.

    Parameters
    ----------
    content : bytes
        The content.
    media_type : str
        Its media type.
    headers : mapping, optional
        Further headers of the responses.

    Examples
    --------
    >>> FixedContent(b"text", "text/plain").etag
    '"982d9e3eb996f559"'
    """

    def __init__(self, content: bytes, media_type: str, headers: Mapping[str, str] | None = None) -> None:
        self.content = content
        self.media_type = media_type
        self.etag = f'"{hashlib.sha256(content).hexdigest()[:16]}"'
        self._headers = dict(headers or {})
        compressed = gzip.compress(content, 9, mtime=0)
        self._compressed = compressed if len(compressed) < (1 - _MIN_SAVING) * len(content) else None

    def respond(self, request: Request) -> Response:
        """Respond with the content, or with status 304 if the client has it."""
        is_compressed = self._compressed is not None and accepts_encoding(
            request.headers.get("accept-encoding"), "gzip"
        )
        # Two representations have different tags, so that a client does not continue one with parts of the other.
        etag = f'{self.etag[:-1]}-gzip"' if is_compressed else self.etag
        headers = {"ETag": etag, **self._headers}
        if self._compressed is not None:
            headers["Vary"] = "Accept-Encoding"
        if _matches(request.headers.get("if-none-match"), {self.etag, f'{self.etag[:-1]}-gzip"'}):
            return Response(status_code=304, headers=headers)
        if is_compressed:
            headers["Content-Encoding"] = "gzip"
        content = self._compressed if is_compressed else self.content
        return Response(content, headers=headers, media_type=self.media_type)


def _matches(if_none_match: str | None, etags: set[str]) -> bool:
    """Return whether a list of entity tags has one of these, by weak comparison (RFC 9110, section 13.1.2)."""
    if if_none_match is None:
        return False
    found = {tag.strip().removeprefix("W/") for tag in if_none_match.split(",")}
    return "*" in found or not found.isdisjoint(etags)
