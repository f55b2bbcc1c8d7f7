"""Labelled photos, decoded once into a file from which training reads them."""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from imagemood._files import reported_errors
from imagemood.errors import ImageError, InputError, MoodError
from imagemood.evaluation.journal import Journal
from imagemood.finetuning.network import SIZE_PX
from imagemood.models.device import cpu_count
from imagemood.models.run_limit import result_of
from imagemood.pictures.picture import Picture

_N_BATCH = 64
_SHAPE = (SIZE_PX, SIZE_PX, 3)
_PHOTO_BYTES = SIZE_PX * SIZE_PX * 3
_OTHER_BYTES = 300 * 2**20  # of checkpoints

Progress = Callable[[int, int], object]


@dataclass(frozen=True, eq=False)
class StoredPhotos:
    """Photos that could be read, in a file.

    Attributes
    ----------
    pixels : ndarray of shape (n_all, 224, 224, 3), uint8
        Red, green and blue of all photos, mapped from the file. Those that could not be read are black.
    readable : ndarray of shape (n,), intp
        The indices of the photos that could be read.
    hashes : list of str
        The SHA-256 of the content of each photo; empty if it could not be read.
    failures : list of MoodError
        The errors of the others.
    """

    pixels: NDArray[np.uint8]
    readable: NDArray[np.intp]
    hashes: list[str]
    failures: list[MoodError]


def store(pictures: Sequence[Picture], folder: Path, *, progress: Progress | None = None) -> StoredPhotos:
    """Decode pictures into a file in a folder, or continue where an interrupted command has stopped.

    Raises
    ------
    InputError
        If the disk has too little space, or the files are damaged or cannot be written.
    """
    file = folder / "photos.bin"
    journal = Journal(folder / "photos.jsonl")
    _check_file(file, len(pictures), journal)
    _check_space(folder, len(pictures) - len(journal) * _N_BATCH)
    starts = range(0, len(pictures), _N_BATCH)
    with reported_errors(file), file.open("r+b" if file.exists() else "w+b") as stored:
        for start in starts:
            if (key := {"start": start}) not in journal:
                batch = list(_load(pictures[start : start + _N_BATCH]))
                stored.seek(start * _PHOTO_BYTES)
                for photo in batch:
                    stored.write(bytes(_PHOTO_BYTES) if photo.pixels is None else photo.pixels.tobytes())
                stored.flush()
                os.fsync(stored.fileno())  # before the journal has the entry
                journal.put(key, {"photos": [photo.entry for photo in batch]})
            if progress is not None:
                progress(min(start + _N_BATCH, len(pictures)), len(pictures))
    entries = [entry for start in starts for entry in journal[{"start": start}]["photos"]]
    pixels = np.memmap(file, np.uint8, "c", shape=(len(pictures), *_SHAPE))
    hashes = [entry.get("sha256", "") for entry in entries]
    failures = [
        MoodError(entry["what"], where=entry["where"], hint=entry["hint"]) for entry in entries if "what" in entry
    ]
    return StoredPhotos(pixels, np.flatnonzero([bool(value) for value in hashes]), hashes, failures)


def _check_file(file: Path, n_photos: int, journal: Journal) -> None:
    """Raise `InputError` if the file lacks photos that the journal contains; they would be black."""
    ends = [
        min(start + _N_BATCH, n_photos) for start in range(0, n_photos, _N_BATCH) if {"start": start} in journal
    ]
    with reported_errors(file):
        n_bytes = file.stat().st_size if file.exists() else 0
    if n_bytes < max(ends, default=0) * _PHOTO_BYTES:
        hint = "remove the folder, and start again"
        raise InputError("the decoded photos are incomplete", where=str(file), hint=hint)


@dataclass(frozen=True, eq=False)
class _Loaded:
    pixels: NDArray[np.uint8] | None
    entry: dict[str, str | None]


def _load(pictures: Sequence[Picture]) -> Iterator[_Loaded]:
    """Read and decode pictures in several threads."""
    pool = ThreadPoolExecutor(cpu_count(), thread_name_prefix="imagemood")
    try:
        futures = [pool.submit(_load_one, picture) for picture in pictures]
        yield from map(result_of, futures)
    finally:  # do not wait for pictures in progress after an interrupt
        pool.shutdown(wait=False, cancel_futures=True)


def _load_one(picture: Picture) -> _Loaded:
    try:
        content = picture.read()
        pixels = Picture.from_bytes(content, name=picture.name).decode(SIZE_PX)
    except MoodError as error:
        return _failed(error)
    except MemoryError:
        return _failed(ImageError("not enough memory to decode the picture", where=picture.name))
    return _Loaded(pixels, {"sha256": hashlib.sha256(content).hexdigest()})


def _failed(error: MoodError) -> _Loaded:
    return _Loaded(None, {"what": error.what, "where": error.where, "hint": error.hint})


def _check_space(folder: Path, n_photos: int) -> None:
    needed, free = n_photos * _PHOTO_BYTES + _OTHER_BYTES, shutil.disk_usage(folder).free
    if needed > free:
        raise InputError(
            f"{needed / 1e9:.1f} GB are needed, but only {free / 1e9:.1f} GB of disk space are free",
            where=str(folder),
            hint="choose a folder on another disk with --work",
        )
