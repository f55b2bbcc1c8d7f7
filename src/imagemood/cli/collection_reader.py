"""Reads the moods and embeddings of a folder of pictures, or of a dataset."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from imagemood.cli import output, output_checks
from imagemood.cli.pictures import successful_results

if TYPE_CHECKING:
    from imagemood.albums.collection import Collection
    from imagemood.cli.option_groups import ModelOptions
    from imagemood.cli.pictures import FolderSearch
    from imagemood.errors import MoodError
    from imagemood.pictures.picture import Picture
    from imagemood.prediction.cascade import Cascade


class CollectionReader:
    """Reads a dataset, or classifies the pictures of a folder.

    Parameters
    ----------
    source : str
        The dataset, or the folder of pictures.
    folders : FolderSearch
        Finds the pictures of a folder.
    models : ModelOptions
        The models that classify them.
    embeddings : bool
        Whether embeddings are needed.

    Attributes
    ----------
    n_failed : int
        The number of pictures that could not be classified; each is reported.
    """

    def __init__(self, source: str, folders: FolderSearch, models: ModelOptions, *, embeddings: bool) -> None:
        from imagemood.bulk.search import open_dataset

        self.n_failed = 0
        self.dataset = open_dataset(source)
        self._source = source
        self._folders = folders
        self._models = models
        self._embeddings = embeddings

    def check(self) -> None:
        """Raise `InputError` unless a dataset comes from the models, and contains what is needed."""
        from imagemood.bulk import collections
        from imagemood.models.model_hash import model_hash

        if self.dataset is not None:
            if self._embeddings:
                collections.check_embeddings(*self.dataset)
            collections.check_model(*self.dataset, model_hash(self._models.model, self._models.tagger))

    def read(self, file: Path | None) -> Collection:
        """Return the whole collection, sorted by name; the models are loaded only for a folder."""
        from imagemood.albums.collection import join
        from imagemood.bulk import collections

        if self.dataset is not None:
            if self._embeddings:
                collections.check_embeddings(*self.dataset)
            return join(self.parts(None, file), self.dataset[1].labels)
        cascade = self._models.load()
        return join(self.parts(cascade, file), cascade.require_mood_classifier().labels)

    def opener(self) -> Callable[[str], Picture]:
        """Return a function that opens a picture of the collection by its name."""
        from imagemood.pictures.finding.opening import opener

        info = self.dataset and self.dataset[1]
        return opener(folder=self._folder(), column=info.column if info and info.names_are_rows else None)

    def recogniser(self, picture: str) -> Callable[[str], bool]:
        """Return a function that recognises a picture at any address by its name in the collection."""
        from imagemood.pictures.finding.opening import recogniser

        return recogniser(picture, folder=self._folder())

    def _folder(self) -> str:
        from imagemood.pictures.names import unescape

        return "" if self.dataset is None else unescape(self.dataset[1].folder)

    def parts(self, cascade: Cascade | None, file: Path | None) -> Iterator[Collection]:
        """Yield parts of the collection; `file` is the output file, which may not be one of the pictures."""
        from imagemood.albums.collection import from_results
        from imagemood.bulk.collections import read_collection

        if self.dataset is not None:
            yield from read_collection(*self.dataset, embeddings=self._embeddings)
            return
        if cascade is None:
            raise ValueError("pictures of a folder are classified with a cascade")
        pictures = self._folders.find_pictures([self._source])
        output_checks.check_not_pictures([file], pictures)
        errors: list[MoodError] = []
        kinds = ("embedding",) if self._embeddings else ()
        with output.progress("Classifying", unit="pictures") as progress:
            results = cascade.classify_many(pictures, kinds)
            yield from from_results(
                successful_results(results, len(pictures), progress, errors),
                cascade.require_mood_classifier().labels,
            )
        self.n_failed = len(errors)
