"""A model directory: written whole, read checked, holding ONNX and JSON and nothing that could run."""

from __future__ import annotations

import hashlib
import json
import zipfile
from pathlib import Path

from imagemood import builtin
from imagemood._files import atomic_folder
from imagemood.errors import BundleError
from imagemood.models.card import render
from imagemood.models.metadata import ModelMetadata
from imagemood.models.mood_classifier import MoodClassifier
from imagemood.models.network import Network

BUILTIN = {"default": "moods", "tags": "tags_moods"}
"""Names of the built-in models: of embedding and tags, and of tags alone."""
_MODEL, _METADATA, _CARD = "model.onnx", "metadata.json", "README.md"
MARKERS = (_MODEL, _METADATA)
"""Files by which a folder is known as a model directory, which a newer model may replace."""
_ARCHIVE, _INSIDE = "model.zip", "scripts/user_provided/"  # where an Acumos bundle keeps them


def write(path: str | Path, network: bytes, metadata: ModelMetadata) -> None:
    """Write a model directory, whole or not at all.

    Parameters
    ----------
    path : str or Path
        The directory; an older model there is replaced.
    network : bytes
        The ONNX file's content.
    metadata : ModelMetadata
        What the model knows of itself.

    Raises
    ------
    InputError
        If it cannot be written, or `path` holds something else than a model.
    """
    card = render(metadata).encode()
    hashes = {_MODEL: _sha256(network), _CARD: _sha256(card)}
    fields = {**metadata.to_dict(), "files": hashes}
    with atomic_folder(path, markers=MARKERS) as folder:
        (folder / _MODEL).write_bytes(network)
        (folder / _CARD).write_bytes(card)
        (folder / _METADATA).write_text(json.dumps(fields, indent=1, ensure_ascii=False) + "\n", "utf-8")


def load(path: str | Path | None = None) -> MoodClassifier:
    """Load a model directory, or a built-in model.

    Parameters
    ----------
    path : str or Path, optional
        A model directory, an Acumos bundle with a mood classifier (of which only ONNX and JSON are read),
        ``default`` (of embedding and tags) or ``tags`` (of tags alone).

    Returns
    -------
    MoodClassifier
        Ready to use.

    Raises
    ------
    BundleError
        If a file is missing, damaged or changed since it was written.

    Examples
    --------
    >>> load("tags").inputs
    ('tags',)
    """
    contents = read(path)
    where = f"{'default' if path is None else path}"
    metadata = ModelMetadata.from_dict(json.loads(contents[_METADATA]), where=f"{where}/{_METADATA}")
    # On the CPU even where there is a GPU: it takes less than a millisecond there.
    return MoodClassifier(Network(contents[_MODEL], name=f"{where}/{_MODEL}"), metadata)


def read(path: str | Path | None = None) -> dict[str, bytes]:
    """Read the files of a model, checked by their hashes.

    Parameters
    ----------
    path : str or Path, optional
        What `load` takes.

    Returns
    -------
    dict of str to bytes
        ``metadata.json`` and the files it names.

    Raises
    ------
    BundleError
        If a file is missing, damaged or changed since it was written.
    """
    name = "default" if path is None else str(path)
    is_builtin = name in BUILTIN and not Path(name).exists()
    folder = builtin.path(BUILTIN[name]) if is_builtin else Path(name)
    if not folder.is_dir():
        known = ", ".join(BUILTIN)
        raise BundleError("no such model directory", where=name, hint=f"give one, or one of {known}")
    if not (folder / _ARCHIVE).is_file():
        return _read_checked(folder)
    try:
        with zipfile.ZipFile(folder / _ARCHIVE) as archive:
            inside = zipfile.Path(archive, _INSIDE)
            return _read_checked(inside)
    except zipfile.BadZipFile as error:
        raise BundleError("is no zip file", where=str(folder / _ARCHIVE)) from error


def _read_checked(folder: Path | zipfile.Path) -> dict[str, bytes]:
    """Read the metadata and the files it names, refusing what was changed."""
    contents = {_METADATA: _read_file(folder, _METADATA)}
    where = str(folder / _METADATA)
    try:
        fields = json.loads(contents[_METADATA])
    except ValueError as error:
        raise BundleError(f"is no JSON: {error}", where=where) from error
    if not isinstance(fields, dict):
        raise BundleError("is no JSON object", where=where)
    hashes = fields.get("files")
    if not isinstance(hashes, dict) or _MODEL not in hashes:
        raise BundleError(f"names no hash of {_MODEL}", where=where)
    for name, expected in hashes.items():
        if Path(name).name != name:
            raise BundleError(f"names '{name}', which is not in the directory", where=where)
        contents[name] = _read_file(folder, name)
        if _sha256(contents[name]) != expected:
            raise BundleError(
                "is not the file that was written with the model: its SHA-256 differs",
                where=str(folder / name),
                hint="copy the model directory again, or train it again",
            )
    return contents


def _read_file(folder: Path | zipfile.Path, name: str) -> bytes:
    try:
        return (folder / name).read_bytes()
    except (OSError, KeyError) as error:
        reason = getattr(error, "strerror", None) or "there is no such file in the archive"
        hint = "is this a model directory?" if name == _METADATA else None
        raise BundleError(f"cannot be read: {reason}", where=str(folder / name), hint=hint) from error


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
