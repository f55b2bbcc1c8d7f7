"""Processes chunks on any machine: reads the pictures, classifies them, and writes their file."""

from __future__ import annotations

import itertools
from dataclasses import dataclass

from imagemood.bulk import rows
from imagemood.bulk.chunks import unpack
from imagemood.bulk.settings import RunSettings
from imagemood.errors import IncompatibleModelError, MoodError
from imagemood.pictures.finding import opening
from imagemood.pictures.picture import Picture
from imagemood.pictures.reading import addresses, storage


@dataclass(frozen=True)
class Outcome:
    """The outcome of a chunk: the number of pictures, or the error that stops the run."""

    n_pictures: int
    error: str | None = None


class Worker:
    """Processes chunks; several threads share one worker.

    The models on this machine must have the hash `model`, which is that of the machine that started the run.
    """

    def __init__(self, settings: RunSettings, model: str) -> None:
        if settings.model_hash() != model:
            raise IncompatibleModelError(
                "the models on this machine differ from those of the machine that started the run"
            )
        self._settings = settings
        self._model = model
        self._cascade = settings.load_cascade()
        labels = self._cascade.require_mood_classifier().labels
        self._schema = rows.dataset_schema(labels, settings.columns)

    def process(self, file_name: str, packed_entries: bytes) -> Outcome:
        """Classify the pictures of a chunk and write their file; a picture that fails is a row with an error."""
        settings, entries = self._settings, unpack(packed_entries)
        names = [entry for entry in entries if isinstance(entry, str)]
        columns = settings.columns
        wanted = {"tags": columns.n_tags > 0, "embedding": columns.embedding, "visual": columns.features}
        outputs = [name for name, is_wanted in wanted.items() if is_wanted]
        try:
            with opening.open_pictures(names, folder=settings.folder, column=settings.column) as opened:
                pictures = (
                    next(opened) if isinstance(entry, str) else Picture.failed(entry.name, entry.error)
                    for entry in entries
                )
                batch_size = self._cascade.batch_size
                batches = iter(lambda: list(itertools.islice(pictures, batch_size)), [])
                results = (self._cascade.classify_batch(batch, outputs) for batch in batches)
                content = rows.encode(
                    list(itertools.chain.from_iterable(results)), self._model, self._schema, columns
                )
            storage.write(addresses.join(settings.target, file_name), content)
        except MoodError as error:
            return Outcome(0, str(error))
        return Outcome(len(entries))
