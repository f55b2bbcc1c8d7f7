"""Many pictures through one job, decoding and computing side by side, in order."""

from __future__ import annotations

import itertools
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sized
from concurrent.futures import Future, ThreadPoolExecutor

import numpy as np
from numpy.typing import NDArray

from imagemood.errors import MoodError
from imagemood.pictures.picture import Picture
from imagemood.prediction.result import Result

Work = Callable[[list[str], NDArray[np.uint8]], list[Result]]
"""Names and pixels (n_images, size_px, size_px, 3) of some pictures to their results."""

_BATCH_COST = 0.1  # of a batch, beside that of its pictures, in pictures


def stream(
    pictures: Iterable[Picture], work: Work, *, size_px: int, n_workers: int, n_batch: int
) -> Iterator[Result]:
    """Decode pictures and work on them.

    Parameters
    ----------
    pictures : iterable of Picture
        An iterator is taken up a few pictures at a time.
    work : callable
        What is done with a batch; it is called in several threads at once.
    size_px : int
        Side of the square that the pictures are brought to.
    n_workers : int
        Threads; for one, the caller's own.
    n_batch : int
        Pictures in a batch at most.

    Yields
    ------
    Result
        In the order of the pictures. A picture that cannot be decoded has its `error` set.
    """
    if isinstance(pictures, Sized):
        n_batch = even_batch(len(pictures), n_workers, n_batch)
    remaining = iter(pictures)
    batches = iter(lambda: list(itertools.islice(remaining, n_batch)), [])
    if n_workers == 1:
        for batch in batches:
            yield from work_on(batch, work, size_px)
        return
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


def even_batch(n_pictures: int, n_workers: int, n_most: int) -> int:
    """Choose the size of batches, so that the workers end soon and at about the same time.

    Parameters
    ----------
    n_pictures, n_workers : int
        How many there are.
    n_most : int
        The largest size.

    Returns
    -------
    int
        From 1 to `n_most`.

    Examples
    --------
    >>> even_batch(10, 2, 8), even_batch(24, 2, 8), even_batch(10_007, 2, 8)
    (5, 6, 8)
    """

    def longest_share(n_batch: int) -> float:
        n_batches = -(-n_pictures // n_batch)
        return -(-n_batches // n_workers) * (n_batch + _BATCH_COST)

    return min(range(n_most, 0, -1), key=longest_share)


def work_on(batch: list[Picture], work: Work, size_px: int) -> list[Result]:
    """Decode a few pictures and work on them, in the caller's thread.

    Parameters
    ----------
    batch : list of Picture
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
    for i, picture in enumerate(batch):
        try:
            pixels[i] = picture.decode(size_px)
        except MoodError as error:
            results[i] = Result(picture.name, error=error)
    if pixels:
        names = [batch[i].name for i in pixels]
        results.update(zip(pixels, work(names, np.stack(list(pixels.values()))), strict=True))
    return [results[i] for i in range(len(batch))]
