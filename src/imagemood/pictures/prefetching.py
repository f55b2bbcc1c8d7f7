"""The pictures of a chunk, by name; those on other machines are read ahead, several at a time."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager

from imagemood.pictures import addresses, table_columns
from imagemood.pictures.picture import Picture

_CONNECTIONS = 16  # for each chunk in progress


@contextmanager
def open_pictures(names: list[str], *, folder: str, column: str | None = None) -> Iterator[Iterator[Picture]]:
    """Yield the pictures with these names, in order; what cannot be read raises when it is decoded.

    Relative paths start from `folder`. With `column`, the names are rows of tables with picture files in this
    column, as `table_columns.row_names` lists them.
    """
    if column is not None:
        contents = table_columns.contents([addresses.absolute(folder, name) for name in names], column)
        yield (Picture.from_bytes(content, name=name) for name, content in zip(names, contents, strict=True))
    elif any("://" in name for name in names):
        pool = ThreadPoolExecutor(_CONNECTIONS, thread_name_prefix="imagemood-read")
        try:
            yield _read_ahead(names, folder, pool)
        finally:
            pool.shutdown(cancel_futures=True)
    else:
        yield (open_picture(name, folder=folder) for name in names)


def open_picture(name: str, *, folder: str, column: str | None = None) -> Picture:
    """Return one picture by its name; see `open_pictures`."""
    address = addresses.absolute(folder, name) if name else name
    if column is not None:
        return Picture(name, lambda: next(table_columns.contents([address], column)))
    return Picture.from_address(address, name=name)


def _read_ahead(names: list[str], folder: str, pool: ThreadPoolExecutor) -> Iterator[Picture]:
    running: deque[tuple[str, Future[bytes]]] = deque()
    for name in names:
        running.append((name, pool.submit(open_picture(name, folder=folder).read)))
        if len(running) > _CONNECTIONS:
            yield _pending(*running.popleft())
    while running:
        yield _pending(*running.popleft())


def _pending(name: str, content: Future[bytes]) -> Picture:
    return Picture(name, content.result)
