"""The models of a cascade: how they are loaded, and loaded again in another process."""

from __future__ import annotations

import math
import os
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache, partial
from pathlib import Path
from typing import Any, Self

from imagemood.errors import IncompatibleModelError, InputError
from imagemood.models.device import cpu_count
from imagemood.models.loading import load_models
from imagemood.models.model_directory import is_builtin
from imagemood.models.model_hash import model_hash
from imagemood.models.mood_classifier import MoodClassifier
from imagemood.models.tagger import Tagger
from imagemood.pictures.picture import Decoder
from imagemood.pictures.pixels import decoding, memory_budget
from imagemood.pictures.processes import decoder_processes
from imagemood.prediction import explanation
from imagemood.prediction.batch_size import max_batch_size
from imagemood.prediction.stages import Stages


@dataclass(frozen=True)
class Source:
    """The arguments of `Cascade.load`, with absolute paths, and the hash of the models."""

    model: str | None
    tagger: str | None
    n_workers: int | None
    n_views: int
    device: str
    decode_timeout_s: float | None
    hash: str = ""


class LoadedModels:
    """A tagger and a mood classifier that are ready to run.

    Pickling stores where the models are, and their hash, so that another process loads them again; the models
    themselves are stored only if they were given to the constructor.
    """

    _source: Source | None = None

    def __init__(
        self,
        tagger: Tagger,
        mood_classifier: MoodClassifier | None = None,
        *,
        n_workers: int | None = None,
        n_views: int = 1,
        decoder: Decoder = decoding.decode,
    ) -> None:
        if n_views not in (1, 2):
            raise InputError(f"n_views is {n_views}, but must be 1 or 2")
        memory_budget.configured_bytes()  # raises an error in the setting before any picture is read
        self.tagger = tagger
        self.n_views = n_views
        self.mood_classifier = mood_classifier
        self.n_workers = n_workers or cpu_count()
        self.decoder = decoder
        self._requested_workers = n_workers
        self._stages = Stages(tagger, mood_classifier, n_views)

    @classmethod
    def load(
        cls,
        model: str | Path | None = None,
        *,
        tagger: str | Path | None = None,
        n_workers: int | None = None,
        n_views: int = 1,
        device: str = "auto",
        decode_timeout_s: float | None = None,
    ) -> Self:
        """Load the models of a cascade.

        Parameters
        ----------
        model : str or Path, optional
            Model directory or name of a built-in model. Defaults to the built-in model ``default``.
        tagger : str or Path, optional
            A tagger, as for `Tagger.load`. Defaults to the tagger in the model directory or, if it has none, the
            built-in tagger.
        n_workers, n_views : int, optional
            Parameters of the class.
        device : str
            Device that runs the tagger's network: ``auto``, ``cpu``, ``cuda`` or ``cuda:N``.
        decode_timeout_s : float, optional
            Decode picture files in separate processes, and end the decoding of a picture after this many seconds.
            A picture that takes longer, needs too much memory or crashes its decoder has an `ImageError`.

        Raises
        ------
        ModelError
            If a model is missing or damaged, the models do not fit each other, or the model directory contains
            another tagger than the given one.
        InputError
            If the device does not exist or cannot be used.
        """
        decoder = decoder_processes.decoder(decode_timeout_s)
        loaded, mood_classifier = load_models(model, tagger, device=device)
        cascade = cls(loaded, mood_classifier, n_workers=n_workers, n_views=n_views, decoder=decoder)
        paths = (_absolute(model), _absolute(tagger, may_be_builtin=False))
        cascade._source = Source(*paths, n_workers, n_views, device, decode_timeout_s)
        return cascade

    def __reduce__(self) -> tuple[Callable[..., Any], tuple[Any, ...]]:
        if self._source is None:
            create = partial(
                type(self), n_workers=self._requested_workers, n_views=self.n_views, decoder=self.decoder
            )
            return create, (self.tagger, self.mood_classifier)
        if not self._source.hash:
            found = model_hash(self._source.model, self._source.tagger)
            self._source = replace(self._source, hash=found)
        return _restore, (type(self), self._source)

    def __repr__(self) -> str:
        moods = "no moods" if self.mood_classifier is None else f"{len(self.mood_classifier.labels)} moods"
        return f"<{type(self).__name__}: {len(self.tagger.labels)} tags, {moods}, on {self.tagger.network.device}>"

    @cached_property
    def tags_classifier(self) -> MoodClassifier | None:
        """The model that explains predictions by tags, see `explain`; None if there is none."""
        classifier = self.require_mood_classifier()
        return classifier if "tags" in classifier.inputs else self.tags_only_classifier

    @cached_property
    def tags_only_classifier(self) -> MoodClassifier | None:
        """The model that predicts these moods from the tags alone; None if there is none."""
        return explanation.tags_only_classifier(self.require_mood_classifier(), self.tagger.labels)

    @property
    def batch_size(self) -> int:
        """Batch size with the highest throughput on the tagger's device."""
        return max_batch_size(on_gpu=self.tagger.network.on_gpu)

    @property
    def embedding_width(self) -> int:
        """Number of columns of the embedding; `IncompatibleModelError` is raised if there is none."""
        network, name = self.tagger.network, self.tagger.card.embedding
        if name is None:
            raise IncompatibleModelError("the tagger computes no embedding", where=network.name)
        sizes = [size if isinstance(size, int) else 1 for size in network.outputs[name][1:]]
        return math.prod(sizes)

    def require_mood_classifier(self) -> MoodClassifier:
        """Return the mood classifier, or raise `IncompatibleModelError` if the cascade has none."""
        if self.mood_classifier is None:
            raise IncompatibleModelError("this cascade has no mood classifier", hint="use tag_many")
        return self.mood_classifier

    @property
    def _worker_stages(self) -> Stages:
        # Several workers with one core each are faster than one worker with all cores.
        return self._stages if self.n_workers == 1 else self._stages.single_threaded


def _absolute(path: str | Path | None, *, may_be_builtin: bool = True) -> str | None:
    """Return a path that is valid in other working directories; keep the name of a built-in model."""
    if path is None:
        return None
    return str(path if may_be_builtin and is_builtin(path) else Path(path).absolute())


def _restore(cls: type[LoadedModels], source: Source) -> LoadedModels:
    """Load a cascade again; several copies in one process share their networks."""
    loaded = _load(source, os.getpid())
    copy = cls.__new__(cls)
    copy.__dict__.update(loaded.__dict__)
    return copy


@lru_cache(maxsize=4)
def _load(source: Source, process_id: int) -> LoadedModels:  # noqa: ARG001 (a part of the key of the cache)
    if model_hash(source.model, source.tagger) != source.hash:
        where = source.model or source.tagger
        raise IncompatibleModelError("the model was changed after the cascade was pickled", where=where)
    loaded = LoadedModels.load(
        source.model,
        tagger=source.tagger,
        n_workers=source.n_workers,
        n_views=source.n_views,
        device=source.device,
        decode_timeout_s=source.decode_timeout_s,
    )
    loaded._source = source
    return loaded
