"""Files of training sets, so that the features of pictures are computed only once."""

from __future__ import annotations

import zipfile
from pathlib import Path

import numpy as np

from imagemood._files import atomic_file
from imagemood.errors import InputError
from imagemood.learning.training_set import TrainingSet
from imagemood.models.metadata import INPUTS


def write_training_set(training_set: TrainingSet, path: str | Path, *, source: str) -> None:
    """Write a training set atomically as a NumPy archive (``.npz``).

    ``source`` identifies the data that the training set was computed from, such as their hash, for
    `read_training_set`.
    """
    names = {"vocabulary": training_set.vocabulary, "visual_names": training_set.visual_names}
    texts = {name: np.array(values, dtype=np.str_) for name, values in names.items()}
    with atomic_file(path) as file:
        np.savez(
            file,
            source=np.array(source),
            moods=np.array(training_set.moods, dtype=np.str_),
            **texts,  # type: ignore[arg-type]
            **training_set.inputs,  # type: ignore[arg-type]
        )


def read_training_set(path: str | Path, *, source: str) -> TrainingSet | None:
    """Read a training set; return None if the file is missing or was computed from another source.

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
        # np.load would not close the file if it is not an archive.
        with Path(path).open("rb") as file, np.load(file, allow_pickle=False) as archive:
            if str(archive["source"]) != source:
                return None
            arrays = {name: archive.get(name) for name in INPUTS}
            return TrainingSet(
                moods=archive["moods"].tolist(),
                vocabulary=tuple(archive["vocabulary"].tolist()),
                visual_names=tuple(archive["visual_names"].tolist()),
                **arrays,
            )
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
        raise InputError("not a stored training set", where=str(path), hint="remove the file") from error
