"""A folder of photos for each mood, to a training set."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from imagemood.errors import InputError, MoodError
from imagemood.learning import TrainingSet, training_set_file
from imagemood.pictures.picture import Picture
from imagemood.pictures.sources import find_pictures
from imagemood.prediction.cascade import Cascade
from imagemood.tables.matrix import check_memory


@dataclass(frozen=True)
class LabelledPhotos:
    """A training set and the photos it was made of.

    Attributes
    ----------
    training_set : TrainingSet
        What was measured of the photos that could be used, in the order of moods and file names.
    paths : list of str
        Where these photos lie.
    failures : list of MoodError
        Why the others were left out.
    """

    training_set: TrainingSet
    paths: list[str]
    failures: list[MoodError]


def read_photos(
    folder: str | Path,
    cascade: Cascade,
    *,
    inputs: Sequence[str] = ("tags", "embedding"),
    stored: str | Path | None = None,
    progress: Callable[[int, int], object] | None = None,
) -> LabelledPhotos:
    """Measure the photos of a folder with a folder for each mood.

    Parameters
    ----------
    folder : str or Path
        Its folders are named after the moods.
    cascade : Cascade
        Whose tagger tags the photos.
    inputs : sequence of str
        What to measure: one or more of ``tags``, ``embedding`` and ``visual``.
    stored : str or Path, optional
        A file to keep the measurements in; they are read from it as long as photos, tagger and inputs stay the
        same and every photo could be used.
    progress : callable, optional
        Called with the number of photos done and their total.

    Returns
    -------
    LabelledPhotos
        The training set.

    Raises
    ------
    InputError
        If the folder has no folders of photos, none of them can be used, or the tagger gives no embedding.
    MissingExtraError
        If visual features are wanted and what measures them is not installed.
    """
    pictures = _find(folder)
    identity = _identity(folder, pictures, cascade, inputs)
    if stored is not None and (known := training_set_file.read_training_set(stored, source=identity)) is not None:
        return LabelledPhotos(known, [picture.name for _, picture in pictures], [])
    _check_memory(len(pictures), cascade, inputs)
    read = _measure(folder, pictures, cascade, inputs, progress)
    if stored is not None and not read.failures:
        training_set_file.write_training_set(read.training_set, stored, source=identity)
    return read


def _find(folder: str | Path) -> list[tuple[str, Picture]]:
    """Find the photos and their moods."""
    root = Path(folder)
    if not root.is_dir():
        raise InputError("no such folder", where=str(folder), hint="give a folder with a folder for each mood")
    moods = sorted(path for path in root.iterdir() if path.is_dir() and not path.name.startswith("."))
    pictures = [(path.name, picture) for path in moods for picture in find_pictures([path]) if not picture.error]
    if not pictures:
        raise InputError(
            "has no folders of pictures", where=str(folder), hint="give a folder with a folder for each mood"
        )
    return pictures


def _identity(
    folder: str | Path, pictures: list[tuple[str, Picture]], cascade: Cascade, inputs: Sequence[str]
) -> str:
    """Say what tells these measurements from any others."""
    digest = hashlib.sha256(repr((sorted(inputs), cascade.tagger.card)).encode())
    if "visual" in inputs:
        digest.update(repr(_visual_names()).encode())
    for _, picture in pictures:
        path = Path(picture.name)
        state = path.stat()
        digest.update(repr((str(path.relative_to(folder)), state.st_size, state.st_mtime_ns)).encode())
    return digest.hexdigest()


def _check_memory(n_images: int, cascade: Cascade, inputs: Sequence[str]) -> None:
    embedding = cascade.tagger.network.outputs.get(cascade.tagger.card.embedding or "", (0,))[-1]
    widths = {
        "tags": len(cascade.tagger.labels),
        "embedding": embedding if isinstance(embedding, int) else 0,
        "visual": len(_visual_names()) if "visual" in inputs else 0,
    }
    check_memory(n_images, sum(widths[name] for name in inputs))


def _measure(
    folder: str | Path,
    pictures: list[tuple[str, Picture]],
    cascade: Cascade,
    inputs: Sequence[str],
    progress: Callable[[int, int], object] | None,
) -> LabelledPhotos:
    labels: list[str] = []
    paths: list[str] = []
    failures: list[MoodError] = []
    columns: dict[str, list[NDArray[np.float32]]] = {name: [] for name in inputs}
    results = cascade.tag_many([picture for _, picture in pictures], with_visual="visual" in inputs)
    for done, ((mood, _), result) in enumerate(zip(pictures, results, strict=True), start=1):
        if result.error is not None:
            failures.append(result.error)
        else:
            labels.append(mood)
            paths.append(result.image)
            measured = result.inputs
            for name, rows in columns.items():
                rows.append(_given(measured.get(name), name))
        if progress is not None:
            progress(done, len(pictures))
    if not labels:
        raise InputError("none of its pictures can be used", where=str(folder), hint=str(failures[0]))
    matrices = {name: np.stack(rows) for name, rows in columns.items()}
    training_set = TrainingSet(
        tags=matrices.get("tags"),
        vocabulary=cascade.tagger.labels if "tags" in inputs else (),
        moods=labels,
        embedding=matrices.get("embedding"),
        visual=matrices.get("visual"),
        visual_names=_visual_names() if "visual" in inputs else (),
    )
    return LabelledPhotos(training_set, paths, failures)


def _given(row: NDArray[np.float32] | None, name: str) -> NDArray[np.float32]:
    if row is None:
        raise InputError(f"the tagger gives no {name}", hint="name it in the tagger's card, or use tags alone")
    return row


def _visual_names() -> tuple[str, ...]:
    from imagemood import visual  # noqa: PLC0415 (an extra that few need)

    return visual.NAMES
