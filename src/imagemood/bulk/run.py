"""Runs a bulk classification from the source to the dataset, and resumes an earlier run."""

from __future__ import annotations

import hashlib
import itertools
import json
import posixpath
from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np

from imagemood.bulk import engine, rows
from imagemood.bulk.chunks import Chunk, split_into_chunks
from imagemood.bulk.dataset import Dataset
from imagemood.bulk.dataset_info import DatasetInfo, Summary
from imagemood.bulk.finished_files import FinishedFile, check_files, report_problems
from imagemood.bulk.lock import DatasetLock, lock
from imagemood.bulk.settings import RESUME_HINT, BulkRequest, RunSettings
from imagemood.bulk.source_entries import SourceEntries
from imagemood.errors import IncompatibleModelError, InputError, MoodError, RemoteError, UnreadableError
from imagemood.pictures import names
from imagemood.pictures.finding.selection import OnSkip
from imagemood.pictures.picture import Picture
from imagemood.pictures.reading import addresses
from imagemood.pictures.reading.urls import display_name

ProgressCallback = Callable[[int, int], None]
WarningCallback = Callable[[str], None]
ErrorCallback = Callable[[MoodError], None]


def _ignore(*_: object) -> None: ...


def run(
    request: BulkRequest,
    settings: RunSettings,
    *,
    progress: ProgressCallback = _ignore,
    warn: WarningCallback = _ignore,
    on_error: ErrorCallback = _ignore,
    on_skip: OnSkip = _ignore,
) -> Summary:
    """Classify pictures and write a dataset; finished files of an earlier run are not computed again.

    `imagemood.bulk.engine.start` must be called first.

    Parameters
    ----------
    request : BulkRequest
        The pictures.
    settings : RunSettings
        The models, the dataset and its columns.
    progress : callable
        Called with the number of finished pictures and the number of all pictures.
    warn : callable
        Called with a message if files of an earlier run are computed again, or the run has to wait.
    on_error : callable
        Called with the error of each folder of the source that cannot be listed, of each entry that is not a file,
        and of each row of a table that cannot be used. Each of them is a row with an error.
    on_skip : callable
        Called with each file and folder of the source that is skipped.

    Returns
    -------
    Summary
        The counts of all pictures of this run, including those that an earlier run has classified.

    Raises
    ------
    InputError
        If there are no pictures, the target is not a dataset of the same source, or another run writes it;
        `UnreadableError` if the source cannot be read, or finished files would be discarded because a part of it
        cannot be read.
    ModelError
        If a model cannot be used.
    RemoteError
        If an object store or the engine fails; the finished files remain.
    """
    if request.overwrite and request.shard != (1, 1):
        raise InputError(
            "--overwrite would remove the files of other shards", hint="give a new folder, or remove the old one"
        )
    dataset = Dataset(settings.target)
    dataset.check_usable()
    _check_outside_source(request, settings)
    source = SourceEntries(request, on_error=on_error, on_skip=on_skip)
    target = addresses.absolute(settings.folder, dataset.address)
    settings = replace(settings, target=target, column=request.column if source.names_are_rows else None)
    model = settings.model_hash()
    labels = _check_models(settings)
    chunks = _split(request, settings, source, model)
    info = _describe(request, settings, source, model, labels, chunks)
    own_chunks = chunks[request.shard[0] - 1 :: request.shard[1]]
    schema = rows.dataset_schema(labels, settings.columns)
    with lock(dataset.address, _hash_names(chunks), request.shard, warn=warn) as held:
        existing = _prepare(dataset, info, chunks, request, warn, source.n_hidden)
        candidates = [chunk for chunk in own_chunks if chunk.file_name in existing]
        files = check_files(dataset.address, candidates, schema, model)
        report_problems(files, warn)
        finished = {file.name for file in files if _is_finished(file, request)}
        for n_done, n_total in _process(settings, model, own_chunks, finished):
            progress(n_done, n_total)
            held.check()
        _check_complete(dataset, chunks, own_chunks, held)
        return dataset.summary(chunk.file_name for chunk in own_chunks)


def _check_outside_source(request: BulkRequest, settings: RunSettings) -> None:
    """Raise if the files of the dataset would be among the tables that the next run reads."""
    if request.column is None:
        return
    source, target = (
        posixpath.normpath(addresses.absolute(settings.folder, address))
        for address in (request.source, settings.target)
    )
    if target == source or target.startswith(f"{source}/"):
        raise InputError(
            "the dataset would be among the tables of the source",
            where=settings.target,
            hint="choose a folder outside of the source",
        )


def _hash_names(chunks: list[Chunk]) -> str:
    return hashlib.sha256("/".join(chunk.file_name for chunk in chunks).encode()).hexdigest()


def _is_finished(file: FinishedFile, request: BulkRequest) -> bool:
    if request.retry_failed:
        return file.problem is None and not file.error_kinds
    return file.problem is None and rows.UNAVAILABLE not in file.error_kinds


