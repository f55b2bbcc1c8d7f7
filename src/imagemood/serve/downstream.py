"""Answers on their way to the next service of a cascade."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import httpx

from imagemood.errors import RemoteError
from imagemood.serve.schemas.messages import PROTOBUF
from imagemood.serve.settings import Limits

VIA = "1.1 imagemood"
"""What a forwarded request says, so that one that comes round to its own sender does not go round for ever."""


class Downstream:
    """Sends answers on, and gives what the last service says.

    Parameters
    ----------
    addresses : mapping of str to sequence of str
        For a method, where its answer goes, one after the other.
    limits : Limits
        Time and size of answers.
    """

    def __init__(self, addresses: Mapping[str, Sequence[str]], limits: Limits) -> None:
        self._addresses = addresses
        self._max_bytes = limits.max_bytes
        # No proxy and no .netrc: where answers go is what the operator wrote, nothing else.
        self._client = httpx.AsyncClient(timeout=limits.answer_timeout_s, trust_env=False)

    def of(self, method: str, via: str | None) -> Sequence[str]:
        """Say where an answer goes on to.

        Parameters
        ----------
        method : str
            The method that was called.
        via : str or None
            The request's header, which tells whether it was forwarded itself.

        Returns
        -------
        sequence of str
            Addresses; none for a request that was forwarded.
        """
        return () if via and "imagemood" in via else self._addresses.get(method, ())

    async def forward(self, message: bytes, addresses: Sequence[str]) -> bytes:
        """Send an answer on.

        Parameters
        ----------
        message : bytes
            An `ImageTagSet` in protobuf.
        addresses : sequence of str
            Where to, one after the other.

        Returns
        -------
        bytes
            What the last service answered, in protobuf.

        Raises
        ------
        RemoteError
            If a service cannot be reached, refuses, fails, or says too much.
        """
        headers = {"Content-Type": PROTOBUF, "Accept": PROTOBUF, "Via": VIA}
        for address in addresses:
            try:
                answer = await self._client.post(address, content=message, headers=headers)
            except httpx.TimeoutException as error:
                raise RemoteError("the service downstream took too long", where=address) from error
            except (httpx.HTTPError, httpx.InvalidURL) as error:
                raise RemoteError(f"the service downstream cannot be reached: {error}", where=address) from error
            if not answer.is_success:
                reason = f"the service downstream says {answer.status_code} {answer.reason_phrase}"
                raise RemoteError(reason, where=address)
            if len(answer.content) > self._max_bytes:
                raise RemoteError("the service downstream says too much", where=address)
            message = answer.content
        return message

    async def close(self) -> None:
        """Let connections go."""
        await self._client.aclose()
