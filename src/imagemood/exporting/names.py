"""Tells local folders from names of networks, and describes similar names."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from imagemood.errors import InputError
from imagemood.exporting.libraries import import_library

_PATH_STARTS = ("/", "./", "../", "~")


def local_folder(name: str, file: str, source: str) -> Path | None:
    """Return the folder that a name means, which contains a file, or None if it is the name of a network.

    Raises
    ------
    InputError
        If the name can only be that of a folder, and the folder does not exist or does not contain the file.
    """
    path = Path(name).expanduser()
    if (path / file).is_file():
        return path
    is_path = name.startswith(_PATH_STARTS) or name in (".", "..")
    if path.is_dir() and (is_path or "/" in name):
        hint = "give a folder that the library of the network wrote"
        raise InputError(f"the folder has no {file}", where=source, hint=hint)
    if is_path:
        raise InputError("No such folder", where=source)
    return None


def card_name(name: str, folder: Path | None) -> str:
    """Return the name in a tagger card: that of the folder without its path, which other machines do not have."""
    return name if folder is None else folder.resolve().name


def check_repository(name: str, source: str) -> None:
    """Raise `InputError` if a name cannot be that of a repository on the Hugging Face Hub."""
    hub: Any = import_library("huggingface_hub.utils")
    try:
        hub.validate_repo_id(name.partition("@")[0])
    except hub.HFValidationError:
        hint = "use OWNER/NAME, as in the address of the repository, or a local folder"
        raise InputError("not the name of a repository on the Hugging Face Hub", where=source, hint=hint) from None


def similar_hint(found: Iterable[str], library: str) -> str:
    """Return the hint of an unknown network: similar names, or how to list all names of the library."""
    return f"similar names: {names}" if (names := ", ".join(found)) else f"{library}.list_models() lists all names"
