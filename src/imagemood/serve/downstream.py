"""Forwarding of responses to other services, such as from a tagger to a mood classifier."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any

import httpx
from pydantic import BaseModel, BeforeValidator, ValidationError

from imagemood.errors import InputError, RemoteError, first_line
from imagemood.pictures.reading.http_transport import AsyncTransport
from imagemood.pictures.reading.urls import is_web
from imagemood.serve.problems import format_validation_errors
from imagemood.serve.schemas.messages import PROTOBUF
from imagemood.serve.settings import Limits

METHODS = ("tag", "classify", "mood")
"""The Acumos methods whose responses can be forwarded."""
VIA = "1.1 imagemood"
"""Via header of forwarded requests, by which services that forward to each other detect the loop."""
_EXAMPLE_URL = "http://host:8887/classify"


def parse_addresses(addresses: Sequence[str], *, where: str) -> dict[str, list[str]]:
    """Group addresses of the form ``URL`` or ``METHOD=URL`` by method; a URL alone is for the method `tag`.

    Examples
    --------
    >>> parse_addresses(["http://127.0.0.1:8887/classify"], where="--downstream")
    {'tag': ['http://127.0.0.1:8887/classify']}
    """
    found: dict[str, list[str]] = {}
    for address in addresses:
        method, _, rest = address.partition("=")
        url = rest if method in METHODS else address
        if not is_web(url):
            raise InputError(f"'{address}' is not an HTTP(S) URL", where=where, hint=f"for example {_EXAMPLE_URL}")
        found.setdefault(method if method in METHODS else "tag", []).append(url)
    return found


def _as_list(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


class _RuntimeFile(BaseModel):
    """The part of a `runtime.json` file that the 2018 program also read."""

    downstream: Annotated[list[str], BeforeValidator(_as_list)] = []


def read_runtime_file(path: Path) -> dict[str, list[str]]:
    """Return the addresses of each method from a `runtime.json` file."""
    try:
        file = _RuntimeFile.model_validate_json(path.read_bytes())
    except OSError as error:
        raise InputError(first_line(error), where=str(path)) from error
    except ValidationError as error:
        hint = f'for example {{"downstream": ["{_EXAMPLE_URL}"]}}; --no-downstream ignores the file'
        raise InputError(format_validation_errors(error.errors()), where=str(path), hint=hint) from error
    return parse_addresses(file.downstream, where=str(path))


class Downstream:
    """Forwards messages through the downstream services, and returns the response of the last one."""

    def __init__(self, addresses: Mapping[str, Sequence[str]], limits: Limits) -> None:
        self._addresses = addresses
        self._max_bytes = limits.max_bytes
        self._timeout_s = limits.response_timeout_s

    @cached_property
    def _client(self) -> httpx.AsyncClient:
        return httpx.AsyncClient(timeout=self._timeout_s, transport=AsyncTransport(), trust_env=False)

    def addresses(self, method: str, headers: Mapping[str, str]) -> Sequence[str]:
        """Return the addresses for a method, or none if the Via header shows that the request was forwarded."""
        addresses = self._addresses.get(method, ())
        return () if addresses and "imagemood" in headers.get("via", "") else addresses

    async def forward(self, message: bytes, addresses: Sequence[str]) -> bytes:
        """Post an `ImageTagSet` in protobuf to the first address, its response to the second one, and so on."""
        headers = {"Content-Type": PROTOBUF, "Accept": PROTOBUF, "Via": VIA}
        for address in addresses:
            try:
                async with (
                    asyncio.timeout(self._timeout_s),
                    self._client.stream("POST", address, content=message, headers=headers) as response,
                ):
                    message = await self._read(response, address)
            except (httpx.TimeoutException, TimeoutError) as error:
                raise RemoteError("the downstream service did not respond in time", where=address) from error
            except (httpx.HTTPError, httpx.InvalidURL) as error:
                raise RemoteError(f"cannot reach the downstream service: {error}", where=address) from error
        return message

    async def _read(self, response: httpx.Response, address: str) -> bytes:
        """Return the content of a response, or raise `RemoteError` if it is an error or too large."""
        if not response.is_success:
            reason = f"the downstream service responded {response.status_code} {response.reason_phrase}"
            raise RemoteError(reason, where=address)
        content = bytearray()
        async for part in response.aiter_bytes():
            content += part
            if len(content) > self._max_bytes:
                raise RemoteError("the response of the downstream service is too large", where=address)
        return bytes(content)

    async def close(self) -> None:
        """Close the connections."""
        if "_client" in vars(self):
            await self._client.aclose()
