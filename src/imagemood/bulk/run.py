"""A bulk run from its source to its dataset, going on from what an earlier run has finished."""

from __future__ import annotations

import hashlib
import itertools
import json
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from imagemood.bulk import engine, plan, rows
from imagemood.bulk.dataset import Dataset
from imagemood.bulk.job import Job
from imagemood.bulk.note import Note, Summary
from imagemood.bulk.plan import Chunk
from imagemood.errors import IncompatibleModelError, InputError, RemoteError
from imagemood.pictures import addresses
from imagemood.pictures.picture import Picture
from imagemood.pictures.sources import list_pictures

Tick = Callable[[int, int], None]
Say = Callable[[str], None]


def _ignore(*_: object) -> None: ...


@dataclass(frozen=True)
class Order:
    """Which pictures a run is for.

    Attributes
    ----------
    source : str
        As `imagemood.pictures.sources.list_pictures` takes it.
    column : str or None
        The table's column, if it is one.
    limit : int or None
        Only so many pictures, the first ones.
    shard : tuple of int
        ``(i, n)``: of `n` runs that share the work, the one number `i`, from 1.
    n_rows : int or None
        Pictures in a file; by default as many as suit their number.
    overwrite : bool
        Whether to start anew, whatever the dataset holds.
    retry_failed : bool
        Whether to compute the files with pictures that could not be used again.
    """

    source: str
    column: str | None = None
    limit: int | None = None
    shard: tuple[int, int] = (1, 1)
    n_rows: int | None = None
    overwrite: bool = False
    retry_failed: bool = False


def run(order: Order, job: Job, *, tick: Tick = _ignore, say: Say = _ignore) -> Summary:
    """Classify pictures into a dataset; what is finished there already is not computed again.

    `imagemood.bulk.engine.start` must have been called.

    Parameters
    ----------
    order : Order
        Which pictures.
    job : Job
        What to do with each.
    tick : callable
        Told how many pictures are done, of how many.
    say : callable
        Told, in a line, what the user should know of an earlier run.

    Returns
    -------
    Summary
        Of all pictures of this run, whoever finished them; a picture that cannot be used is a row with an error.

    Raises
    ------
    InputError
        If there are no pictures, or the dataset is of something else.
    ModelError
        If a model cannot be used.
    RemoteError
        If a store or the engine fails; what is finished is kept.
    """
    if order.overwrite and order.shard != (1, 1):
        raise InputError(
            "--overwrite would remove what other shards have finished",
            hint="give a new folder, or remove the old one",
        )
    dataset = Dataset(job.target)
    dataset.check_ours()
    found = list_pictures(order.source, order.column)
    target = addresses.absolute(job.folder, dataset.address)
    job = replace(job, target=target, column=order.column if found.holds_files else None)
    fingerprint = job.fingerprint
    labels = _check_models(job)
    key = hashlib.sha256(json.dumps([rows.VERSION, fingerprint, job.options]).encode()).hexdigest()
    chunks = list(plan.cut(itertools.islice(found.names, order.limit), key, order.n_rows))
    note = Note(
        source=order.source,
        column=order.column,
        holds_files=found.holds_files,
        folder=job.folder,
        labels=labels,
        model=fingerprint,
        options={**job.options, "rows_per_file": order.n_rows},
        n_pictures=sum(chunk.n for chunk in chunks),
        n_files=len(chunks),
    )
    mine = chunks[order.shard[0] - 1 :: order.shard[1]]
    finished = _prepare(dataset, note, chunks, order, say) & {chunk.part for chunk in mine}
    finished -= set(dataset.with_errors(finished, None if order.retry_failed else rows.UNAVAILABLE))
    _work(job, fingerprint, mine, finished, tick)
    if len(set(dataset.parts()) & {chunk.part for chunk in chunks}) == len(chunks):
        dataset.tidy()
    return dataset.summary(chunk.part for chunk in mine)


def _check_models(job: Job) -> list[str]:
    """Refuse before the work what would fail in each worker."""
    cascade = job.load()
    labels = list(cascade.require_mood_classifier().labels)
    if job.columns.embedding and cascade.tagger.card.embedding is None:
        raise IncompatibleModelError("the tagger gives no embedding", hint="leave --embedding out")
    rows.schema(labels, job.columns)
    cascade.classify_batch([Picture.from_image(np.zeros((64, 64, 3), np.uint8), name="black")])
    return labels


def _prepare(dataset: Dataset, note: Note, chunks: list[Chunk], order: Order, say: Say) -> set[str]:
    """Say which files are written, after removing those that are of no use any more."""
    there = set(dataset.parts())
    earlier = dataset.note()
    if order.overwrite:
        stale = there
    else:
        if earlier is not None:
            _check_same(earlier, note, order, dataset.address)
        stale = there - {chunk.part for chunk in chunks}
    if stale and not order.overwrite:
        say(_why(earlier, note, len(stale), len(there)))
    dataset.remove(sorted(stale))
    if earlier != note:
        dataset.keep(note)
    return there - stale


def _check_same(earlier: Note, note: Note, order: Order, address: str) -> None:
    if (earlier.place, earlier.column) != (note.place, note.column):
        raise InputError(
            f"holds the moods of {earlier.source}", where=address, hint="give another folder, or --overwrite"
        )
    if order.limit is not None and note.n_pictures < earlier.n_pictures:
        raise InputError(
            f"is for {earlier.n_pictures:,} pictures, more than --limit {order.limit}",
            where=address,
            hint="give another folder, or --overwrite",
        )


def _why(earlier: Note | None, note: Note, n_stale: int, n_there: int) -> str:
    reason = "the pictures are others"
    if earlier is not None and earlier.model != note.model:
        reason = "the model is another"
    elif earlier is not None and earlier.options != note.options:
        reason = "the options are others"
    return f"{reason} than in the run before: {n_stale} of its {n_there} finished files are computed anew"


def _work(job: Job, fingerprint: str, chunks: list[Chunk], finished: set[str], tick: Tick) -> None:
    n_total = sum(chunk.n for chunk in chunks)
    n_done = sum(chunk.n for chunk in chunks if chunk.part in finished)
    tick(n_done, n_total)
    pending = [chunk for chunk in chunks if chunk.part not in finished]
    if not pending:
        return
    for outcome in engine.work(job, fingerprint, pending):
        if outcome.problem is not None:
            raise RemoteError(outcome.problem, hint="run the same command again; it goes on from what is finished")
        n_done += outcome.n
        tick(n_done, n_total)
