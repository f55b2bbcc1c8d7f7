"""Reads, writes and lists objects in S3, Google Cloud Storage and Azure."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, TypeVar

from imagemood import _extras
from imagemood.errors import InputError, MoodError, RemoteError, UnavailableError, first_line
from imagemood.pictures.reading import limits, retries, store_configuration

if TYPE_CHECKING:
    from obstore.store import ObjectStore

_HINT = "set the environment variables that the provider's own tools use"
_T = TypeVar("_T")
_PAGE = 1000  # objects in a page of a listing
_STATUS = re.compile(
    r"(?:status code|HTTP status \w+ error)[: (]*(?P<status>(?P<code>\d{3})(?: [A-Z][A-Za-z ]+)?)"
)
_REASON = re.compile(r"<Code>(\w+)</Code>")
_CREDENTIALS = re.compile(r"token request|169\.254\.169\.254|fetching credentials", re.IGNORECASE)
_CONNECTION = re.compile(
    r"error sending request|error decoding response body|connection|timed? ?out", re.IGNORECASE
)


def resolve(address: str) -> tuple[ObjectStore, str]:
    """Return the store of an address, and the path in it."""
    scheme, _, rest = address.partition("://")
    root, _, path = rest.partition("/")
    _extras.require("cloud")
    try:
        store = store_configuration.connect(scheme.lower(), root)
    except Exception as error:  # a configuration error; obstore raises several unrelated classes
        raise RemoteError(f"cannot be reached: {first_line(error)}", where=address) from error
    return store, path.strip("/")


def read(address: str) -> bytes:
    """Read an object."""
    store, path = resolve(address)
    import obstore  # noqa: PLC0415

    def read_within_limit() -> bytes:
        found = obstore.get(store, path)
        limits.check_length(found.meta["size"], address)
        return found.bytes().to_bytes()

    return _call(read_within_limit, address, "read")


def version(address: str) -> tuple[int, str]:
    """Return the size of an object, and a tag that changes with its content."""
    store, path = resolve(address)
    import obstore  # noqa: PLC0415

    found = _call(lambda: obstore.head(store, path), address, "read")
    return found["size"], found["e_tag"] or str(found["last_modified"])


def write(address: str, content: bytes) -> None:
    """Write an object atomically."""
    store, path = resolve(address)
    import obstore  # noqa: PLC0415

    try:
        _call(lambda: obstore.put(store, path, content), address, "written")
    except InputError as error:  # there is no such bucket
        raise RemoteError(f"cannot be written: {error.what}", where=address) from error


def remove(address: str) -> None:
    """Remove an object, if it exists."""
    store, path = resolve(address)
    import obstore  # noqa: PLC0415

    try:
        _call(lambda: obstore.delete(store, path), address, "removed")
    except InputError:  # it does not exist
        return


def open_file(address: str) -> io.RawIOBase:
    """Open an object as a file, to read parts of it."""
    store, path = resolve(address)
    return _ObjectFile(store, path, address)


class _ObjectFile(io.RawIOBase):
    """A file-like object whose reads are requests for ranges of bytes."""

    def __init__(self, store: ObjectStore, path: str, address: str) -> None:
        import obstore  # noqa: PLC0415

        self._store, self._path, self._address = store, path, address
        self._size = _call(lambda: obstore.head(store, path)["size"], address, "read")
        self._position = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._position

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        start = {io.SEEK_SET: 0, io.SEEK_CUR: self._position, io.SEEK_END: self._size}[whence]
        self._position = max(0, start + offset)
        return self._position

    def readinto(self, buffer: Any) -> int:
        import obstore  # noqa: PLC0415

        start, end = self._position, min(self._position + len(buffer), self._size)
        if end <= start:
            return 0
        part = _call(
            lambda: obstore.get_range(self._store, self._path, start=start, end=end), self._address, "read"
        )
        buffer[: end - start] = memoryview(part)
        self._position = end
        return end - start


def exists(address: str) -> bool:
    """Return whether there is an object at an address or below it."""
    store, path = resolve(address)
    import obstore  # noqa: PLC0415

    if not path:
        return is_folder(address)
    try:
        _call(lambda: obstore.head(store, path), address, "reached")
    except InputError:  # there is no object at the address itself
        return is_folder(address)
    return True


def is_folder(address: str) -> bool:
    """Return whether there are objects below an address."""
    return next(walk(address), None) is not None


def entries(folder: str) -> list[tuple[str, bool]]:
    """Return the names directly below an address, and whether each is a folder."""
    store, path = resolve(folder)
    import obstore  # noqa: PLC0415

    try:
        found = _call(lambda: obstore.list_with_delimiter(store, path), folder, "listed")
    except InputError:  # there is no such bucket
        return []
    names = [(prefix.rpartition("/")[2], True) for prefix in found["common_prefixes"]]
    return names + [(entry["path"].rpartition("/")[2], False) for entry in found["objects"]]


def walk(folder: str) -> Iterator[tuple[str, ...]]:
    """Yield the paths of all objects below an address, relative to it and sorted, one page in memory at a time."""
    store, path = resolve(folder)
    pages = _Pages(store, path, can_resume=not folder.lower().startswith(("az", "abfs")))
    n_parts = len(path.split("/")) if path else 0
    while True:
        try:
            page = _call(pages.next, folder, "listed")
        except InputError:  # there is no such bucket
            return
        if page is None:
            return
        for address in page:
            yield tuple(address.split("/")[n_parts:])


class _Pages:
    """The pages of a listing; after a failure, `next` resumes after the last page.

    `can_resume` states whether the store can list what follows a path. Azure cannot, so there the listing starts
    again and skips the paths that were already returned.
    """

    def __init__(self, store: ObjectStore, path: str, *, can_resume: bool) -> None:
        self._store, self._path, self._can_resume = store, path, can_resume
        self._pages: Iterator[Any] | None = None
        self._last: str | None = None
        self._n_seen = self._n_skipped = 0

    def next(self) -> list[str] | None:
        """Return the paths in the next page, or None after the last one."""
        if self._pages is None:
            self._pages = self._start()
        try:
            page = next(self._pages, None)
        except Exception:
            self._pages = None
            raise
        if page is None:
            return None
        paths = [entry["path"] for entry in page]
        new = paths[self._n_skipped :]
        self._n_skipped = max(0, self._n_skipped - len(paths))
        self._n_seen += len(new)
        self._last = paths[-1] if paths else self._last
        return new

    def _start(self) -> Iterator[Any]:
        import obstore  # noqa: PLC0415

        offset = self._last if self._can_resume else None
        self._n_skipped = 0 if self._can_resume else self._n_seen
        return iter(obstore.list(self._store, self._path or None, offset=offset, chunk_size=_PAGE))


def _call(request: Callable[[], _T], address: str, action: str) -> _T:
    """Make a request, retry it after transient failures, and translate errors: "cannot be {action}"."""
    return retries.retry(lambda: _call_once(request, address, action))


def _call_once(request: Callable[[], _T], address: str, action: str) -> _T:
    try:
        return request()
    except Exception as error:  # obstore raises several unrelated classes
        raise _translate_error(error, address, action) from error


def _translate_error(error: Exception, address: str, action: str) -> MoodError:
    if isinstance(error, MoodError):
        return error
    text = _message(error)
    status = _STATUS.search(text)
    if _CREDENTIALS.search(text):
        return RemoteError(f"cannot be {action}: no credentials for the store", where=address, hint=_HINT)
    if isinstance(error, FileNotFoundError) or (status and status["code"] == "404"):
        return InputError("No such file or directory", where=address)
    code = int(status["code"]) if status else None
    is_transient = code in retries.TRANSIENT_STATUS if code else bool(_CONNECTION.search(text))
    kind = UnavailableError if is_transient else RemoteError
    return kind(f"cannot be {action}: {_summary(error)}", where=address)


def _summary(error: Exception) -> str:
    """Return the reason of an error without details of the request, so that equal failures have equal messages."""
    text = _message(error)
    if status := _STATUS.search(text):
        reason = _REASON.search(text)
        return f"the store responded with {status['status'].strip()}" + (f" ({reason[1]})" if reason else "")
    if _CONNECTION.search(text):
        return "timed out" if re.search(r"timed? ?out", text, re.IGNORECASE) else "connection failed"
    return first_line(error)


def _message(error: Exception) -> str:
    return str(error).partition("\n\nDebug source:")[0]
