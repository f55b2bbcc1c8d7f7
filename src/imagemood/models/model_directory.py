"""Model directories: the only place where mood classifiers are loaded and saved, as ONNX and JSON without code."""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path
from typing import Protocol

import msgspec

from imagemood import builtin
from imagemood._files import atomic_folder
from imagemood.errors import ModelDirectoryError
from imagemood.models.bundle_archive import open_archive
from imagemood.models.card import render
from imagemood.models.json_files import decode_file
from imagemood.models.metadata import ModelMetadata
from imagemood.models.model_files import MAX_JSON_BYTES, MAX_NETWORK_BYTES, is_safe_name, read_file
from imagemood.models.mood_classifier import MoodClassifier
from imagemood.models.network import Network
from imagemood.models.trial import Trial

BUILTIN = {"default": "moods", "tags": "tags_moods"}
"""The built-in models: ``default`` takes the embedding and tags, ``tags`` takes only tags."""
_MODEL, _METADATA, _CARD = "model.onnx", "metadata.json", "README.md"
MARKERS = (_MODEL, _METADATA)
"""Files that identify a folder as a model directory, which a new model may replace."""
_ARCHIVE = "model.zip"  # where an Acumos bundle has these files


class _Manifest(msgspec.Struct):
    files: dict[str, str]


def write(path: str | Path, network: bytes, metadata: ModelMetadata) -> None:
    """Write a model directory atomically; raise `InputError` if `path` is a folder with other files."""
    card = render(metadata).encode()
    fields = {**metadata.to_dict(), "files": {_MODEL: _sha256(network), _CARD: _sha256(card)}}
    with atomic_folder(path, markers=MARKERS) as folder:
        (folder / _MODEL).write_bytes(network)
        (folder / _CARD).write_bytes(card)
        (folder / _METADATA).write_text(json.dumps(fields, indent=1, ensure_ascii=False) + "\n", "utf-8")


def load(path: str | Path | None = None) -> MoodClassifier:
    """Load a mood classifier.

    Parameters
    ----------
    path : str or Path, optional
        A model directory; an Acumos bundle with a mood classifier, of which only ONNX and JSON are read; or the
        name of a built-in model: ``default``, which takes the embedding and tags, or ``tags``, which takes only
        tags. Defaults to ``default``.

    Returns
    -------
    MoodClassifier
        The mood classifier. It runs on the CPU, where one prediction takes less than a millisecond.

    Raises
    ------
    ModelDirectoryError
        If there is no such directory, or a file is missing, damaged, or was changed after it was written.
    IncompatibleModelError
        If the network and its metadata do not match.

    Examples
    --------
    >>> load("tags").inputs
    ('tags',)
    """
    contents = read_files(path)
    name = "default" if path is None else str(path)
    metadata = ModelMetadata.from_json(contents[_METADATA], where=f"{name}/{_METADATA}")
    trial = None if is_builtin(path) else Trial()
    return MoodClassifier(Network(contents[_MODEL], name=f"{name}/{_MODEL}", trial=trial), metadata)


def read_files(path: str | Path | None = None) -> dict[str, bytes]:
    """Read ``metadata.json`` and the files it lists, and check their hashes; `path` is as for `load`."""
    name = "default" if path is None else str(path)
    folder = builtin.path(BUILTIN[name]) if is_builtin(path) else Path(name)
    if not os.path.isdir(folder):  # noqa: PTH112 (Path.is_dir raises for names that are too long)
        hint = f"give the path of a model directory, or one of {', '.join(BUILTIN)}"
        raise ModelDirectoryError("no such model directory", where=name, hint=hint)
    if not os.path.lexists(folder / _ARCHIVE):
        return _read_checked(_Folder(folder))
    with open_archive(folder / _ARCHIVE) as archive:
        return _read_checked(archive)


def is_builtin(path: str | Path | None) -> bool:
    """Return whether `path` names a built-in model; a folder of the same name takes precedence."""
    return path is None or (str(path) in BUILTIN and not os.path.lexists(path))


class _Files(Protocol):
    """The files of a model, in a folder or in an archive."""

    def place_of(self, name: str) -> str: ...

    def read(self, name: str, *, max_bytes: int) -> bytes: ...


class _Folder:
    """The files of a model in a folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def place_of(self, name: str) -> str:
        return str(self._folder / name)

    def read(self, name: str, *, max_bytes: int) -> bytes:
        return read_file(
            self._folder / name,
            max_bytes=max_bytes,
            folder=self._folder,
            hint="check that this is a model directory" if name == _METADATA else None,
            error_class=ModelDirectoryError,
        )


def _read_checked(files: _Files) -> dict[str, bytes]:
    contents = {_METADATA: files.read(_METADATA, max_bytes=MAX_JSON_BYTES)}
    where = files.place_of(_METADATA)
    hashes = decode_file(contents[_METADATA], _Manifest, where=where, error_class=ModelDirectoryError).files
    if _MODEL not in hashes:
        raise ModelDirectoryError(f"files does not contain the SHA-256 of {_MODEL}", where=where)
    n_left = MAX_NETWORK_BYTES
    for name, expected in hashes.items():
        if not is_safe_name(name) or name == _METADATA:
            raise ModelDirectoryError(f"files contains '{name}', which is outside the directory", where=where)
        contents[name] = files.read(name, max_bytes=n_left)
        n_left -= len(contents[name])
        if _sha256(contents[name]) != expected:
            raise ModelDirectoryError(
                "the SHA-256 differs from that in the metadata: the file is damaged or was changed",
                where=files.place_of(name),
                hint="copy the model directory again, or train the model again",
            )
    return contents


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
