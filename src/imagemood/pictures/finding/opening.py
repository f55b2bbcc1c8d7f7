"""Opens pictures by the names that `sources.list_pictures` yields."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

from imagemood.pictures.names import find, to_address
from imagemood.pictures.picture import Picture
from imagemood.pictures.reading import addresses, urls

_CONNECTIONS = 16  # for each call of open_pictures


@contextmanager
def open_pictures(names: list[str], *, folder: str = "", column: str | None = None) -> Iterator[Iterator[Picture]]:
    """Open pictures that are used in order; one that cannot be read raises only when it is decoded.

    Pictures on other machines are read in advance, several at a time. See `opener` for the parameters.
    """
    if column is not None:
        from imagemood.pictures.finding import table_columns  # noqa: PLC0415 (pyarrow is slow to import)

        contents = table_columns.contents([_address(folder, name) for name in names], column)
        yield (Picture(name, row.read) for name, row in zip(names, contents, strict=True))
    elif any(map(addresses.is_remote, names)):
        pool = ThreadPoolExecutor(_CONNECTIONS, thread_name_prefix="imagemood-read")
        try:
            yield _read_ahead(map(opener(folder=folder), names), pool)
        finally:
            pool.shutdown(cancel_futures=True)
    else:
        yield map(opener(folder=folder), names)


def opener(
    *, folder: str = "", column: str | None = None, allow_special: bool = False
) -> Callable[[str], Picture]:
    """Return a function that opens pictures by name, in any order.

    Parameters
    ----------
    folder : str
        The folder against which relative paths are resolved. Defaults to the working directory.
    column : str, optional
        The column of picture files, if the names are those of rows of a table.
    allow_special : bool
        Whether the pictures may be standard input, pipes and devices; see `Picture.from_address`.
    """
    if column is None:

        def open_name(name: str) -> Picture:
            address = _address(folder, name) if name else ""
            addresses.require_extra(address)
            return Picture.from_address(address, name=name, allow_special=allow_special)

        return open_name
    from imagemood.pictures.finding import table_columns  # noqa: PLC0415

    read_row = table_columns.row_reader(column)

    def open_row(name: str) -> Picture:
        address, row = table_columns.split_name(_address(folder, name))
        return Picture(name, lambda: read_row(address, row))

    return open_row


def recogniser(address: str, *, folder: str = "") -> Callable[[str], bool]:
    """Return a function that recognises the picture at an address by its name.

    The paths may differ, such as ``a.jpg`` and ``./a.jpg``, or lead through symbolic links. Files with different
    names are different pictures, even if one of them is a link.

    Parameters
    ----------
    address : str
        The address of the picture, as for `Picture.from_address`.
    folder : str
        The folder against which the relative paths of the names are resolved.

    Examples
    --------
    >>> recognises = recogniser("./photos/a.jpg")
    >>> recognises("photos/a.jpg"), recognises("photos/b.jpg")
    (True, False)
    """
    if addresses.is_remote(address):
        return urls.display_name(urls.clean(address)).__eq__
    path = urls.local_path(address) or find(address)
    real_path, file_name = os.path.realpath(path), Path(path).name

    def recognises(name: str) -> bool:
        other = urls.local_path(name) or to_address(name)
        # Resolving a path takes much longer than comparing the end, which differs for most pictures.
        return other.endswith(file_name) and os.path.realpath(addresses.absolute(folder, other)) == real_path

    return recognises


def _address(folder: str, name: str) -> str:
    return addresses.absolute(folder, to_address(name))


def _read_ahead(pictures: Iterator[Picture], pool: ThreadPoolExecutor) -> Iterator[Picture]:
    pending: deque[tuple[str, Future[bytes]]] = deque()
    for picture in pictures:
        pending.append((picture.name, pool.submit(picture.read)))
        if len(pending) > _CONNECTIONS:
            yield _from_future(*pending.popleft())
    while pending:
        yield _from_future(*pending.popleft())


def _from_future(name: str, content: Future[bytes]) -> Picture:
    return Picture(name, content.result)
