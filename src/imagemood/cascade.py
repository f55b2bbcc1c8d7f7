"""The one path from pictures to moods, decoding and computing side by side."""

from __future__ import annotations

import itertools
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from imagemood import bundle
from imagemood.errors import IncompatibleModelError, MoodError
from imagemood.moods import MoodClassifier
from imagemood.network import n_cores
from imagemood.pictures import Image, Named, each, named
from imagemood.result import Result
from imagemood.tagger import Tagger, Tagging

_BATCH = 8  # the smallest batch at which the network is as fast for each picture as it gets


class Cascade:
    """Tagger and mood classifier, one after the other.

    Parameters
    ----------
    tagger : Tagger
        Stage one.
    moods : MoodClassifier, optional
        Stage two; it must know some of the tagger's tags. Without it there are only tags.
    n_workers : int, optional
        Threads that decode and compute side by side; as many as there are cores by default.

    Raises
    ------
    IncompatibleModelError
        If the mood classifier needs what the tagger does not give.

    Examples
    --------
    >>> from sklearn.datasets import load_sample_image
    >>> cascade = Cascade.load()
    >>> result = cascade.classify(load_sample_image("flower.jpg"))
    >>> round(sum(result.moods.values()), 6)
    1.0
    """

    def __init__(
        self, tagger: Tagger, moods: MoodClassifier | None = None, *, n_workers: int | None = None
    ) -> None:
        self.tagger = tagger
        self.moods = moods
        self.n_workers = n_workers or n_cores()
        self._columns = None if moods is None else _columns(tagger, moods)

    @classmethod
    def load(
        cls,
        model: str | Path | None = None,
        *,
        tagger: str | Path | None = None,
        n_workers: int | None = None,
    ) -> Cascade:
        """Load a cascade; the built-in one by default.

        Parameters
        ----------
        model : str or Path, optional
            A model directory.
        tagger : str or Path, optional
            An ONNX image classifier with its card beside it.
        n_workers : int, optional
            Threads that decode and compute side by side.

        Returns
        -------
        Cascade
            Ready to use.

        Raises
        ------
        ModelError
            If a model is missing, damaged, or the two do not fit each other.
        """
        return cls(Tagger.load(tagger), bundle.load(model), n_workers=n_workers)

    def classify(self, image: Image) -> Result:
        """Tell the moods of one picture, as fast as one picture goes.

        Parameters
        ----------
        image : str, Path, bytes, ndarray or PIL.Image.Image
            A file, a URL, a picture file's content, or pixels: ``(height, width, 3)`` uint8.

        Returns
        -------
        Result
            Moods and tags.

        Raises
        ------
        ImageError
            If it cannot be read or decoded.
        """
        name, decode = named(image)
        pixels = decode(self.tagger)
        return self._answer([name], pixels[np.newaxis], self.tagger, self._needed_moods())[0]

    def classify_many(self, pictures: str | Path | Iterable[Image]) -> Iterator[Result]:
        """Tell the moods of many pictures, as fast as many go.

        Parameters
        ----------
        pictures : str, Path, or iterable of what `classify` takes
            Paths may be folders and glob patterns here. An iterator is taken up a few pictures at a time, so
            it may give any number.

        Yields
        ------
        Result
            In the order of the pictures. A picture that cannot be used has its `error` set.
        """
        return self._stream(pictures, self._worker_moods)

    def tag_many(self, pictures: str | Path | Iterable[Image]) -> Iterator[Result]:
        """Score the tags of many pictures and leave their moods out.

        Parameters
        ----------
        pictures : str, Path, or iterable of what `classify` takes
            Pictures as `classify_many` takes them.

        Yields
        ------
        Result
            In the order of the pictures, without moods.
        """
        return self._stream(pictures, None)

    @cached_property
    def _worker_tagger(self) -> Tagger:
        # Workers side by side, each on one core, waste less than one worker on all cores.
        return self.tagger if self.n_workers == 1 else self.tagger.with_threads(1)

    @cached_property
    def _worker_moods(self) -> MoodClassifier:
        moods = self._needed_moods()
        return moods if self.n_workers == 1 else moods.with_threads(1)

    def _needed_moods(self) -> MoodClassifier:
        if self.moods is None:
            raise IncompatibleModelError("this cascade has no mood classifier", hint="use tag_many")
        return self.moods

    def _stream(self, pictures: str | Path | Iterable[Image], moods: MoodClassifier | None) -> Iterator[Result]:
        remaining = each(pictures)
        n_batch = _BATCH
        if isinstance(pictures, str | Path | Sequence):
            known = list(remaining)
            remaining = iter(known)
            n_batch = max(1, min(_BATCH, -(-len(known) // self.n_workers)))
        batches = iter(lambda: list(itertools.islice(remaining, n_batch)), [])
        tagger = self._worker_tagger
        running: deque[Future[list[Result]]] = deque()
        pool = ThreadPoolExecutor(self.n_workers, thread_name_prefix="imagemood")
        try:
            for batch in batches:
                running.append(pool.submit(self._batch, batch, tagger, moods))
                if len(running) > 2 * self.n_workers:
                    yield from running.popleft().result()
            while running:
                yield from running.popleft().result()
        finally:
            pool.shutdown(cancel_futures=True)

    def _batch(self, batch: list[Named], tagger: Tagger, moods: MoodClassifier | None) -> list[Result]:
        results: dict[int, Result] = {}
        pixels: dict[int, NDArray[np.uint8]] = {}
        for i, (name, decode) in enumerate(batch):
            try:
                pixels[i] = decode(tagger)
            except MoodError as error:
                results[i] = Result(name, error=error)
        if pixels:
            names = [batch[i][0] for i in pixels]
            good = self._answer(names, np.stack(list(pixels.values())), tagger, moods)
            results.update(zip(pixels, good, strict=True))
        return [results[i] for i in range(len(batch))]

    def _answer(
        self, names: list[str], pixels: NDArray[np.uint8], tagger: Tagger, moods: MoodClassifier | None
    ) -> list[Result]:
        tagging = tagger.predict(pixels)
        n_images = len(names)
        mood_labels = () if moods is None else moods.labels
        probabilities = [None] * n_images if moods is None else self._predict(tagging, moods)
        embeddings = [None] * n_images if tagging.embedding is None else tagging.embedding
        rows = zip(names, probabilities, tagging.scores, embeddings, strict=True)
        return [
            Result(name, None, mood_labels, row, tagger.labels, scores, embedding)
            for name, row, scores, embedding in rows
        ]

    def _predict(self, tagging: Tagging, moods: MoodClassifier) -> NDArray[np.float64]:
        scores = tagging.scores
        if self._columns is not None:
            known = self._columns >= 0
            scores = np.where(known, scores[:, self._columns], np.float32(0))
        return moods.predict(scores, tagging.embedding if "embedding" in moods.inputs else None)


def _columns(tagger: Tagger, moods: MoodClassifier) -> NDArray[np.intp] | None:
    """Find the tagger's column of each tag that the moods are learned from; -1 where it has none."""
    if tagger.labels == moods.vocabulary:
        return None
    place = {label: i for i, label in enumerate(tagger.labels)}
    columns = np.array([place.get(tag, -1) for tag in moods.vocabulary], dtype=np.intp)
    if "tags" in moods.inputs and (columns < 0).all():
        raise IncompatibleModelError(
            "the mood classifier knows none of the tagger's tags", hint="train it on this tagger's tags"
        )
    return columns
