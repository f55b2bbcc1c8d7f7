"""Pictures of a chunk, by name: read one by one, or asked for ahead where they are slow to come."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager

import numpy as np
from numpy.typing import NDArray

from imagemood.errors import InputError
from imagemood.pictures import addresses, decoding, sources, storage, table_columns, web
from imagemood.pictures.picture import Named

_CONNECTIONS = 16  # of each chunk that is worked on


@contextmanager
def pictures(names: list[str], *, folder: str, column: str | None) -> Iterator[Iterator[Named]]:
    """Give the pictures of a chunk.

    Parameters
    ----------
    names : list of str
        Their paths, addresses, or rows of a table.
    folder : str
        What relative paths start from.
    column : str or None
        The column of picture files, where the names are rows of a table.

    Yields
    ------
    iterator of Named
        In the order of the names; what cannot be read raises when it is decoded.
    """
    if column is not None:
        contents = table_columns.contents([addresses.below(folder, name) for name in names], column)
        yield (_held(name, content) for name, content in zip(names, contents, strict=True))
    elif any("://" in name for name in names):
        pool = ThreadPoolExecutor(_CONNECTIONS, thread_name_prefix="imagemood-read")
        try:
            yield _read_ahead(names, folder, pool)
        finally:
            pool.shutdown(cancel_futures=True)
    else:
        yield (_at(name, folder) for name in names)


def read(name: str, folder: str = "", column: str | None = None) -> bytes:
    """Read one picture's file.

    Parameters
    ----------
    name : str
        Its path, address, or row of a table.
    folder : str
        What a relative path starts from.
    column : str, optional
        The column of picture files, where the name is a row of a table.

    Returns
    -------
    bytes
        The file's content.

    Raises
    ------
    InputError
        If there is no such file, or it cannot be read.
    RemoteError
        If a server or store refuses or fails; an `UnavailableError` if that was so at each of several attempts,
        and may not be so later.
    """
    if column is not None:
        return next(table_columns.contents([addresses.below(folder, name)], column))
    if not name:
        raise InputError("has no path")
    if addresses.is_object_store(name):
        return storage.read(name)
    if sources.is_web(name):
        return web.read(name)
    return sources.Source(addresses.below(folder, name)).read()


def _held(name: str, content: bytes) -> Named:
    return name, lambda size_px: decoding.decode(content, name=name, size_px=size_px)


def _at(name: str, folder: str) -> Named:
    return name, lambda size_px: decoding.decode(read(name, folder), name=name, size_px=size_px)


def _read_ahead(names: list[str], folder: str, pool: ThreadPoolExecutor) -> Iterator[Named]:
    running: deque[tuple[str, Future[bytes]]] = deque()
    for name in names:
        running.append((name, pool.submit(read, name, folder)))
        if len(running) > _CONNECTIONS:
            yield _coming(*running.popleft())
    while running:
        yield _coming(*running.popleft())


def _coming(name: str, content: Future[bytes]) -> Named:
    def decode(size_px: int) -> NDArray[np.uint8]:
        return decoding.decode(content.result(), name=name, size_px=size_px)

    return name, decode
