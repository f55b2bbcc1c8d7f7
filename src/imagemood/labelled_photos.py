"""A folder of photos for each mood, to a training set."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np

from imagemood import inputs
from imagemood.cascade import Cascade
from imagemood.errors import InputError, MoodError
from imagemood.learn import TrainingSet


def read_training_set(
    folder: str | Path,
    cascade: Cascade,
    *,
    with_embedding: bool = True,
    progress: Callable[[int, int], object] | None = None,
) -> tuple[TrainingSet, list[MoodError]]:
    """Tag the photos of a folder with a folder for each mood.

    Parameters
    ----------
    folder : str or Path
        Its folders are named after the moods.
    cascade : Cascade
        What tags the photos.
    with_embedding : bool
        Whether to keep the tagger's embedding beside the tags.
    progress : callable, optional
        Called with the number of photos done and their total.

    Returns
    -------
    training_set : TrainingSet
        The photos in the order of moods and file names.
    failures : list of MoodError
        Why photos were left out.

    Raises
    ------
    InputError
        If the folder has no folders of photos, or none of them can be used.
    """
    root = Path(folder)
    if not root.is_dir():
        raise InputError("no such folder", where=str(folder), hint="give a folder with a folder for each mood")
    moods = sorted(path for path in root.iterdir() if path.is_dir() and not path.name.startswith("."))
    sources = [(path.name, source) for path in moods for source in inputs.find([path]) if not source.problem]
    if not sources:
        raise InputError(
            "has no folders of pictures", where=str(folder), hint="give a folder with a folder for each mood"
        )
    labels, scores, embeddings, failures = [], [], [], []
    results = cascade.tag_many([source for _, source in sources])
    for done, ((mood, _), result) in enumerate(zip(sources, results, strict=True), start=1):
        if result.error is not None:
            failures.append(result.error)
        if result.scores is not None:
            labels.append(mood)
            scores.append(result.scores)
        if result.embedding is not None and with_embedding:
            embeddings.append(result.embedding)
        if progress is not None:
            progress(done, len(sources))
    if not labels:
        raise InputError("none of its pictures can be used", where=str(folder), hint=str(failures[0]))
    embedding = np.stack(embeddings) if embeddings else None
    return TrainingSet(np.stack(scores), cascade.tagger.labels, labels, embedding), failures
