"""Requests and responses that lead from a URL to its content, for clients that block and for those that do not."""

from __future__ import annotations

import os
import re
import socket
import ssl
import zlib
from collections.abc import Callable, Iterator
from dataclasses import replace
from urllib.parse import urljoin

from imagemood import _extras
from imagemood.errors import InputError, MoodError, RemoteError, UnavailableError, first_line
from imagemood.pictures.reading import retries
from imagemood.pictures.reading.urls import display_name, is_web
from imagemood.pictures.reading.web_address import WebAddress, parse

with _extras.needs("web"):
    import httpx

HEADERS = {"User-Agent": "image-mood-classifier", "Accept": "image/*, */*;q=0.5", "Accept-Encoding": "identity"}
_PAGE_TYPES = ("text/html", "application/xhtml+xml")


class Exchange:
    """The requests for the content at a URL, through redirects.

    The client must not follow redirects by itself, because it would read their bodies, which may be endless. It
    sends `request`, and again as long as `is_redirected` returns true; then, it passes the raw parts of the
    response to a `Content`.

    Parameters
    ----------
    address : str
        The URL, as people paste it.
    max_redirects : int
        Largest number of redirects.

    Raises
    ------
    InputError
        If the URL is not valid.
    """

    def __init__(self, address: str, max_redirects: int) -> None:
        self._address = address
        self._target = parse(address)
        self._max_redirects = max_redirects
        self._n_redirects = 0

    def request(self, client: httpx.Client | httpx.AsyncClient, timeout_s: float) -> httpx.Request:
        """Return the next request."""
        url = httpx.URL(self._target.url)
        headers = {"Host": url.netloc.decode()}  # httpx itself would decode the name, and refuse emoji
        if self._target.authorization is not None:
            headers["Authorization"] = self._target.authorization
        request = client.build_request("GET", url, headers=headers, timeout=timeout_s)
        host = url.raw_host.decode()
        if host.endswith("."):  # the name in the server's certificate has no dot at its end
            request.extensions = {**request.extensions, "sni_hostname": host.rstrip(".")}
        return request

    def is_redirected(self, response: httpx.Response) -> bool:
        """Return whether another request is needed.

        Raises
        ------
        InputError
            If the target of a redirect is not valid.
        RemoteError
            If there are too many redirects.
        """
        location = response.headers.get("Location", "")
        if not (response.is_redirect and location):
            return False
        if self._n_redirects == self._max_redirects:
            raise RemoteError(f"more than {self._max_redirects} redirects", where=self._address)
        self._n_redirects += 1
        self._target = _redirected(self._target, location, self._address)
        return True


def _redirected(target: WebAddress, location: str, address: str) -> WebAddress:
    """Return the target of a redirect; credentials are kept only for the same server."""
    url = urljoin(target.url, location)
    if not is_web(url):
        raise InputError(f"redirects to {display_name(url)}, which is not an HTTP(S) URL", where=address)
    found = parse(url)
    if found.authorization is None and httpx.URL(found.url).netloc == httpx.URL(target.url).netloc:
        is_downgraded = target.url.startswith("https:") and not found.url.startswith("https:")
        return found if is_downgraded else replace(found, authorization=target.authorization)
    return found


