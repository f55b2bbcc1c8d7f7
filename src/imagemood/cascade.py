"""The one path from pictures to moods, decoding and computing side by side."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cached_property, partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from imagemood import bundle, explain
from imagemood.errors import IncompatibleModelError, InputError
from imagemood.explain import Explanation
from imagemood.moods import MoodClassifier
from imagemood.network import n_cores
from imagemood.pictures import Image, named
from imagemood.pipeline import stream
from imagemood.result import Result
from imagemood.tagger import Tagger, Tagging


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
    n_views : int
        1, or 2 to look at each picture's mirror image, too, and average: a little more accurate, twice as slow.

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
        self,
        tagger: Tagger,
        moods: MoodClassifier | None = None,
        *,
        n_workers: int | None = None,
        n_views: int = 1,
    ) -> None:
        if n_views not in (1, 2):
            raise InputError(f"n_views is {n_views}, not 1 or 2")
        self.tagger = tagger
        self.n_views = n_views
        self.moods = moods
        self.n_workers = n_workers or n_cores()
        self._columns = None if moods is None else moods.columns_of(tagger.labels)
        if moods is not None and "visual" in moods.inputs:
            from imagemood import visual  # noqa: PLC0415 (an extra that few models need)

            moods.check_visual(visual.NAMES)

    @classmethod
    def load(
        cls,
        model: str | Path | None = None,
        *,
        tagger: str | Path | None = None,
        n_workers: int | None = None,
        n_views: int = 1,
    ) -> Cascade:
        """Load a cascade; the built-in one by default.

        Parameters
        ----------
        model : str or Path, optional
            A model directory.
        tagger : str or Path, optional
            An ONNX image classifier with its card beside it.
        n_workers, n_views : int, optional
            As the class takes them.

        Returns
        -------
        Cascade
            Ready to use.

        Raises
        ------
        ModelError
            If a model is missing, damaged, or the two do not fit each other.
        """
        return cls(Tagger.load(tagger), bundle.load(model), n_workers=n_workers, n_views=n_views)

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
        moods = self.needed_moods
        pixels = decode(self.tagger.size_px)[np.newaxis]
        return self._answer([name], pixels, self.tagger, moods, with_visual="visual" in moods.inputs)[0]

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
        moods = self._worker_moods
        return self._stream(pictures, moods, with_visual="visual" in moods.inputs)

    def tag_many(self, pictures: str | Path | Iterable[Image], *, with_visual: bool = False) -> Iterator[Result]:
        """Score the tags of many pictures and leave their moods out.

        Parameters
        ----------
        pictures : str, Path, or iterable of what `classify` takes
            Pictures as `classify_many` takes them.
        with_visual : bool
            Whether to measure the raw visual features too.

        Yields
        ------
        Result
            In the order of the pictures, without moods.
        """
        return self._stream(pictures, None, with_visual=with_visual)

    def explain(self, result: Result, mood: str | None = None) -> Explanation:
        """Say which tags, and which region of the picture, carried a mood.

        Parameters
        ----------
        result : Result
            An answer of this cascade.
        mood : str, optional
            Which mood to explain; the most probable one by default.

        Returns
        -------
        Explanation
            Tags by how much the mood drops without them, and the mood's map.

        Raises
        ------
        MoodError
            The result's error, if it has one; `InputError` if there is no such mood.
        """
        scores = None if result.scores is None else self._known(result.scores[np.newaxis])[0]
        return explain.explain(self.needed_moods, result, scores, mood)

    @cached_property
    def _worker_tagger(self) -> Tagger:
        # Workers side by side, each on one core, waste less than one worker on all cores.
        return self.tagger if self.n_workers == 1 else self.tagger.with_threads(1)

    @cached_property
    def _worker_moods(self) -> MoodClassifier:
        moods = self.needed_moods
        return moods if self.n_workers == 1 else moods.with_threads(1)

    @property
    def needed_moods(self) -> MoodClassifier:
        """Stage two, or an error where there is none."""
        if self.moods is None:
            raise IncompatibleModelError("this cascade has no mood classifier", hint="use tag_many")
        return self.moods

    def _stream(
        self,
        pictures: str | Path | Iterable[Image],
        moods: MoodClassifier | None,
        *,
        with_visual: bool,
    ) -> Iterator[Result]:
        work = partial(self._answer, tagger=self._worker_tagger, moods=moods, with_visual=with_visual)
        return stream(pictures, work, size_px=self.tagger.size_px, n_workers=self.n_workers)

    def _answer(
        self,
        names: list[str],
        pixels: NDArray[np.uint8],
        tagger: Tagger,
        moods: MoodClassifier | None,
        *,
        with_visual: bool,
    ) -> list[Result]:
        tagging = tagger.predict(pixels)
        if self.n_views == 2:
            tagging = tagging.averaged(tagger.predict(np.ascontiguousarray(pixels[:, :, ::-1])))
        visual = _visual(pixels) if with_visual else None
        probabilities = None if moods is None else self._predict(tagging, visual, moods)
        return [
            Result(
                name,
                labels=() if moods is None else moods.labels,
                probabilities=_row(probabilities, i),
                tag_labels=tagger.labels,
                scores=tagging.scores[i],
                embedding=_row(tagging.embedding, i),
                visual=_row(visual, i),
                map_labels=tagger.card.mood_labels,
                mood_maps=_row(tagging.mood_maps, i),
            )
            for i, name in enumerate(names)
        ]

    def _predict(
        self, tagging: Tagging, visual: NDArray[np.float32] | None, moods: MoodClassifier
    ) -> NDArray[np.float64]:
        return moods.predict(self._known(tagging.scores), tagging.embedding, visual)

    def _known(self, scores: NDArray[np.float32]) -> NDArray[np.float32]:
        """Bring the tagger's scores to the order of the mood classifier's vocabulary."""
        if self._columns is None:
            return scores
        return np.where(self._columns >= 0, scores[:, self._columns], np.float32(0))


def _visual(pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
    from imagemood import visual  # noqa: PLC0415

    return np.stack([visual.extract(picture) for picture in pixels])


def _row(array: NDArray[Any] | None, i: int) -> NDArray[Any] | None:
    return None if array is None else array[i]
