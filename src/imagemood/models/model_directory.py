"""Model directories: the only place where mood classifiers are loaded and saved, as ONNX and JSON without code."""

from __future__ import annotations

import hashlib
import json
import zipfile
from pathlib import Path

import msgspec

from imagemood import builtin
from imagemood._files import atomic_folder
from imagemood.errors import ModelDirectoryError
from imagemood.models.card import render
from imagemood.models.json_files import decode_file
from imagemood.models.metadata import ModelMetadata
from imagemood.models.mood_classifier import MoodClassifier
from imagemood.models.network import Network

BUILTIN = {"default": "moods", "tags": "tags_moods"}
"""The built-in models: ``default`` takes the embedding and tags, ``tags`` takes only tags."""
_MODEL, _METADATA, _CARD = "model.onnx", "metadata.json", "README.md"
MARKERS = (_MODEL, _METADATA)
"""Files that identify a folder as a model directory, which a new model may replace."""
_ARCHIVE, _ARCHIVE_FOLDER = "model.zip", "scripts/user_provided/"  # where an Acumos bundle has these files


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
    return MoodClassifier(Network(contents[_MODEL], name=f"{name}/{_MODEL}"), metadata)


def read_files(path: str | Path | None = None) -> dict[str, bytes]:
    """Read ``metadata.json`` and the files it lists, and check their hashes; `path` is as for `load`."""
    name = "default" if path is None else str(path)
    is_builtin = name in BUILTIN and not Path(name).exists()
    folder = builtin.path(BUILTIN[name]) if is_builtin else Path(name)
    if not folder.is_dir():
        hint = f"give the path of a model directory, or one of {', '.join(BUILTIN)}"
        raise ModelDirectoryError("no such model directory", where=name, hint=hint)
    if not (folder / _ARCHIVE).is_file():
        return _read_checked(folder)
    try:
        with zipfile.ZipFile(folder / _ARCHIVE) as archive:
            return _read_checked(zipfile.Path(archive, _ARCHIVE_FOLDER))
    except zipfile.BadZipFile as error:
        raise ModelDirectoryError("not a valid zip file", where=str(folder / _ARCHIVE)) from error


def _read_checked(folder: Path | zipfile.Path) -> dict[str, bytes]:
    contents = {_METADATA: _read_file(folder, _METADATA)}
    where = str(folder / _METADATA)
    hashes = decode_file(contents[_METADATA], _Manifest, where=where, error_class=ModelDirectoryError).files
    if _MODEL not in hashes:
        raise ModelDirectoryError(f"files does not contain the SHA-256 of {_MODEL}", where=where)
    for name, expected in hashes.items():
        if Path(name).name != name:
            raise ModelDirectoryError(f"files contains '{name}', which is outside the directory", where=where)
        contents[name] = _read_file(folder, name)
        if _sha256(contents[name]) != expected:
            raise ModelDirectoryError(
                "the SHA-256 differs from that in the metadata: the file is damaged or was changed",
                where=str(folder / name),
                hint="copy the model directory again, or train the model again",
            )
    return contents


def _read_file(folder: Path | zipfile.Path, name: str) -> bytes:
    try:
        return (folder / name).read_bytes()
    except (OSError, KeyError) as error:  # those of zipfile have no strerror
        reason = getattr(error, "strerror", None) or "No such file in the archive"
        hint = "check that this is a model directory" if name == _METADATA else None
        raise ModelDirectoryError(f"cannot be read: {reason}", where=str(folder / name), hint=hint) from error


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
