"""The answers to a stream of pictures that the client has not read."""

from __future__ import annotations

from collections import deque
from typing import Any

from starlette.types import Send

from imagemood.serve.memory import HeldMemory
from imagemood.serve.problems import Problem, to_json

_SEND_BYTES = 65_536
_MAX_HELD_BYTES = 2_000_000


class Answers:
    """Lines of JSON that wait to be sent, and a last line with a summary of all of them.

    Parameters
    ----------
    start : dict
        The ASGI message with which the response begins.
    model : dict
        The fields of `ModelInfo` for the summary.
    is_forwarded : bool
        Whether a proxy forwards the request. nginx, and Caddy with HTTP/1.1, may not forward the rest of a request
        when its response has begun. So the response begins when the request is complete, or when the answers
        have 2 MB.

    Attributes
    ----------
    has_started : bool
        Whether the response has begun.
    n_bytes : int
        Number of bytes of the lines that the client has not read.
    """

    def __init__(self, start: dict[str, Any], model: dict[str, str], *, is_forwarded: bool = False) -> None:
        self.has_started = False
        self.n_bytes = 0
        self._is_forwarded = is_forwarded
        self._start = start
        self._model = model
        self._n_pictures = self._n_failed = 0
        self._waiting: deque[tuple[bytes, HeldMemory]] = deque()

    def __bool__(self) -> bool:
        return bool(self._waiting)

    def add(self, fields: dict[str, Any], memory: HeldMemory) -> None:
        """Append a line. The memory of its picture is released except for that of the line."""
        line = to_json(fields) + b"\n"
        memory.release(max(0, memory.n_bytes - len(line)))
        self._n_pictures += 1
        self._n_failed += "error" in fields
        self.n_bytes += len(line)
        self._waiting.append((line, memory))

    def may_be_sent(self, *, is_request_complete: bool) -> bool:
        """Return whether there are lines that may be sent."""
        must_wait = self._is_forwarded and not (self.has_started or is_request_complete)
        return bool(self) and not (must_wait and self.n_bytes < _MAX_HELD_BYTES)

    async def send(self, send: Send) -> None:
        """Send the lines, as fast as the client reads them."""
        if not self.has_started:
            self.has_started = True
            await send(self._start)
        while self._waiting:
            lines: list[tuple[bytes, HeldMemory]] = []
            n_bytes = 0
            while self._waiting and n_bytes < _SEND_BYTES:
                lines.append(self._waiting.popleft())
                n_bytes += len(lines[-1][0])
            content = b"".join(line for line, _ in lines)
            try:
                await send({"type": "http.response.body", "body": content, "more_body": True})
            finally:
                self.n_bytes -= n_bytes
                for _, memory in lines:
                    memory.release()

    async def send_summary(self, send: Send, problem: Problem | None) -> None:
        """Send the last line, with the problem that has ended the request early."""
        summary = {
            "model": self._model,
            "pictures": self._n_pictures,
            "failed": self._n_failed,
            "error": None if problem is None else problem.body(),
        }
        content = to_json({"summary": summary}) + b"\n"
        await send({"type": "http.response.body", "body": content, "more_body": False})

    def clear(self) -> None:
        """Forget the lines."""
        for _, memory in self._waiting:
            memory.release()
        self._waiting.clear()
        self.n_bytes = 0
