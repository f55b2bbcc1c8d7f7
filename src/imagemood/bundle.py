"""A model directory: written whole, read checked, holding ONNX and JSON and nothing that could run."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from imagemood import builtin
from imagemood.card import render
from imagemood.errors import BundleError
from imagemood.files import whole_folder
from imagemood.metadata import ModelMetadata
from imagemood.moods import MoodClassifier
from imagemood.network import Network

BUILTIN = {"default": "moods", "tags": "tags_moods"}
"""Names of the built-in models: of embedding and tags, and of tags alone."""
_MODEL, _METADATA, _CARD = "model.onnx", "metadata.json", "README.md"


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
    with whole_folder(path, marker=_METADATA) as folder:
        (folder / _MODEL).write_bytes(network)
        (folder / _CARD).write_bytes(card)
        (folder / _METADATA).write_text(json.dumps(fields, indent=1, ensure_ascii=False) + "\n", "utf-8")


def load(path: str | Path | None = None) -> MoodClassifier:
    """Load a model directory, or a built-in model.

    Parameters
    ----------
    path : str or Path, optional
        A model directory, ``default`` (of embedding and tags) or ``tags`` (of tags alone).

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
    name = "default" if path is None else str(path)
    is_builtin = name in BUILTIN and not Path(name).exists()
    folder = builtin.path(BUILTIN[name]) if is_builtin else Path(name)
    if not folder.is_dir():
        known = ", ".join(BUILTIN)
        raise BundleError("no such model directory", where=name, hint=f"give one, or one of {known}")
    fields = _read_metadata(folder / _METADATA)
    contents = _read_checked(folder, fields)
    metadata = ModelMetadata.from_dict(fields, where=str(folder / _METADATA))
    return MoodClassifier(Network(contents[_MODEL], name=str(folder / _MODEL)), metadata)


def _read_metadata(path: Path) -> dict[str, Any]:
    try:
        fields = json.loads(path.read_text("utf-8"))
    except OSError as error:
        reason = f"cannot be read: {error.strerror}"
        raise BundleError(reason, where=str(path), hint="is this a model directory?") from error
    except ValueError as error:
        raise BundleError(f"is no JSON: {error}", where=str(path)) from error
    if not isinstance(fields, dict):
        raise BundleError("is no JSON object", where=str(path))
    return fields


def _read_checked(folder: Path, fields: Mapping[str, Any]) -> dict[str, bytes]:
    """Read the files that the metadata names, refusing what was changed."""
    hashes = fields.get("files")
    if not isinstance(hashes, dict) or _MODEL not in hashes:
        raise BundleError(f"names no hash of {_MODEL}", where=str(folder / _METADATA))
    contents = {}
    for name, expected in hashes.items():
        path = folder / name
        if Path(name).name != name:
            raise BundleError(f"names '{name}', which is not in the directory", where=str(folder / _METADATA))
        try:
            contents[name] = path.read_bytes()
        except OSError as error:
            raise BundleError(f"cannot be read: {error.strerror}", where=str(path)) from error
        if _sha256(contents[name]) != expected:
            raise BundleError(
                "is not the file that was written with the model: its SHA-256 differs",
                where=str(path),
                hint="copy the model directory again, or train it again",
            )
    return contents


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
