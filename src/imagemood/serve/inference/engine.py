"""The models of a worker process, and the queues of pictures and tag rows in front of them."""

from __future__ import annotations

import asyncio
import io
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import PIL.Image
from numpy.typing import NDArray

import imagemood
from imagemood.errors import MoodError, OutputError, OverloadedError
from imagemood.models import model_directory
from imagemood.models.device import cpu_count
from imagemood.models.model_hash import model_hash
from imagemood.models.mood_classifier import MoodClassifier
from imagemood.models.tagger_output import OutputName
from imagemood.pictures.picture import Picture
from imagemood.prediction import explanation, heatmap
from imagemood.prediction.cascade import Cascade
from imagemood.prediction.explanation import Explanation
from imagemood.prediction.result import Result
from imagemood.serve.inference.batching import Batcher, BatchPolicy
from imagemood.serve.inference.picture_queue import PictureQueue, start_decoders
from imagemood.serve.metrics import Metrics
from imagemood.serve.settings import Settings
from imagemood.tables.matrix import TagMatrix

_MAX_ROWS_BATCH = 64
_MAX_INLINE_IMAGES = 8  # of a request whose tag rows may be classified in the event loop
_MAX_LARGE_BATCH = 4
_FAST_S = 0.001
_MAX_ATTEMPTS = 3  # for a picture in the background that was given up for others
_T = TypeVar("_T")


@dataclass(frozen=True)
class PredictionOptions:
    """Options of the prediction for a picture."""

    tags: bool = False
    explain_tags: bool = False
    explain_map: bool = False
    mood: str | None = None  # the mood to explain; None for the most probable one
    without: tuple[str, ...] = ()  # tags whose scores are set to 0
    tags_only: bool = False  # whether the moods are predicted from the tags alone

    @property
    def outputs(self) -> frozenset[OutputName]:
        """Outputs of the tagger that are needed in addition to those for the moods."""
        wanted: dict[OutputName, bool] = {
            "tags": self.tags or self.explain_tags or self.tags_only or bool(self.without),
            "mood_maps": self.explain_map,
        }
        return frozenset(name for name, is_wanted in wanted.items() if is_wanted)


_DEFAULT_OPTIONS = PredictionOptions()


@dataclass(frozen=True)
class Prediction:
    """The result for a picture, and the explanation if requested."""

    result: Result
    explanation: Explanation | None = None


_Request = tuple[Picture, PredictionOptions]
_Queue = PictureQueue[Any, Any] | Batcher[Any, Any]


