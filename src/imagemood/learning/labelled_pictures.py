"""Training sets from folders of pictures, one folder per mood."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from imagemood.errors import InputError, MoodError
from imagemood.learning import TrainingSet, training_set_file
from imagemood.learning.mood_folders import find_labelled_pictures
from imagemood.pictures import storage
from imagemood.pictures.addresses import join
from imagemood.pictures.names import of_address, to_address
from imagemood.pictures.picture import Picture
from imagemood.pictures.selection import DEFAULT_OPTIONS, OnSkip, SearchOptions
from imagemood.pictures.skipped import ignore
from imagemood.prediction.cascade import Cascade
from imagemood.tables.memory import check_memory


@dataclass(frozen=True)
class LabelledPictures:
    """A training set, and the pictures that it was computed from.

    Attributes
    ----------
    training_set : TrainingSet
        Features of the readable pictures, in the order of moods and file names.
    paths : list of str
        The names of these pictures, which are their escaped paths.
    failures : list of MoodError
        Errors of the other pictures, and of folders that cannot be listed.
    """

    training_set: TrainingSet
    paths: list[str]
    failures: list[MoodError]


def read_labelled_pictures(
    folder: str | Path,
    cascade: Cascade,
    *,
    inputs: Sequence[str] = ("tags", "embedding"),
    cache: str | Path | None = None,
    progress: Callable[[int, int], object] | None = None,
    options: SearchOptions = DEFAULT_OPTIONS,
    on_skip: OnSkip = ignore,
) -> LabelledPictures:
    """Compute the features of the pictures in a folder with one subfolder per mood.

    Parameters
    ----------
    folder : str or Path
        Has one subfolder for each mood, with the escaped name of the mood.
    cascade : Cascade
        Its tagger computes tags and embeddings.
    inputs : sequence of str
        Features to compute: one or more of ``tags``, ``embedding`` and ``visual``.
    cache : str or Path, optional
        A file for the features. It replaces reading the pictures as long as pictures, tagger and inputs are
        unchanged, and is written only if all pictures could be read.
    progress : callable, optional
        Called with the number of finished pictures and their total.
    options : SearchOptions
        The hidden files, helper folders and links to include.
    on_skip : callable
        Called with each file and folder that is skipped.

    Raises
    ------
    InputError
        If the folder has no subfolders with pictures, no picture can be read, or the tagger has no embedding.
    MissingExtraError
        If visual features are requested and their libraries are not installed.
    """
    folder = str(folder)
    pictures, failures = find_labelled_pictures(folder, options=options, on_skip=on_skip)
    source = "" if cache is None else _fingerprint(folder, pictures, cascade, inputs)
    if cache is not None and (cached := training_set_file.read_training_set(cache, source=source)) is not None:
        return LabelledPictures(cached, [picture.name for _, picture in pictures], failures)
    _check_memory(len(pictures), cascade, inputs)
    labelled = _compute(folder, pictures, cascade, inputs, progress)
    labelled.failures[:0] = failures
    if cache is not None and not labelled.failures:
        training_set_file.write_training_set(labelled.training_set, cache, source=source)
    return labelled


def _fingerprint(folder: str, pictures: list[tuple[str, Picture]], cascade: Cascade, inputs: Sequence[str]) -> str:
    """Return a hash of everything that the features depend on, such as the size and modification time of files."""
    digest = hashlib.sha256(repr((sorted(inputs), cascade.tagger.card)).encode())
    if "visual" in inputs:
        digest.update(repr(_visual_names()).encode())
    prefix = of_address(join(folder, ""))
    for _, picture in pictures:
        version = storage.version(to_address(picture.name))
        digest.update(repr((picture.name.removeprefix(prefix), *version)).encode())
    return digest.hexdigest()


def _check_memory(n_images: int, cascade: Cascade, inputs: Sequence[str]) -> None:
    embedding = cascade.tagger.network.outputs.get(cascade.tagger.card.embedding or "", (0,))[-1]
    widths = {
        "tags": len(cascade.tagger.labels),
        "embedding": embedding if isinstance(embedding, int) else 0,
        "visual": len(_visual_names()) if "visual" in inputs else 0,
    }
    check_memory(n_images, sum(widths[name] for name in inputs))


def _compute(
    folder: str,
    pictures: list[tuple[str, Picture]],
    cascade: Cascade,
    inputs: Sequence[str],
    progress: Callable[[int, int], object] | None,
) -> LabelledPictures:
    moods: list[str] = []
    paths: list[str] = []
    failures: list[MoodError] = []
    rows: dict[str, list[NDArray[np.float32]]] = {name: [] for name in inputs}
    results = cascade.tag_many([picture for _, picture in pictures], with_visual="visual" in inputs)
    for done, ((mood, _), result) in enumerate(zip(pictures, results, strict=True), start=1):
        if result.error is not None:
            failures.append(result.error)
        else:
            moods.append(mood)
            paths.append(result.image)
            features = result.inputs
            for name in inputs:
                rows[name].append(_required(features.get(name), name))
        if progress is not None:
            progress(done, len(pictures))
    if not moods:
        raise InputError("no picture can be read", where=of_address(folder), hint=str(failures[0]))
    matrices = {name: np.stack(values) for name, values in rows.items()}
    training_set = TrainingSet(
        tags=matrices.get("tags"),
        vocabulary=cascade.tagger.labels if "tags" in inputs else (),
        moods=moods,
        embedding=matrices.get("embedding"),
        visual=matrices.get("visual"),
        visual_names=_visual_names() if "visual" in inputs else (),
    )
    return LabelledPictures(training_set, paths, failures)


def _required(row: NDArray[np.float32] | None, name: str) -> NDArray[np.float32]:
    if row is None:
        raise InputError(
            f"the tagger does not compute the {name}",
            hint="name its output in the tagger's card, or use tags only",
        )
    return row


def _visual_names() -> tuple[str, ...]:
    from imagemood import visual  # noqa: PLC0415 (needs an optional dependency)

    return visual.NAMES
