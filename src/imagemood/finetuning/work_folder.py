"""The work folder of a fine-tuning: it belongs to one training, and to one process at a time."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import filelock

from imagemood._files import create_folder, reported_errors, write_file
from imagemood.errors import InputError

_DESCRIPTION, _LOCK = "training.json", "lock"
_HINT = "remove the folder to start again, or choose another with --work"


@contextmanager
def claimed(folder: Path, description: dict[str, Any]) -> Iterator[None]:
    """Create a work folder, or continue with one that has the same description, and hold its lock.

    Raises
    ------
    InputError
        If the folder belongs to another training, has other files, is in use by another process, or cannot be
        written.
    """
    create_folder(folder)
    file = folder / _DESCRIPTION
    with reported_errors(folder):
        if not file.is_file() and any(path.name != _LOCK for path in folder.iterdir()):
            hint = "choose another folder with --work"
            raise InputError("the folder has other files", where=str(folder), hint=hint)
        lock = filelock.FileLock(folder / _LOCK, timeout=0)
        try:
            lock.acquire()
        except filelock.Timeout:
            hint = "wait until it has ended, or end it"
            raise InputError("another command is using this folder", where=str(folder), hint=hint) from None
    try:
        if file.is_file():
            _check(file, description)
        else:
            write_file(file, json.dumps(description, indent=1, ensure_ascii=False) + "\n")
        yield
    finally:
        lock.release()


def remove(folder: Path) -> None:
    """Remove a work folder with its files."""
    with suppress(OSError):
        shutil.rmtree(folder)


def _check(file: Path, description: dict[str, Any]) -> None:
    try:
        found = json.loads(file.read_bytes())
        different = [name for name, value in json.loads(json.dumps(description)).items() if found[name] != value]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise InputError("the description is damaged", where=str(file), hint=_HINT) from error
    if different:
        what = f"this folder belongs to a training with other {' and '.join(different)}"
        raise InputError(what, where=str(file.parent), hint=_HINT)