class Engine:
    """The models and queues of a worker process.

    Attributes
    ----------
    cascade : Cascade
        Classifies pictures.
    mood_classifier : MoodClassifier
        The second stage of the cascade.
    row_classifier : MoodClassifier
        Classifies tag rows: the second stage of the cascade if it takes only tags, otherwise the built-in model
        ``tags``.
    known_tags : frozenset of str
        The tags of the tagger.
    row_columns : dict of str to int
        Column of each tag in the input of `row_classifier`.
    picture_bytes : int
        Memory of the pixels of a decoded picture.
    model_name, model_hash : str
        Name of the mood classifier, and hash of all models that the results for pictures depend on.
    tags_only_name, tags_only_hash : str
        The same for predictions from the tags alone.
    """

    def __init__(self, settings: Settings, metrics: Metrics) -> None:
        self.settings = settings
        timeout_s = settings.limits.decode_timeout_s
        decoders, preparation = (None, None) if timeout_s is None else start_decoders(timeout_s, cpu_count())
        self.cascade = Cascade.load(settings.model, tagger=settings.tagger, device=settings.device)
        self.mood_classifier = self.cascade.require_mood_classifier()
        takes_tags_only = self.mood_classifier.inputs == ("tags",)
        by_tags = self.mood_classifier if takes_tags_only else model_directory.load("tags")
        self.row_classifier = by_tags.with_threads(1)
        self.known_tags = frozenset(self.cascade.tagger.labels)
        self.row_columns = {tag: column for column, tag in enumerate(self.row_classifier.vocabulary)}
        self.model_name = "default" if settings.model is None else Path(settings.model).name
        self.model_hash = model_hash(settings.model, settings.tagger)
        self.tags_only_name = self.model_name if takes_tags_only else "tags"
        self.tags_only_hash = (
            self.model_hash if takes_tags_only else model_hash("tags", settings.tagger, tagger_of=settings.model)
        )
        capacity, n_row_workers = settings.limits.queue, 0 if _is_fast(self.row_classifier) else 1
        self.pictures: PictureQueue[PredictionOptions, Prediction] = PictureQueue(
            self._predict_batch, self.cascade, decoders, capacity, metrics.batch_size_observer("pictures")
        )
        self.rows: Batcher[NDArray[np.float32], NDArray[np.float64] | OutputError] = Batcher(
            "rows",
            self._predict_rows_batch,
            BatchPolicy(n_row_workers, _MAX_ROWS_BATCH, capacity),
            metrics.batch_size_observer("rows"),
        )
        self._large_rows: Batcher[NDArray[np.float32], NDArray[np.float64] | OutputError] = Batcher(
            "large_rows", self._predict_rows_batch, BatchPolicy(1, _MAX_LARGE_BATCH, capacity)
        )
        self._background = asyncio.Semaphore(self.pictures.max_background)
        self.picture_bytes = 3 * self.cascade.tagger.size_px**2
        self._warm_up()
        if preparation is not None:
            preparation.join()
        metrics.set_model(
            name=self.model_name,
            model_hash=self.model_hash,
            version=imagemood.__version__,
            device=self.cascade.tagger.network.device,
        )
        self._count = metrics.picture_counter(self.mood_classifier.labels)
        metrics.watch_queue("pictures", lambda: self.pictures.n_waiting)
        metrics.watch_queue("rows", lambda: self.rows.n_waiting + self._large_rows.n_waiting)

    async def predict(
        self, pictures: Sequence[Picture], options: PredictionOptions = _DEFAULT_OPTIONS
    ) -> list[Prediction]:
        """Classify pictures; the result of a picture that cannot be used has its `error` set."""
        return list(map(self._counted, await self._wait(self.pictures.submit(pictures, options), self.pictures)))

    async def predict_in_background(
        self, picture: Picture, options: PredictionOptions = _DEFAULT_OPTIONS
    ) -> Prediction:
        """Classify one of many pictures, which wait for their turn and let those of other requests go first."""
        for n_left in reversed(range(_MAX_ATTEMPTS)):
            async with self._background:
                future = self.pictures.submit([picture], options, in_background=True)
                (prediction,) = await self._wait(future, self.pictures)
            if not (n_left and isinstance(prediction.result.error, OverloadedError)):
                break
        return self._counted(prediction)

    def _counted(self, prediction: Prediction) -> Prediction:
        self._count(prediction.result.mood)
        return prediction

    async def predict_rows(self, matrix: TagMatrix) -> NDArray[np.float64]:
        """Return the mood probabilities of each image of the matrix, shape (n_images, n_moods)."""
        rows = self.rows if len(matrix.values) <= _MAX_INLINE_IMAGES else self._large_rows
        (probabilities,) = await self._wait(rows.submit([matrix.values]), rows)
        if isinstance(probabilities, OutputError):
            raise probabilities
        return probabilities

    @property
    def waiting_s(self) -> float:
        """The time until the items that are waiting will have been processed."""
        queues = (self.pictures, self.rows, self._large_rows)
        return max(queue.pace.seconds_for(queue.n_waiting) for queue in queues)

    async def _wait(self, futures: list[asyncio.Future[_T]], queue: _Queue) -> list[_T]:
        start, n_items = time.monotonic(), max(queue.n_waiting, len(futures))
        try:
            async with asyncio.timeout(self.settings.limits.response_timeout_s):
                return [await future for future in futures]
        except TimeoutError:
            raise OverloadedError("the response took too long to compute", hint="retry later") from None
        finally:
            queue.pace.add(time.monotonic() - start, n_items)
            for future in futures:
                future.cancel()

    def _warm_up(self) -> None:
        """Classify a picture, since the first prediction is slow, and fails if the models do not match."""
        content = io.BytesIO()
        PIL.Image.new("RGB", (64, 64)).save(content, "PNG")
        picture = Picture.from_bytes(content.getvalue(), name="warm-up")
        for alone in (False, True):
            (prediction,) = self._predict_batch([(picture, PredictionOptions(explain_tags=True))], alone)
            if prediction.result.error is not None:
                raise prediction.result.error

    def _predict_batch(self, batch: list[_Request], alone: bool) -> list[Prediction]:
        outputs = frozenset[OutputName]().union(*(options.outputs for _, options in batch))
        results = self.cascade.classify_batch([picture for picture, _ in batch], outputs, use_all_cores=alone)
        return [self._explain(result, options) for result, (_, options) in zip(results, batch, strict=True)]

    def _explain(self, result: Result, options: PredictionOptions) -> Prediction:
        if result.error is not None:
            return Prediction(result)
        try:
            if options.without:
                result = self.cascade.classify_without_tags(result, options.without)
            by_tags = self.cascade.tags_only_classifier if options.tags_only else None
            if by_tags is not None:
                result = explanation.predict_from_tags(by_tags, result)
            if options.explain_tags and by_tags is not None:
                return Prediction(result, explanation.explain(by_tags, result, by_tags, options.mood))
            if options.explain_tags:
                return Prediction(result, self.cascade.explain(result, options.mood))
            if options.explain_map:
                mood = options.mood or str(result.mood)
                return Prediction(result, Explanation(mood, {}, heatmap.compute(result, mood)))
        except MoodError as error:  # concerns this picture only, not the others of the batch
            return Prediction(Result(result.image, error=error))
        return Prediction(result)

    def _predict_rows_batch(
        self,
        batch: list[NDArray[np.float32]],
        alone: bool,
    ) -> list[NDArray[np.float64] | OutputError]:
        try:
            probabilities = self.row_classifier.predict(batch[0] if len(batch) == 1 else np.concatenate(batch))
        except OutputError as error:  # concerns some of the requests only
            if len(batch) == 1:
                return [error]
            return [self._predict_rows_batch([values], alone)[0] for values in batch]
        ends = np.cumsum([len(values) for values in batch])
        return list(np.split(probabilities, ends[:-1]))

    async def close(self) -> None:
        """Complete the predictions in progress, then stop the threads."""
        await self.pictures.close()
        await self.rows.close()
        await self._large_rows.close()


def _is_fast(classifier: MoodClassifier) -> bool:
    """Return whether a full batch takes less time than handing it to a thread."""
    values = np.zeros((_MAX_ROWS_BATCH, len(classifier.vocabulary)), dtype=np.float32)
    seconds = []
    for _ in range(5):
        start = time.perf_counter()
        classifier.predict(values)
        seconds.append(time.perf_counter() - start)
    return min(seconds) < _FAST_S
