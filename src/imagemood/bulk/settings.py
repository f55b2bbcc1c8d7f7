"""The pictures of a bulk run, and the settings of its workers."""

from __future__ import annotations

import os
from dataclasses import asdict, dataclass, field

from imagemood.bulk.rows import OptionalColumns
from imagemood.models.loading import load_models
from imagemood.models.model_hash import model_hash
from imagemood.pictures.finding.selection import DEFAULT_OPTIONS, SearchOptions
from imagemood.pictures.processes import decoder_processes
from imagemood.prediction.cascade import Cascade

RESUME_HINT = "run the same command again to resume"
"""The hint of errors that end a run; the finished files remain."""


@dataclass(frozen=True)
class BulkRequest:
    """The pictures of a bulk run, and what to do with the files of earlier runs.

    Attributes
    ----------
    source : str
        The source of the pictures, as for `imagemood.pictures.finding.sources.list_pictures`.
    column : str or None
        The column, if the source is a table.
    limit : int or None
        Maximum number of pictures.
    shard : tuple of int
        ``(i, n)``: process share `i`, from 1 to `n`, of the work that `n` runs divide.
    n_rows : int or None
        Pictures per file. The default depends on their number.
    overwrite : bool
        Whether to discard the files of earlier runs.
    retry_failed : bool
        Whether to recompute files that contain failed pictures.
    options : SearchOptions
        The hidden files, helper folders and links to include.
    """

    source: str
    column: str | None = None
    limit: int | None = None
    shard: tuple[int, int] = (1, 1)
    n_rows: int | None = None
    overwrite: bool = False
    retry_failed: bool = False
    options: SearchOptions = DEFAULT_OPTIONS


@dataclass(frozen=True)
class RunSettings:
    """The settings of the workers: the models, and the content and the address of the dataset.

    Attributes
    ----------
    target : str
        The address of the dataset.
    columns : OptionalColumns
        The optional columns of its rows.
    model, tagger : str or None
        As for `Cascade.load`. The files must have the same path on all machines.
    n_views : int
        1, or 2 to average the predictions for the picture and its mirror image.
    column : str or None
        The column of picture files, if the names of the pictures are rows of a table.
    folder : str
        The folder against which relative paths are resolved.
    device : str
        The device of the tagger's network, as for `Cascade.load`. Each machine selects its own.
    decode_timeout_s : float or None
        The time limit for decoding a picture, as for `Cascade.load`.
    """

    target: str
    columns: OptionalColumns = field(default_factory=OptionalColumns)
    model: str | None = None
    tagger: str | None = None
    n_views: int = 1
    column: str | None = None
    folder: str = field(default_factory=os.getcwd)
    device: str = "auto"
    decode_timeout_s: float | None = None

    @property
    def options(self) -> dict[str, int | bool]:
        """The options that affect the rows, in addition to the models."""
        return {**asdict(self.columns), "n_views": self.n_views}

    def model_hash(self) -> str:
        """Return the hash of the files of the models."""
        return model_hash(self.model, self.tagger)

    def load_cascade(self) -> Cascade:
        """Load the models for several threads, each of which runs them on one thread."""
        tagger, mood_classifier = load_models(self.model, self.tagger, n_threads=1, device=self.device)
        decoder = decoder_processes.decoder(self.decode_timeout_s)
        return Cascade(tagger, mood_classifier, n_workers=1, n_views=self.n_views, decoder=decoder)
