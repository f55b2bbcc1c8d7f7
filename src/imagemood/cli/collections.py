"""Reads the moods and embeddings of a folder of pictures, or of a dataset."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from imagemood.cli import output, outputs
from imagemood.cli.pictures import FolderSearch, successful_results

if TYPE_CHECKING:
    import typer

    from imagemood.albums.collection import Collection
    from imagemood.errors import MoodError
    from imagemood.pictures.picture import Picture
    from imagemood.prediction.cascade import Cascade


class CollectionReader:
    """Reads a dataset, or classifies the pictures of a folder.

    Parameters
    ----------
    context : typer.Context
        The context of the command.
    source : str
        The dataset, or the folder of pictures.
    embeddings : bool
        Whether embeddings are needed.
    **folder_options
        The options of `FolderSearch`.

    Attributes
    ----------
    n_failed : int
        The number of pictures that could not be classified; each is reported.
    """

    def __init__(self, context: typer.Context, source: str, *, embeddings: bool, **folder_options: bool) -> None:
        from imagemood.bulk.search import open_dataset

        self.n_failed = 0
        self.dataset = open_dataset(source)
        self._source = source
        self._embeddings = embeddings
        self._folders = FolderSearch(context, **folder_options)

    def check(self, model: str | None, tagger: Path | None) -> None:
        """Raise `InputError` unless a dataset comes from these models, and contains what is needed."""
        from imagemood.bulk import collections
        from imagemood.models.model_hash import model_hash

        if self.dataset is not None:
            if self._embeddings:
                collections.check_embeddings(*self.dataset)
            collections.check_model(*self.dataset, model_hash(model, tagger))

    def read(
        self,
        model: str | None,
        tagger: Path | None,
        device: str,
        decode_timeout: float | None,
        file: Path | None,
    ) -> Collection:
        """Return the whole collection, sorted by name; the models are loaded only for a folder."""
        from imagemood.albums.collection import join
        from imagemood.bulk import collections
        from imagemood.prediction.cascade import Cascade

        if self.dataset is not None:
            if self._embeddings:
                collections.check_embeddings(*self.dataset)
            return join(self.parts(None, file), self.dataset[1].labels)
        cascade = Cascade.load(model, tagger=tagger, device=device, decode_timeout_s=decode_timeout)
        return join(self.parts(cascade, file), cascade.require_mood_classifier().labels)

    def opener(self) -> Callable[[str], Picture]:
        """Return a function that opens a picture of the collection by its name."""
        from imagemood.pictures.names import unescape
        from imagemood.pictures.opening import opener

        if self.dataset is None:
            return opener()
        info = self.dataset[1]
        return opener(folder=unescape(info.folder), column=info.column if info.names_are_rows else None)

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
        outputs.check_not_pictures([file], pictures)
        errors: list[MoodError] = []
        kinds = ("embedding",) if self._embeddings else ()
        with output.progress("Classifying", unit="pictures") as progress:
            results = cascade.classify_many(pictures, kinds)
            yield from from_results(
                successful_results(results, len(pictures), progress, errors),
                cascade.require_mood_classifier().labels,
            )
        self.n_failed = len(errors)