def _check_complete(dataset: Dataset, chunks: list[Chunk], own_chunks: list[Chunk], held: DatasetLock) -> None:
    """Raise `RemoteError` if files have disappeared; remove unfinished files if the dataset is complete."""
    held.check()
    existing = set(dataset.file_names())
    missing = [chunk.file_name for chunk in own_chunks if chunk.file_name not in existing]
    if missing:
        what = f"{len(missing)} finished files have disappeared, such as {missing[0]}"
        raise RemoteError(what, where=dataset.address, hint=RESUME_HINT)
    if {chunk.file_name for chunk in chunks} <= existing and held.is_only_lock():
        dataset.remove_temporary_files()


def _check_models(settings: RunSettings) -> list[str]:
    """Return the moods; raise the errors that would otherwise occur in each worker."""
    cascade = settings.load_cascade()
    labels = list(cascade.require_mood_classifier().labels)
    if settings.columns.embedding and cascade.tagger.card.embedding is None:
        raise IncompatibleModelError("the tagger has no embedding", hint="omit --embedding")
    if settings.columns.n_tags:
        cascade.tagger.require_tags(hint="omit --tags")
    rows.dataset_schema(labels, settings.columns)
    cascade.classify_batch([Picture.from_image(np.zeros((64, 64, 3), np.uint8), name="black")])
    return labels


def _split(request: BulkRequest, settings: RunSettings, source: SourceEntries, model: str) -> list[Chunk]:
    key = hashlib.sha256(json.dumps([rows.VERSION, model, settings.options]).encode()).hexdigest()
    return list(split_into_chunks(itertools.islice(source.entries, request.limit), key, request.n_rows))


def _describe(
    request: BulkRequest,
    settings: RunSettings,
    source: SourceEntries,
    model: str,
    labels: list[str],
    chunks: list[Chunk],
) -> DatasetInfo:
    return DatasetInfo(
        source=display_name(names.of_address(request.source)),
        column=request.column,
        names_are_rows=source.names_are_rows,
        folder=names.escape(settings.folder),
        labels=labels,
        model=model,
        options={**settings.options, "rows_per_file": request.n_rows},
        n_pictures=sum(chunk.n_pictures for chunk in chunks),
        n_files=len(chunks),
    )


def _prepare(
    dataset: Dataset,
    info: DatasetInfo,
    chunks: list[Chunk],
    request: BulkRequest,
    warn: WarningCallback,
    n_hidden: int,
) -> set[str]:
    """Remove the files that are no longer needed, update the description, and return the finished files."""
    existing = set(dataset.file_names())
    earlier = dataset.read_info()
    obsolete = existing if request.overwrite else existing - {chunk.file_name for chunk in chunks}
    if not request.overwrite:
        if earlier is not None:
            _check_compatible(earlier, info, request, dataset.address)
        if obsolete and n_hidden:
            raise UnreadableError(
                f"{len(obsolete)} of {len(existing)} finished files would be discarded because a part of the "
                "source cannot be read",
                where=dataset.address,
                hint="make it readable, or discard all files with --overwrite",
            )
        if obsolete:
            warn(_describe_change(earlier, info, len(obsolete), len(existing)))
    dataset.remove(sorted(obsolete))
    if earlier != info:
        dataset.write_info(info)
    return existing - obsolete


def _check_compatible(earlier: DatasetInfo, info: DatasetInfo, request: BulkRequest, address: str) -> None:
    hint = "give another folder, or --overwrite"
    if (earlier.absolute_source, earlier.column) != (info.absolute_source, info.column):
        raise InputError(f"the dataset contains the moods of {earlier.source}", where=address, hint=hint)
    if request.limit is not None and info.n_pictures < earlier.n_pictures:
        what = f"the dataset contains {earlier.n_pictures:,} pictures, more than --limit {request.limit}"
        raise InputError(what, where=address, hint=hint)


def _describe_change(earlier: DatasetInfo | None, info: DatasetInfo, n_obsolete: int, n_existing: int) -> str:
    subject = "pictures have"
    if earlier is not None and earlier.model != info.model:
        subject = "model has"
    elif earlier is not None and earlier.options != info.options:
        subject = "options have"
    return (
        f"the {subject} changed since the last run: {n_obsolete} of {n_existing} finished files are computed again"
    )


def _process(
    settings: RunSettings, model: str, chunks: list[Chunk], finished: set[str]
) -> Iterator[tuple[int, int]]:
    """Process the chunks that are not finished; yield the numbers of finished pictures and of all pictures."""
    n_total = sum(chunk.n_pictures for chunk in chunks)
    n_done = sum(chunk.n_pictures for chunk in chunks if chunk.file_name in finished)
    yield n_done, n_total
    pending = [chunk for chunk in chunks if chunk.file_name not in finished]
    if not pending:
        return
    for outcome in engine.process_chunks(settings, model, pending):
        if outcome.error is not None:
            raise RemoteError(outcome.error, hint=RESUME_HINT)
        n_done += outcome.n_pictures
        yield n_done, n_total
