"""Decode pictures and predict in batches, in several threads, and return the results in order."""

from __future__ import annotations

import itertools
import threading
from collections import deque
from collections.abc import Callable, Generator, Iterable, Sized
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from functools import partial

import numpy as np
from numpy.typing import NDArray

from imagemood._tracebacks import without_traceback
from imagemood.errors import ImageError, MoodError, first_line
from imagemood.models.run_limit import result_of, terminate_calls
from imagemood.pictures.picture import Decoder, Picture
from imagemood.pictures.pixels import decoding
from imagemood.pictures.pixels.resizing import Resizing
from imagemood.prediction.batch_size import balanced_batch_size
from imagemood.prediction.result import Result

PredictFunction = Callable[[list[str], NDArray[np.uint8]], list[Result]]
"""Predicts a batch from the pictures' names and their pixels (n_images, size_px, size_px, 3)."""


def predict_stream(
    pictures: Iterable[Picture],
    predict: PredictFunction,
    *,
    size_px: int,
    n_workers: int,
    batch_size: int,
    resizing: Resizing | None = None,
    decoder: Decoder = decoding.decode,
) -> Generator[Result]:
    """Decode and predict pictures in batches of at most `batch_size`, and yield the results in their order.

    An iterator is consumed a few batches ahead of the results. `predict` and `decoder` are called in `n_workers`
    threads, so that the caller's thread can be interrupted while a picture is decoded. A picture that cannot be
    decoded yields a result with an `error`.
    """
    if isinstance(pictures, Sized):
        batch_size = balanced_batch_size(len(pictures), n_workers, batch_size)
    remaining = iter(pictures)
    batches = iter(lambda: list(itertools.islice(remaining, batch_size)), [])
    pending: deque[Future[list[Result]]] = deque()
    threads: set[int] = set()
    pool = ThreadPoolExecutor(
        n_workers, thread_name_prefix="imagemood", initializer=lambda: threads.add(threading.get_ident())
    )
    try:
        for batch in batches:
            pending.append(_submit(pool, partial(predict_batch, batch, predict, size_px, resizing, decoder)))
            if len(pending) > 2 * n_workers:
                yield from result_of(pending.popleft())
        while pending:
            yield from result_of(pending.popleft())
    finally:  # do not wait for the batches in progress if the caller was interrupted or needs no more results
        pool.shutdown(wait=False, cancel_futures=True)
        terminate_calls(threads)


def _submit(pool: ThreadPoolExecutor, task: Callable[[], list[Result]]) -> Future[list[Result]]:
    try:
        return pool.submit(task)
    except RuntimeError as error:  # the first batches start the threads
        hint = "allow this program more memory or more processes"
        raise MoodError(f"no thread can be started: {first_line(error)}", hint=hint) from error


def predict_batch(
    pictures: list[Picture],
    predict: PredictFunction,
    size_px: int,
    resizing: Resizing | None = None,
    decoder: Decoder = decoding.decode,
) -> list[Result]:
    """Decode and predict one batch in the caller's thread; a picture that cannot be decoded gets an `error`."""
    results: dict[int, Result] = {}
    pixels: dict[int, NDArray[np.uint8]] = {}
    for i, picture in enumerate(pictures):
        try:
            pixels[i] = picture.decode(size_px, resizing=resizing, decoder=decoder)
        except MoodError as error:
            results[i] = Result(picture.name, error=without_traceback(error))
        except MemoryError:
            results[i] = _out_of_memory(picture.name)
    if pixels:
        names = [pictures[i].name for i in pixels]
        results.update(zip(pixels, _predict_decoded(names, list(pixels.values()), predict), strict=True))
    return [with_picture(results[i], picture) for i, picture in enumerate(pictures)]


def with_picture(result: Result, picture: Picture) -> Result:
    """Return a result that refers to its picture if a notebook can show it."""
    return replace(result, picture=picture) if picture.showable and result.error is None else result


def _predict_decoded(names: list[str], images: list[NDArray[np.uint8]], predict: PredictFunction) -> list[Result]:
    """Predict a batch; if there is not enough memory for it, predict one picture at a time."""
    try:
        return predict(names, np.stack(images))
    except MemoryError:
        if len(names) == 1:
            return [_out_of_memory(names[0])]
    return [_predict_decoded([name], [image], predict)[0] for name, image in zip(names, images, strict=True)]


def _out_of_memory(name: str) -> Result:
    return Result(name, error=ImageError("not enough memory to classify the picture", where=name))
