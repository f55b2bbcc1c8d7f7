"""What the service computes with: the models, and the batches in front of them."""

from __future__ import annotations

import asyncio
import io
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import numpy as np
import PIL.Image
from numpy.typing import NDArray

from imagemood.errors import MoodError, OverloadedError
from imagemood.models import model_directory
from imagemood.models.model_hash import model_hash
from imagemood.models.mood_classifier import MoodClassifier
from imagemood.pictures.picture import Picture
from imagemood.prediction import heatmap
from imagemood.prediction.cascade import Cascade
from imagemood.prediction.explanation import Explanation
from imagemood.prediction.result import Result
from imagemood.serve.batching import Batcher, Plan
from imagemood.serve.metrics import Metrics
from imagemood.serve.schemas.rows import RowMatrix
from imagemood.serve.settings import Settings

_N_ROWS_BATCH = 64
_QUICK_S = 0.001
_T = TypeVar("_T")


@dataclass(frozen=True)
class Asked:
    """One picture, and what is asked about it.

    Attributes
    ----------
    name : str
        What to call it.
    content : bytes
        A picture file's content.
    tags : bool
        Whether to say which tags carried the mood.
    region : bool
        Whether to give the mood's map.
    mood : str or None
        Which mood to explain; the most probable one by default.
    without : tuple of str
        Tags to leave out of account.
    """

    name: str
    content: bytes
    tags: bool = False
    region: bool = False
    mood: str | None = None
    without: tuple[str, ...] = ()


@dataclass(frozen=True)
class Told:
    """What was told of one picture.

    Attributes
    ----------
    result : Result
        Moods and tags, or why there are none.
    explanation : Explanation or None
        What carried the mood, where it was asked for.
    """

    result: Result
    explanation: Explanation | None = None


class Engine:
    """Models and queues of one worker.

    Parameters
    ----------
    settings : Settings
        Which models, and how much may wait.
    metrics : Metrics
        What batches are counted by.

    Attributes
    ----------
    cascade : Cascade
        From pictures to moods.
    row_moods : MoodClassifier
        From tag rows to moods.
    tags : frozenset of str
        What the tagger scores.
    places : dict of str to int
        Column of each tag that `row_moods` knows.
    name, hash : str
        Name of the mood classifier, and hash of all that answers of pictures depend on.

    Raises
    ------
    ModelError
        If a model is missing, damaged, or does not fit.
    """

    def __init__(self, settings: Settings, metrics: Metrics) -> None:
        self.settings = settings
        self.cascade = Cascade.load(settings.model, tagger=settings.tagger, device=settings.device)
        moods = self.cascade.needed_moods
        alone = moods.inputs == ("tags",)
        self.row_moods = (moods if alone else model_directory.load("tags")).with_threads(1)
        self.tags = frozenset(self.cascade.tagger.labels)
        self.places = {tag: place for place, tag in enumerate(self.row_moods.vocabulary)}
        self.name = "default" if settings.model is None else Path(settings.model).name
        self.hash = model_hash(settings.model, settings.tagger)
        n_workers, capacity = self.cascade.n_workers, settings.limits.queue
        n_row_workers = 0 if _is_quick(self.row_moods) else 1
        self.pictures: Batcher[Asked, Told] = Batcher(
            "pictures", self._tell, Plan(n_workers, self.cascade.n_batch, capacity), metrics.batches("pictures")
        )
        self.rows: Batcher[NDArray[np.float32], NDArray[np.float64]] = Batcher(
            "rows", self._moods_of_rows, Plan(n_row_workers, _N_ROWS_BATCH, capacity), metrics.batches("rows")
        )
        self._warm_up()
        metrics.watch_queue("pictures", lambda: self.pictures.n_waiting)
        metrics.watch_queue("rows", lambda: self.rows.n_waiting)

    async def tell(self, pictures: Sequence[Asked]) -> list[Told]:
        """Tell the moods of pictures.

        Parameters
        ----------
        pictures : sequence of Asked
            Pictures, and what is asked about each.

        Returns
        -------
        list of Told
            In their order; one that cannot be used has its result's `error` set.

        Raises
        ------
        OverloadedError
            If there is no room for them, or the answer takes too long.
        """
        return await self._in_time(self.pictures.submit(pictures))

    async def moods_of_rows(self, matrix: RowMatrix) -> NDArray[np.float64]:
        """Tell the moods of images from the scores of their tags.

        Parameters
        ----------
        matrix : RowMatrix
            Scores, with the columns of `places`.

        Returns
        -------
        ndarray of shape (n_images, n_moods), float64, in [0, 1]
            In the order of the images and of ``row_moods.labels``.

        Raises
        ------
        OverloadedError
            If there is no room, or the answer takes too long.
        """
        return (await self._in_time(self.rows.submit([matrix.values])))[0]

    async def _in_time(self, futures: list[asyncio.Future[_T]]) -> list[_T]:
        try:
            async with asyncio.timeout(self.settings.limits.answer_timeout_s):
                return [await future for future in futures]
        except TimeoutError:
            raise OverloadedError("the answer takes too long", hint="ask again later") from None
        finally:
            for future in futures:
                future.cancel()

    def _warm_up(self) -> None:
        """Answer a picture before others ask: the first takes many times longer, and shows what does not fit."""
        content = io.BytesIO()
        PIL.Image.new("RGB", (64, 64)).save(content, "PNG")
        for alone in (False, True):
            (told,) = self._tell([Asked("warm-up", content.getvalue(), tags=True)], alone)
            if told.result.error is not None:
                raise told.result.error

    def _tell(self, batch: list[Asked], alone: bool) -> list[Told]:
        max_pixels = self.settings.limits.max_pixels
        pictures = [Picture.from_bytes(asked.content, name=asked.name, max_pixels=max_pixels) for asked in batch]
        results = self.cascade.classify_batch(pictures, alone=alone)
        return [self._explained(asked, result) for asked, result in zip(batch, results, strict=True)]

    def _explained(self, asked: Asked, result: Result) -> Told:
        if result.error is not None:
            return Told(result)
        try:
            if asked.without:
                result = self.cascade.without(result, asked.without)
            if asked.tags:
                return Told(result, self.cascade.explain(result, asked.mood))
            if asked.region:
                mood = asked.mood or str(result.mood)
                return Told(result, Explanation(mood, {}, heatmap.compute(result, mood)))
        except MoodError as error:  # of this picture, not of the others in the batch
            return Told(Result(result.image, error=error))
        return Told(result)

    def _moods_of_rows(self, batch: list[NDArray[np.float32]], alone: bool) -> list[NDArray[np.float64]]:  # noqa: ARG002
        probabilities = self.row_moods.predict(batch[0] if len(batch) == 1 else np.concatenate(batch))
        ends = np.cumsum([len(values) for values in batch])
        return np.split(probabilities, ends[:-1])

    async def close(self) -> None:
        """Finish what was taken up."""
        await self.pictures.close()
        await self.rows.close()


def _is_quick(moods: MoodClassifier) -> bool:
    """Tell whether a classifier answers a whole batch sooner than another thread would take it up."""
    values = np.zeros((_N_ROWS_BATCH, len(moods.vocabulary)), dtype=np.float32)
    seconds = []
    for _ in range(5):
        start = time.perf_counter()
        moods.predict(values)
        seconds.append(time.perf_counter() - start)
    return min(seconds) < _QUICK_S
