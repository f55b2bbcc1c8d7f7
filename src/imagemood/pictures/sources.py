"""Files, folders, globs, standard input and URLs to named bytes, in the order given."""

from __future__ import annotations

import glob
import http.client
import os
import socket
import sys
import urllib.error
import urllib.request
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from imagemood.errors import InputError, RemoteError, UnavailableError

PICTURE_ENDINGS = frozenset(
    [
        ".avif",
        ".bmp",
        ".gif",
        ".jfif",
        ".jpe",
        ".jpeg",
        ".jpg",
        ".pgm",
        ".png",
        ".ppm",
        ".tif",
        ".tiff",
        ".webp",
    ]
)
"""Endings of the files that are taken from a folder."""
MAX_BYTES = 200_000_000
"""What is read of a URL, or of standard input, at most."""
TIMEOUT_S = 20.0
"""How long a server may stay silent."""
_PASSING_STATUS = (408, 429, 500, 502, 503, 504)


@dataclass(frozen=True)
class Source:
    """A picture still to be read.

    Attributes
    ----------
    name : str
        The path or URL, as the user gave it.
    problem : str or None
        Why there is nothing to read, where that is already known.

    Examples
    --------
    >>> Source("absent.jpg").read()
    Traceback (most recent call last):
        ...
    imagemood.errors.InputError: absent.jpg: No such file or directory
    """

    name: str
    problem: str | None = None

    def read(self) -> bytes:
        """Read the picture file's content.

        Returns
        -------
        bytes
            The content.

        Raises
        ------
        InputError
            If there is no such file, or it cannot be read.
        RemoteError
            If a server refuses or fails; an `UnavailableError` if it may do better when asked again.
        """
        if self.problem is not None:
            raise InputError(self.problem, where=self.name)
        if self.name == "-":
            return _at_most(sys.stdin.buffer.read(MAX_BYTES + 1), self.name)
        if is_web(self.name):
            return _fetch(self.name)
        try:
            return Path(self.name).read_bytes()
        except OSError as error:
            raise InputError(error.strerror or str(error), where=self.name) from error


@dataclass(frozen=True)
class HeldSource(Source):
    """A picture that can be read twice, though it comes from standard input or a server.

    Examples
    --------
    >>> HeldSource("absent.jpg").name
    'absent.jpg'
    """

    @cached_property
    def _content(self) -> bytes:
        return super().read()

    def read(self) -> bytes:
        """Read the content once; see `Source.read`."""
        return self._content


def find(paths: Iterable[str | Path]) -> list[Source]:
    """Find the pictures that paths stand for.

    Parameters
    ----------
    paths : iterable of str or Path
        Files; folders, of which all pictures below are taken, sorted; glob patterns such as ``**/*.jpg``;
        URLs; ``-`` for a picture on standard input.

    Returns
    -------
    list of Source
        In the order given. What stands for no picture is a source that raises when read, so that the others
        are not lost.

    Examples
    --------
    >>> find(["a.jpg", "https://example.org/b.jpg", "-"])[1].name
    'https://example.org/b.jpg'
    """
    return [source for path in paths for source in _expand(str(path))]


def _expand(path: str) -> list[Source]:
    if path == "-" or is_web(path):
        return [Source(path)]
    if Path(path).is_dir():
        below = _pictures_below(path)
        return [Source(name) for name in below] or [Source(path, "is a folder without pictures")]
    if glob.has_magic(path) and not Path(path).exists():
        matches = sorted(glob.glob(path, recursive=True))  # noqa: PTH207 (names must stay as the user wrote them)
        found = [source for match in matches for source in _expand(match)]
        return found or [Source(path, "matches no file")]
    return [Source(path)]


def _pictures_below(folder: str) -> list[str]:
    found = []
    for parent, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        found += [
            os.path.join(parent, name)  # noqa: PTH118 (names must stay as the user wrote them)
            for name in names
            if not name.startswith(".") and os.path.splitext(name)[1].lower() in PICTURE_ENDINGS  # noqa: PTH122
        ]
    return sorted(found)


def is_file(source: Source) -> bool:
    """Tell whether a picture lies in a file, so that it can be read again."""
    return source.name != "-" and not is_web(source.name)


def is_web(address: str) -> bool:
    """Tell whether an address is on a web server.

    Parameters
    ----------
    address : str
        A path, or an address such as ``https://example.org/a.jpg``.

    Returns
    -------
    bool
        Whether it is asked for by HTTP.

    Examples
    --------
    >>> is_web("HTTPS://example.org/a.jpg"), is_web("https.jpg")
    (True, False)
    """
    return address.lower().startswith(("http://", "https://"))


def _fetch(url: str) -> bytes:
    try:
        request = urllib.request.Request(url, headers={"User-Agent": "image-mood-classifier"})  # noqa: S310
        with urllib.request.urlopen(request, timeout=TIMEOUT_S) as response:  # noqa: S310 (http and https alone)
            data = response.read(MAX_BYTES + 1)
            if response.length and len(data) <= MAX_BYTES:
                raise http.client.IncompleteRead(data, response.length)
    except urllib.error.HTTPError as error:
        kind = UnavailableError if error.code in _PASSING_STATUS else RemoteError
        with error:
            raise kind(f"the server says {error.code} {error.reason}", where=url) from error
    except (OSError, ValueError, http.client.HTTPException) as error:
        reason = getattr(error, "reason", None) or error
        kind = UnavailableError if _passes(reason) else RemoteError
        raise kind(f"cannot be fetched: {reason}", where=url) from error
    return _at_most(data, url)


def _passes(reason: object) -> bool:
    """Tell a failure that another attempt may not meet."""
    if isinstance(reason, socket.gaierror):
        return reason.errno == socket.EAI_AGAIN
    return isinstance(reason, TimeoutError | ConnectionError | http.client.IncompleteRead)


def _at_most(data: bytes, name: str) -> bytes:
    if len(data) > MAX_BYTES:
        raise InputError(f"has more than {MAX_BYTES:,} bytes", where=name)
    return data
