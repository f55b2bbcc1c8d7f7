"""Model directories: the only place where mood classifiers are loaded and saved, as ONNX and JSON without code."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

import msgspec

from imagemood import builtin
from imagemood._files import atomic_folder
from imagemood.errors import IncompatibleModelError, ModelDirectoryError
from imagemood.models.bundle_archive import open_archive
from imagemood.models.json_files import decode_file
from imagemood.models.metadata import ModelMetadata
from imagemood.models.model_card import render
from imagemood.models.model_files import MAX_JSON_BYTES, MAX_NETWORK_BYTES, is_safe_name, read_file
from imagemood.models.mood_classifier import MoodClassifier
from imagemood.models.network import Network
from imagemood.models.tagger_files import CARD as TAGGER_CARD
from imagemood.models.tagger_files import NETWORK as TAGGER_NETWORK
from imagemood.models.tagger_files import TaggerFiles
from imagemood.models.trial import Trial

BUILTIN = {"default": "moods", "tags": "tags_moods"}
"""The built-in models: ``default`` takes only the embedding, ``tags`` takes only tags."""
_MODEL, _METADATA, _CARD = "model.onnx", "metadata.json", "README.md"
MARKERS = (_MODEL, _METADATA)
"""Files that identify a folder as a model directory, which a new model may replace."""
_TAGGER = (TAGGER_NETWORK, TAGGER_CARD)
_ARCHIVE = "model.zip"  # where an Acumos bundle has these files


class _Manifest(msgspec.Struct):
    files: dict[str, str]


def write(path: str | Path, network: bytes, metadata: ModelMetadata, tagger: TaggerFiles | None = None) -> None:
    """Write a model directory atomically.

    Parameters
    ----------
    path : str or Path
        The folder. An existing model directory is replaced.
    network : bytes
        The network of the mood classifier.
    metadata : ModelMetadata
        Its metadata.
    tagger : TaggerFiles, optional
        The tagger that the mood classifier was trained with. The directory then contains it, and needs no other
        tagger. By default, the model is used with the built-in tagger.

    Raises
    ------
    InputError
        If `path` is a folder with other files, or cannot be written.
    """
    contents = {_MODEL: network, _CARD: render(metadata, None if tagger is None else tagger.card()).encode()}
    if tagger is not None:
        contents |= {TAGGER_NETWORK: tagger.read_network(), TAGGER_CARD: tagger.read_card()}
    hashes = {name: _sha256(content) for name, content in contents.items()}
    fields = {**metadata.to_dict(), "files": hashes}
    with atomic_folder(path, markers=MARKERS) as folder:
        for name, content in contents.items():
            (folder / name).write_bytes(content)
        (folder / _METADATA).write_text(json.dumps(fields, indent=1, ensure_ascii=False) + "\n", "utf-8")


def load(path: str | Path | None = None) -> MoodClassifier:
    """Load a mood classifier.

    Parameters
    ----------
    path : str or Path, optional
        A model directory; an Acumos bundle with a mood classifier, of which only ONNX and JSON are read; or the
        name of a built-in model: ``default``, which takes only the embedding, or ``tags``, which takes only tags.
        Defaults to ``default``.

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
    """Read the files of a mood classifier, without those of the tagger, and check their hashes.

    They are ``metadata.json`` and the files it lists; `path` is as for `load`.
    """
    with _open(path) as files:
        return _read_checked(files)


def read_metadata(path: str | Path | None = None) -> ModelMetadata:
    """Read the metadata of a mood classifier; `path` and errors are as for `load`."""
    with _open(path) as files:
        return ModelMetadata.from_json(_read_manifest(files)[0], where=files.place_of(_METADATA))


def find_tagger(path: str | Path | None = None) -> TaggerFiles | None:
    """Return the tagger in a model directory, or None if there is none; `path` is as for `load`.

    The hashes of its files are checked when they are read.
    """
    if is_builtin(path):
        return None
    with _open(path) as files:
        hashes = _read_manifest(files)[1]
        if not hashes.keys() & set(_TAGGER):
            return None
        if not hashes.keys() >= set(_TAGGER):
            what = f"files contains only one of {' and '.join(_TAGGER)}"
            raise ModelDirectoryError(what, where=files.place_of(_METADATA))
        network_name, card_name = (files.place_of(name) for name in _TAGGER)

    def read(name: str) -> bytes:
        with _open(path) as files:
            max_bytes = MAX_JSON_BYTES if name == TAGGER_CARD else MAX_NETWORK_BYTES
            return _read_file(files, name, hashes[name], max_bytes=max_bytes)

    return TaggerFiles(network_name, card_name, lambda: read(TAGGER_NETWORK), lambda: read(TAGGER_CARD))


def tagger_at(path: str | Path | None = None) -> TaggerFiles:
    """Return the tagger in a model directory, or that at another path, as `TaggerFiles.at` describes."""
    is_model = path is not None and any(os.path.lexists(Path(path, name)) for name in (_METADATA, _ARCHIVE))
    if not is_model:
        return TaggerFiles.at(path)
    tagger = find_tagger(Path(str(path)))
    if tagger is None:
        hint = "give the tagger's ONNX file"
        raise IncompatibleModelError("the model directory contains no tagger", where=str(path), hint=hint)
    return tagger


@contextmanager
def _open(path: str | Path | None) -> Iterator[_Files]:
    """Open a model directory or the archive of a bundle."""
    name = "default" if path is None else str(path)
    folder = builtin.path(BUILTIN[name]) if is_builtin(path) else Path(name)
    if not os.path.isdir(folder):  # noqa: PTH112 (Path.is_dir raises for names that are too long)
        hint = f"give the path of a model directory, or one of {', '.join(BUILTIN)}"
        raise ModelDirectoryError("no such model directory", where=name, hint=hint)
    if not os.path.lexists(folder / _ARCHIVE):
        yield _Folder(folder)
        return
    with open_archive(folder / _ARCHIVE) as archive:
        yield archive


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


def _read_manifest(files: _Files) -> tuple[bytes, dict[str, str]]:
    """Return the content of the metadata, and the SHA-256 of each file they list."""
    content, where = files.read(_METADATA, max_bytes=MAX_JSON_BYTES), files.place_of(_METADATA)
    hashes = decode_file(content, _Manifest, where=where, error_class=ModelDirectoryError).files
    if _MODEL not in hashes:
        raise ModelDirectoryError(f"files does not contain the SHA-256 of {_MODEL}", where=where)
    for name in hashes:
        if not is_safe_name(name) or name == _METADATA:
            raise ModelDirectoryError(f"files contains '{name}', which is outside the directory", where=where)
    return content, hashes


def _read_checked(files: _Files) -> dict[str, bytes]:
    metadata, hashes = _read_manifest(files)
    contents = {_METADATA: metadata}
    n_left = MAX_NETWORK_BYTES
    for name, expected in hashes.items():
        if name not in _TAGGER:
            contents[name] = _read_file(files, name, expected, max_bytes=n_left)
            n_left -= len(contents[name])
    return contents


def _read_file(files: _Files, name: str, expected: str, *, max_bytes: int) -> bytes:
    content = files.read(name, max_bytes=max_bytes)
    if _sha256(content) != expected:
        raise ModelDirectoryError(
            "the SHA-256 differs from that in the metadata: the file is damaged or was changed",
            where=files.place_of(name),
            hint="copy the model directory again, or train the model again",
        )
    return content


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