class Content:
    """The content of a response, which is decompressed within a limit on its size.

    Parameters
    ----------
    response : httpx.Response
        The response, whose body is not read yet.
    address : str
        The URL.
    max_bytes : int
        Largest size of the content.

    Raises
    ------
    RemoteError
        If the response is not a success, or has an unknown encoding.
    InputError
        If the response announces that it is too large.
    """

    def __init__(self, response: httpx.Response, address: str, max_bytes: int) -> None:
        raise_for_status(response, address)
        self._address = address
        self._max_bytes = max_bytes
        self._media_type = response.headers.get("Content-Type", "").partition(";")[0].strip().lower()
        self._content = bytearray()
        encoding = response.headers.get("Content-Encoding", "identity").strip().lower()
        self._decode = _decoder(encoding, address)
        length = response.headers.get("Content-Length", "")
        if encoding == "identity" and length.isdecimal():
            self._check_length(int(length))

    def feed(self, part: bytes) -> None:
        """Add a part; raise an `InputError` if the content becomes too large."""
        self._content += self._decode(part, self._max_bytes + 1 - len(self._content))
        self._check_length(len(self._content))

    def finish(self) -> bytes:
        """Return the content; raise if there is none, or if it is a web page."""
        if not self._content:
            raise RemoteError("the server sent no content", where=self._address)
        if self._media_type in _PAGE_TYPES and self._content[:1000].lstrip().startswith(b"<"):
            hint = "give the address of the file itself"
            raise InputError("the server sent a web page", where=self._address, hint=hint)
        return bytes(self._content)

    def _check_length(self, n_bytes: int) -> None:
        if n_bytes > self._max_bytes:
            raise InputError(f"too large: more than {self._max_bytes:,} bytes", where=self._address)


def _decoder(encoding: str, address: str) -> Callable[[bytes, int], bytes]:
    """Return a function that decodes the parts of a content, each up to a number of bytes."""
    if encoding in ("", "identity"):
        return lambda part, max_length: part  # noqa: ARG005
    if encoding not in ("gzip", "x-gzip", "deflate"):
        raise RemoteError(f"the server sent the encoding '{encoding}', which was not requested", where=address)
    decompressor = zlib.decompressobj(zlib.MAX_WBITS | 32)  # recognises gzip and zlib

    def decompress(part: bytes, max_length: int) -> bytes:
        try:
            return decompressor.decompress(part, max_length)
        except zlib.error as error:
            raise RemoteError(f"the server sent invalid {encoding} data", where=address) from error

    return decompress


def raise_for_status(response: httpx.Response, address: str) -> None:
    """Raise a `RemoteError` unless the response is a success; an `UnavailableError` if a retry may help."""
    if response.is_success:
        return
    kind = UnavailableError if response.status_code in retries.TRANSIENT_STATUS else RemoteError
    status = f"{response.status_code} {response.reason_phrase}".strip()
    raise kind(f"the server responded with {status}", where=address)


ERRORS = (httpx.HTTPError, httpx.InvalidURL, UnicodeError)
"""The errors of httpx, for `translate_error`."""


def translate_error(error: Exception, address: str) -> MoodError:
    """Return this package's error for an error of httpx."""
    where = display_name(address)
    if isinstance(error, httpx.InvalidURL | httpx.UnsupportedProtocol | UnicodeError):
        return InputError(f"not a valid URL: {error}", where=where)
    reason = "timed out" if isinstance(error, httpx.TimeoutException) else _reason(error)
    kind = UnavailableError if _is_transient(error) else RemoteError
    return kind(f"cannot be fetched: {reason}", where=where)


def _reason(error: Exception) -> str:
    """Return the message of the operating system, if there is one; those of libraries have less details."""
    for cause in reversed(list(_causes(error))):
        if isinstance(cause, socket.gaierror | ssl.SSLError):  # whose numbers have another meaning
            break
        if isinstance(cause, OSError) and cause.errno:
            return os.strerror(cause.errno)
    return re.sub(r"^\[Errno -?\d+\] ", "", first_line(error))


def _is_transient(error: Exception) -> bool:
    for cause in _causes(error):
        if isinstance(cause, socket.gaierror):
            return cause.errno == socket.EAI_AGAIN
        if isinstance(cause, ssl.SSLCertVerificationError):
            return False
    return isinstance(error, httpx.TimeoutException | httpx.NetworkError | httpx.RemoteProtocolError)


def _causes(error: BaseException) -> Iterator[BaseException]:
    cause: BaseException | None = error
    while cause is not None:
        yield cause
        if isinstance(cause, BaseExceptionGroup):  # of the attempts to connect to several addresses
            cause = cause.exceptions[0]
        else:
            cause = cause.__cause__ or cause.__context__
