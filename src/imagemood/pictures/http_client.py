"""Reads URLs with httpx, and translates its errors into those of this package."""

from __future__ import annotations

import atexit
import socket
import ssl
from functools import lru_cache

import httpx

from imagemood.errors import InputError, MoodError, RemoteError, UnavailableError
from imagemood.pictures import limits, retries

HEADERS = {"User-Agent": "image-mood-classifier", "Accept": "image/*, */*;q=0.5", "Accept-Encoding": "identity"}


def create_client(transport: httpx.BaseTransport | None = None) -> httpx.Client:
    """Create a client with this package's headers and limit on redirects."""
    return httpx.Client(transport=transport, headers=HEADERS, follow_redirects=True, max_redirects=10)


@lru_cache(maxsize=1)
def shared_client() -> httpx.Client:
    """Return the client that all threads of this process share, so that connections are reused."""
    client = create_client()
    atexit.register(client.close)
    return client


def read_url(url: str, *, client: httpx.Client | None = None) -> bytes:
    """Read the content at a URL, with the shared client by default, and retry after transient failures.

    Raises
    ------
    UnavailableError
        If every attempt failed but a later one may succeed.
    RemoteError
        If the server refuses the request, which is not retried.
    InputError
        If the URL is not valid, or the content exceeds `limits.MAX_BYTES`.
    """
    return retries.retry(lambda: _read_once(url, client or shared_client()))


def _read_once(url: str, client: httpx.Client) -> bytes:
    try:
        with client.stream("GET", url, timeout=limits.TIMEOUT_S) as response:
            raise_for_status(response, url)
            content = bytearray()
            for part in response.iter_bytes():
                content += part
                if len(content) > limits.MAX_BYTES:
                    break
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise translate_error(error, url) from error
    return limits.check_size(bytes(content), url)


def raise_for_status(response: httpx.Response, url: str) -> None:
    """Raise a `RemoteError` unless the response is a success; an `UnavailableError` if a retry may help."""
    if response.is_success:
        return
    kind = UnavailableError if response.status_code in retries.TRANSIENT_STATUS else RemoteError
    status = f"{response.status_code} {response.reason_phrase}".strip()
    raise kind(f"the server responded with {status}", where=url)


def translate_error(error: Exception, url: str) -> MoodError:
    """Return this package's error for an error of httpx."""
    if isinstance(error, httpx.InvalidURL | httpx.UnsupportedProtocol):
        return InputError(f"not a valid URL: {error}", where=url)
    reason = "timed out" if isinstance(error, httpx.TimeoutException) else str(error) or type(error).__name__
    kind = UnavailableError if _is_transient(error) else RemoteError
    return kind(f"cannot be fetched: {reason}", where=url)


def _is_transient(error: Exception) -> bool:
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, socket.gaierror):
            return cause.errno == socket.EAI_AGAIN
        if isinstance(cause, ssl.SSLCertVerificationError):
            return False
        cause = cause.__cause__ or cause.__context__
    return isinstance(error, httpx.TimeoutException | httpx.NetworkError | httpx.RemoteProtocolError)
