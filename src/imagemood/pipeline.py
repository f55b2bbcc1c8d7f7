"""Many pictures through one job, decoding and computing side by side, in order."""

from __future__ import annotations

import itertools
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from imagemood.errors import MoodError
from imagemood.pictures import Image, Named, each
from imagemood.result import Result

Work = Callable[[list[str], NDArray[np.uint8]], list[Result]]
"""Names and pixels (n_images, size_px, size_px, 3) of some pictures to their results."""

_BATCH = 8  # the smallest batch at which the network is as fast for each picture as it gets


def stream(
    pictures: str | Path | Iterable[Image], work: Work, *, size_px: int, n_workers: int
) -> Iterator[Result]:
    """Decode pictures and work on them.

    Parameters
    ----------
    pictures : str, Path, or iterable of pictures
        Paths may be folders and glob patterns. An iterator is taken up a few pictures at a time.
    work : callable
        What is done with a batch; it is called in several threads at once.
    size_px : int
        Side of the square that the pictures are brought to.
    n_workers : int
        Threads.

    Yields
    ------
    Result
        In the order of the pictures. A picture that cannot be decoded has its `error` set.
    """
    remaining = each(pictures)
    n_batch = _BATCH
    if isinstance(pictures, str | Path | Sequence):
        known = list(remaining)
        remaining = iter(known)
        n_batch = max(1, min(_BATCH, -(-len(known) // n_workers)))
    batches = iter(lambda: list(itertools.islice(remaining, n_batch)), [])
    running: deque[Future[list[Result]]] = deque()
    pool = ThreadPoolExecutor(n_workers, thread_name_prefix="imagemood")
    try:
        for batch in batches:
            running.append(pool.submit(work_on, batch, work, size_px))
            if len(running) > 2 * n_workers:
                yield from running.popleft().result()
        while running:
            yield from running.popleft().result()
    finally:
        pool.shutdown(cancel_futures=True)


def work_on(batch: list[Named], work: Work, size_px: int) -> list[Result]:
    """Decode a few pictures and work on them, in the caller's thread.

    Parameters
    ----------
    batch : list of Named
        The pictures.
    work : callable
        What is done with those that can be decoded.
    size_px : int
        Side of the square that the pictures are brought to.

    Returns
    -------
    list of Result
        In the order of the pictures. A picture that cannot be decoded has its `error` set.
    """
    results: dict[int, Result] = {}
    pixels: dict[int, NDArray[np.uint8]] = {}
    for i, (name, decode) in enumerate(batch):
        try:
            pixels[i] = decode(size_px)
        except MoodError as error:
            results[i] = Result(name, error=error)
    if pixels:
        names = [batch[i][0] for i in pixels]
        results.update(zip(pixels, work(names, np.stack(list(pixels.values()))), strict=True))
    return [results[i] for i in range(len(batch))]
