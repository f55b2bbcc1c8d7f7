"""The one path from pictures to moods, decoding and computing side by side."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sized
from functools import cached_property, partial
from pathlib import Path

import numpy as np

from imagemood.errors import IncompatibleModelError, InputError
from imagemood.models import model_directory
from imagemood.models.device import cpu_count
from imagemood.models.mood_classifier import MoodClassifier
from imagemood.models.tagger import Tagger
from imagemood.pictures.picture import Picture, PictureLike
from imagemood.pictures.sources import as_picture, as_pictures
from imagemood.prediction import explanation
from imagemood.prediction.explanation import Explanation
from imagemood.prediction.pipeline import stream, work_on
from imagemood.prediction.result import Result
from imagemood.prediction.stages import Stages


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
        self.n_workers = n_workers or cpu_count()
        self._stages = Stages(tagger, moods, n_views)

    @classmethod
    def load(
        cls,
        model: str | Path | None = None,
        *,
        tagger: str | Path | None = None,
        n_workers: int | None = None,
        n_views: int = 1,
        device: str = "auto",
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
        device : str
            Where to run the tagger's network: ``auto``, ``cpu``, ``cuda`` or ``cuda:N``.

        Returns
        -------
        Cascade
            Ready to use.

        Raises
        ------
        ModelError
            If a model is missing, damaged, or the two do not fit each other.
        InputError
            If there is no such device, or it was asked for and cannot be used.
        """
        return cls(
            Tagger.load(tagger, device=device), model_directory.load(model), n_workers=n_workers, n_views=n_views
        )

    def classify(self, image: PictureLike) -> Result:
        """Tell the moods of one picture, as fast as one picture goes.

        Parameters
        ----------
        image : str, Path, bytes, Picture, ndarray or PIL.Image.Image
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
        _ = self.needed_moods
        picture = as_picture(image)
        return self._stages.answer([picture.name], picture.decode(self.tagger.size_px)[np.newaxis])[0]

    def classify_many(self, pictures: str | Path | Iterable[PictureLike]) -> Iterator[Result]:
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
        _ = self.needed_moods
        return self._stream(pictures)

    def classify_batch(
        self, pictures: list[Picture], *, alone: bool = False, with_visual: bool = False
    ) -> list[Result]:
        """Tell the moods of a few pictures at once, in the caller's thread.

        Parameters
        ----------
        pictures : list of Picture
            The pictures.
        alone : bool
            Whether nothing else is computed meanwhile, so that all cores may serve this batch.
        with_visual : bool
            Whether to measure the raw visual features too.

        Returns
        -------
        list of Result
            In the order of the pictures. A picture that cannot be used has its `error` set.

        Examples
        --------
        >>> [result.error.what for result in Cascade.load().classify_batch([Picture.from_bytes(b"")])]
        ['is empty']
        """
        _ = self.needed_moods
        stages = self._stages if alone else self._worker_stages
        return work_on(pictures, partial(stages.answer, with_visual=with_visual), self.tagger.size_px)

    def without(self, result: Result, tags: Collection[str]) -> Result:
        """Tell the moods again as if some tags had not been seen.

        Parameters
        ----------
        result : Result
            An answer of this cascade.
        tags : collection of str
            Tags whose score is to be 0; what the tagger does not know changes nothing.

        Returns
        -------
        Result
            The same picture with other moods, and without these tags.

        Raises
        ------
        MoodError
            The result's error, if it has one.
        """
        if result.error is not None:
            raise result.error
        _ = self.needed_moods
        return self._worker_stages.without(result, tags)

    def tag_many(
        self, pictures: str | Path | Iterable[PictureLike], *, with_visual: bool = False
    ) -> Iterator[Result]:
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
        return self._stream(pictures, with_moods=False, with_visual=with_visual)

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
        scores = None if result.scores is None else self._stages.known(result.scores[np.newaxis])[0]
        return explanation.explain(self.needed_moods, result, scores, mood)

    @cached_property
    def _worker_stages(self) -> Stages:
        # Workers side by side, each on one core, waste less than one worker on all cores.
        return self._stages if self.n_workers == 1 else self._stages.with_threads(1)

    @property
    def n_batch(self) -> int:
        """So many pictures at a time the tagger's device is quickest with."""
        return self._stages.n_batch

    @property
    def needed_moods(self) -> MoodClassifier:
        """Stage two, or an error where there is none."""
        if self.moods is None:
            raise IncompatibleModelError("this cascade has no mood classifier", hint="use tag_many")
        return self.moods

    def _stream(
        self, pictures: str | Path | Iterable[PictureLike], *, with_moods: bool = True, with_visual: bool = False
    ) -> Iterator[Result]:
        found = as_pictures(pictures)
        is_one = isinstance(found, Sized) and len(found) == 1
        stages, n_workers = (self._stages, 1) if is_one else (self._worker_stages, self.n_workers)
        work = partial(stages.answer, with_moods=with_moods, with_visual=with_visual)
        return stream(found, work, size_px=self.tagger.size_px, n_workers=n_workers, n_batch=self.n_batch)
