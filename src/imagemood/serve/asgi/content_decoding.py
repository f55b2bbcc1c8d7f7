"""Decompresses the bodies of requests piece by piece while they are read, so that limits on their size hold."""

from __future__ import annotations

import asyncio
import sys
import zlib
from typing import Protocol

from starlette.types import Message, Receive

from imagemood.errors import OverloadedError
from imagemood.serve.memory import HeldMemory, MemoryInFlight
from imagemood.serve.problems import CLOSE, Problem

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

ENCODINGS = ("gzip", "deflate", "zstd")
"""The content codings of bodies that are accepted, in addition to none."""
_ALIASES = {"x-gzip": "gzip"}
_WINDOW_BITS = {"gzip": 31, "deflate": 15}  # a parameter of zlib
_ZLIB_BYTES = 50_000  # memory of a decompressor
_MAX_WINDOW_LOG = 23  # of zstd, as RFC 9659 requires of clients: 8 MB
_ZSTD_OPTIONS: dict[int, int] = {zstd.DecompressionParameter.window_log_max: _MAX_WINDOW_LOG}
_MAX_FRAME_HEADER = 18  # bytes, of zstd
_FRAME_MAGIC = b"\x28\xb5\x2f\xfd"
_PIECE_BYTES = 65_536
_MAX_EXCESS_BYTES = 1_000_000  # by which a body may be larger than its content
_MAX_MEMBERS = 1000  # of gzip, or frames of zstd: empty ones cost time, but add nothing to the size of the content


def find_encoding(value: bytes) -> str | None:
    """Return the content coding in a header, None for no compression, or raise a problem with status 415.

    Examples
    --------
    >>> find_encoding(b"X-Gzip"), find_encoding(b"identity")
    ('gzip', None)
    """
    name = value.decode("latin-1").strip().lower()
    name = _ALIASES.get(name, name)
    if name in ("", "identity"):
        return None
    if name in ENCODINGS:
        return name
    accepted = ", ".join(ENCODINGS)
    detail = f"unsupported Content-Encoding: {name[:100]}; send {accepted}, or no compression"
    raise Problem(415, detail, {"Accept-Encoding": accepted})


class _Decompressor(Protocol):
    """The interface that the decompressors of zstd and, by `_Zlib`, zlib have in common."""

    @property
    def eof(self) -> bool: ...
    @property
    def needs_input(self) -> bool: ...
    @property
    def unused_data(self) -> bytes: ...
    def decompress(self, data: bytes, max_length: int) -> bytes: ...


class _Zlib:
    """A decompressor of zlib that keeps its input, as the others do."""

    def __init__(self, encoding: str) -> None:
        self._zlib = zlib.decompressobj(_WINDOW_BITS[encoding])

    @property
    def eof(self) -> bool:
        return self._zlib.eof

    @property
    def needs_input(self) -> bool:
        return not self._zlib.unconsumed_tail

    @property
    def unused_data(self) -> bytes:
        return self._zlib.unused_data

    def decompress(self, data: bytes, max_length: int) -> bytes:
        return self._zlib.decompress(self._zlib.unconsumed_tail + data, max_length)


class DecodedBody:
    """The body of a request that is decompressed while it is received.

    Parameters
    ----------
    receive : callable
        Returns the next ASGI message of the request.
    encoding : str
        One of `ENCODINGS`.
    memory : MemoryInFlight, optional
        The memory of all requests, which includes that of the decompressor.
    """

    def __init__(self, receive: Receive, encoding: str, memory: MemoryInFlight | None = None) -> None:
        self._receive = receive
        self._encoding = encoding
        self._held = HeldMemory(memory or MemoryInFlight(sys.maxsize))
        self._decompressor: _Decompressor | None = None
        self._input = b""  # that no decompressor has been given yet
        self._n_input = self._n_output = self._n_members = 0
        self._has_received_all = self._has_ended = False

    async def receive(self) -> Message:
        """Return the next ASGI message, with a part of the decompressed body."""
        while not self._has_ended:
            try:
                piece = self._decompress()
            except (zlib.error, zstd.ZstdError, EOFError) as error:
                reason = str(error).rpartition(": ")[2]  # without zlib's "Error -3 while decompressing data"
                raise Problem(422, f"the body is not valid {self._encoding}: {reason}", CLOSE) from error
            except OverloadedError as error:
                raise Problem(503, str(error), CLOSE) from error
            if piece:
                self._n_output += len(piece)
                await asyncio.sleep(0)  # a small body can have much content: let other requests continue
                return {"type": "http.request", "body": piece, "more_body": True}
            if self._has_received_all:
                self._check_end()
                return {"type": "http.request", "body": b"", "more_body": False}
            message = await self._receive()
            if message["type"] != "http.request":
                return message
            self._add(message.get("body", b""))
            self._has_received_all = not message.get("more_body", False)
        return await self._receive()

    def release(self) -> None:
        """Release the memory of the decompressor."""
        self._decompressor = None
        self._held.release()

    def _add(self, data: bytes) -> None:
        self._n_input += len(data)
        if self._n_input > self._n_output + _MAX_EXCESS_BYTES:
            raise Problem(422, f"the body is not valid {self._encoding}: it has too little content", CLOSE)
        self._input += data

    def _decompress(self) -> bytes:
        """Return the next piece of the content, which is empty if more input is needed."""
        while True:
            decompressor = self._decompressor or self._start()
            if decompressor is None or (decompressor.needs_input and not self._input):
                return b""
            data, self._input = self._input, b""
            piece = decompressor.decompress(data, _PIECE_BYTES)
            if decompressor.eof:  # another member or frame may follow
                self._input = decompressor.unused_data
                if self._encoding == "deflate" and self._input:
                    raise EOFError("data after its end")
                self.release()
            if piece:
                return piece

    def _start(self) -> _Decompressor | None:
        """Create the decompressor of the next member or frame, unless more input is needed for that."""
        is_short = len(self._input) < _MAX_FRAME_HEADER and not self._has_received_all
        if not self._input or (self._encoding == "zstd" and is_short):
            return None
        self._n_members += 1
        if self._n_members > _MAX_MEMBERS:
            raise EOFError(f"it has more than {_MAX_MEMBERS:,} parts")
        if self._encoding == "zstd":
            self._held.add(_zstd_window_bytes(self._input))
            self._decompressor = zstd.ZstdDecompressor(options=_ZSTD_OPTIONS)
        else:
            self._held.add(_ZLIB_BYTES)
            self._decompressor = _Zlib(self._encoding)
        return self._decompressor

    def _check_end(self) -> None:
        self._has_ended = True
        if self._decompressor is not None or self._input or not self._n_input:
            raise Problem(422, f"the body is not valid {self._encoding}: it is incomplete", CLOSE)
        self.release()


def _zstd_window_bytes(header: bytes) -> int:
    """Return the memory that decompressing a frame of zstd takes (RFC 8878, section 3.1.1.1)."""
    limit = 1 << _MAX_WINDOW_LOG
    if not header.startswith(_FRAME_MAGIC) or len(header) < 6:
        return _ZLIB_BYTES
    descriptor = header[4]
    if not descriptor & 0b100000:  # the header has the size of the window
        exponent, mantissa = header[5] >> 3, header[5] & 0b111
        return min((1 << (10 + exponent)) // 8 * (8 + mantissa), limit) + _PIECE_BYTES
    start = 5 + (0, 1, 2, 4)[descriptor & 0b11]
    size = header[start : start + (1, 2, 4, 8)[descriptor >> 6]]
    return min(int.from_bytes(size, "little") + 256, limit) + _PIECE_BYTES
