"""Keep a training set in a file, so that photos are looked at once."""

from __future__ import annotations

import zipfile
from pathlib import Path

import numpy as np

from imagemood._files import atomic_file
from imagemood.errors import InputError
from imagemood.learning.training_set import TrainingSet
from imagemood.models.metadata import INPUTS


def write_training_set(training_set: TrainingSet, path: str | Path, *, source: str) -> None:
    """Write a training set, whole or not at all.

    Parameters
    ----------
    training_set : TrainingSet
        Labelled images.
    path : str or Path
        The file: NumPy's format for several arrays, ``.npz``.
    source : str
        What tells what it was made of from anything else, such as a hash; `read_training_set` gives nothing back
        for another.

    Raises
    ------
    InputError
        If the file cannot be written.
    """
    names = {"vocabulary": training_set.vocabulary, "visual_names": training_set.visual_names}
    texts = {name: np.array(values, dtype=np.str_) for name, values in names.items()}
    with atomic_file(path) as beside, beside.open("wb") as file:
        np.savez(
            file,
            source=np.array(source),
            moods=np.array(training_set.moods, dtype=np.str_),
            **texts,  # type: ignore[arg-type]
            **training_set.inputs,  # type: ignore[arg-type]
        )


def read_training_set(path: str | Path, *, source: str) -> TrainingSet | None:
    """Read a training set, if it is the one that is wanted.

    Parameters
    ----------
    path : str or Path
        The file.
    source : str
        What it should be made of.

    Returns
    -------
    TrainingSet or None
        None if there is no such file or it was made of something else.

    Raises
    ------
    InputError
        If the file is something else than a training set.

    Examples
    --------
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp()) / "example.npz"
    >>> write_training_set(TrainingSet.example(), path, source="the example")
    >>> read_training_set(path, source="the example").fingerprint() == TrainingSet.example().fingerprint()
    True
    >>> read_training_set(path, source="other photos") is None
    True
    """
    if not Path(path).exists():
        return None
    try:
        with np.load(path, allow_pickle=False) as stored:
            if str(stored["source"]) != source:
                return None
            arrays = {name: stored.get(name) for name in INPUTS}
            return TrainingSet(
                moods=stored["moods"].tolist(),
                vocabulary=tuple(stored["vocabulary"].tolist()),
                visual_names=tuple(stored["visual_names"].tolist()),
                **arrays,
            )
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
        raise InputError("is no stored training set", where=str(path), hint="remove it or name another") from error
