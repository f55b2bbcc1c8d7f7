"""Decode pictures and predict in batches, in several threads, and return the results in order."""

from __future__ import annotations

import itertools
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sized
from concurrent.futures import Future, ThreadPoolExecutor

import numpy as np
from numpy.typing import NDArray

from imagemood.errors import MoodError
from imagemood.pictures.picture import Picture
from imagemood.prediction.batch_size import balanced_batch_size
from imagemood.prediction.result import Result

PredictFunction = Callable[[list[str], NDArray[np.uint8]], list[Result]]
"""Predicts a batch from the pictures' names and their pixels (n_images, size_px, size_px, 3)."""


def predict_stream(
    pictures: Iterable[Picture], predict: PredictFunction, *, size_px: int, n_workers: int, batch_size: int
) -> Iterator[Result]:
    """Decode and predict pictures in batches of at most `batch_size`, and yield the results in their order.

    An iterator is consumed a few batches ahead of the results. With several workers, `predict` is called in their
    threads at the same time; with one worker, everything runs in the caller's thread. A picture that cannot be
    decoded yields a result with an `error`.
    """
    if isinstance(pictures, Sized):
        batch_size = balanced_batch_size(len(pictures), n_workers, batch_size)
    remaining = iter(pictures)
    batches = iter(lambda: list(itertools.islice(remaining, batch_size)), [])
    if n_workers == 1:
        for batch in batches:
            yield from predict_batch(batch, predict, size_px)
    else:
        yield from _predict_in_threads(batches, lambda batch: predict_batch(batch, predict, size_px), n_workers)


def _predict_in_threads(
    batches: Iterator[list[Picture]], predict: Callable[[list[Picture]], list[Result]], n_workers: int
) -> Iterator[Result]:
    pending: deque[Future[list[Result]]] = deque()
    pool = ThreadPoolExecutor(n_workers, thread_name_prefix="imagemood")
    try:
        for batch in batches:
            pending.append(pool.submit(predict, batch))
            if len(pending) > 2 * n_workers:
                yield from pending.popleft().result()
        while pending:
            yield from pending.popleft().result()
    finally:
        pool.shutdown(cancel_futures=True)


def predict_batch(pictures: list[Picture], predict: PredictFunction, size_px: int) -> list[Result]:
    """Decode and predict one batch in the caller's thread; a picture that cannot be decoded gets an `error`."""
    results: dict[int, Result] = {}
    pixels: dict[int, NDArray[np.uint8]] = {}
    for i, picture in enumerate(pictures):
        try:
            pixels[i] = picture.decode(size_px)
        except MoodError as error:
            results[i] = Result(picture.name, error=error)
    if pixels:
        names = [pictures[i].name for i in pixels]
        results.update(zip(pixels, predict(names, np.stack(list(pixels.values()))), strict=True))
    return [results[i] for i in range(len(pictures))]
