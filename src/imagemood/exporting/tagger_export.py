"""Exports a network of timm, OpenCLIP or Hugging Face as a tagger: a folder with a network and its card."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from imagemood._files import atomic_folder, check_folder
from imagemood.errors import InputError, MoodError
from imagemood.exporting.agreement import Agreement, check_agreement
from imagemood.exporting.libraries import import_library, reason_of, temporary_cache
from imagemood.exporting.onnx_file import to_onnx
from imagemood.exporting.original import Original
from imagemood.models.run_limit import interruptible
from imagemood.models.tagger import Tagger
from imagemood.models.tagger_card import TaggerCard
from imagemood.models.tagger_files import CARD, NETWORK, TaggerFiles

LIBRARIES = ("timm", "open_clip", "hf")
"""The prefixes of the names of networks."""
MARKERS = (NETWORK, CARD)
"""Files that identify a folder with a tagger, which a new one may replace."""


@dataclass(frozen=True)
class ExportedTagger:
    """A tagger that was written.

    Attributes
    ----------
    card : TaggerCard
        The card; its `license` is None if the licence is unknown.
    n_bytes : int
        The size of the network.
    n_embedding : int
        The number of features of the embedding.
    agreement : Agreement
        The differences from the original network.
    """

    card: TaggerCard
    n_bytes: int
    n_embedding: int
    agreement: Agreement


def export_tagger(
    source: str, path: str | Path, *, weights: Path | None = None, random_weights: bool = False
) -> ExportedTagger:
    """Export an image network as a tagger, and check that it agrees with the original.

    Parameters
    ----------
    source : str
        ``timm/NAME``, ``open_clip/NAME/PRETRAINED`` or ``hf/OWNER/NAME``; or one of these prefixes with the path
        of a local folder in the format of the library.
    path : str or Path
        The folder to write. A folder with another tagger is replaced.
    weights : Path, optional
        A file with the weights, for timm and OpenCLIP. By default, the library downloads them.
    random_weights : bool
        Use random weights, to try an export without downloading anything.

    Raises
    ------
    MissingExtraError
        If a library is not installed.
    InputError
        If the name is unknown, a file cannot be loaded, or the folder cannot be written.
    RemoteError
        If the network cannot be downloaded.
    ModelError
        If the network cannot be exported, or the exported network differs from the original.
    """
    if random_weights and weights is not None:
        raise InputError("random weights and a file with weights exclude each other", hint="give one of them")
    check_folder(path, markers=MARKERS)
    _check_no_other_files(Path(path))
    with temporary_cache():
        network, card, agreement = interruptible(lambda: _export(source, weights, random=random_weights))
    with atomic_folder(path, markers=MARKERS) as folder:
        (folder / NETWORK).write_bytes(network)
        (folder / CARD).write_bytes(_to_json(card))
    return ExportedTagger(card, len(network), agreement.n_embedding, agreement)


def _export(source: str, weights: Path | None, *, random: bool) -> tuple[bytes, TaggerCard, Agreement]:
    """Return the exported network, its card, and how it agrees with the original."""
    original = _load(source, weights, random=random)
    network = to_onnx(original)
    files = TaggerFiles.of_content(network, _to_json(original.card))
    return network, original.card, check_agreement(original, Tagger.from_files(files, device="cpu"))


def _check_no_other_files(folder: Path) -> None:
    """Raise `InputError` if a folder has more files than a tagger, as a model directory that contains one has."""
    others = sorted({file.name for file in folder.iterdir()} - set(MARKERS)) if folder.is_dir() else []
    if others:
        what = f"the folder contains other files than a tagger, such as {others[0]}"
        raise InputError(what, where=str(folder), hint="choose a new or an empty folder")


def _load(source: str, weights: Path | None, *, random: bool) -> Original:
    library, _, name = source.partition("/")
    if library not in LIBRARIES or not name:
        names = ", ".join(f"{library}/NAME" for library in LIBRARIES)
        raise InputError("unknown network", where=source, hint=f"use one of {names}")
    import_library("torch")
    if library == "timm":
        from imagemood.exporting.timm_networks import load  # noqa: PLC0415 (only one library is needed)
    elif library == "open_clip":
        from imagemood.exporting.open_clip_networks import load  # noqa: PLC0415
    else:
        from imagemood.exporting.hugging_face_networks import load  # noqa: PLC0415
    try:
        return load(name, weights, random=random)
    except (MoodError, MemoryError):
        raise
    except Exception as error:  # the settings of a network may contradict each other in unforeseen ways
        raise InputError(f"cannot be used: {reason_of(error)}", where=source) from error


def _to_json(card: TaggerCard) -> bytes:
    """Return the content of the card's file, without the fields that have their defaults."""
    fields: dict[str, Any] = msgspec.to_builtins(card)
    defaults = {field.name: field.default for field in msgspec.structs.fields(TaggerCard)}
    written = {name: value for name, value in fields.items() if not (value == defaults[name] or value in ([], {}))}
    return (json.dumps(written, indent=1, ensure_ascii=False) + "\n").encode()
