"""Atomic writes: a file or folder is written under a temporary name and then renamed."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

from imagemood.errors import InputError, first_line


@contextmanager
def atomic_file(path: str | Path) -> Iterator[Path]:
    r"""Yield a temporary path in the same folder, and rename it to `path` if the block succeeds.

    Raises
    ------
    InputError
        If `path` is a folder, or its folder does not exist or is not writable.

    Examples
    --------
    >>> import tempfile
    >>> target = Path(tempfile.mkdtemp()) / "rows.csv"
    >>> with atomic_file(target) as temporary:
    ...     _ = temporary.write_text("image,tag,score\n")
    ...     target.exists()
    False
    >>> target.exists()
    True
    """
    path = Path(path)
    if path.is_dir():
        raise InputError("is a folder, not a file", where=str(path), hint="choose another name")
    temporary = _temporary(path)
    try:
        temporary.touch()
    except OSError as error:
        raise _unwritable(path, error) from error
    try:
        yield temporary
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


@contextmanager
def atomic_folder(path: str | Path, *, markers: tuple[str, ...]) -> Iterator[Path]:
    """Yield a temporary folder, and rename it to `path` if the block succeeds.

    An existing folder is replaced if it is empty or contains all files named in `markers`.

    Raises
    ------
    InputError
        If `path` is a file, or a folder that may not be replaced, or is not writable.
    """
    path = Path(path)
    check_replaceable(path, markers=markers)
    temporary = _temporary(path)
    try:
        temporary.mkdir(parents=True)
    except OSError as error:
        raise _unwritable(path, error) from error
    try:
        yield temporary
        replaced = _temporary(path)
        if path.exists():
            path.rename(replaced)
        temporary.rename(path)
        shutil.rmtree(replaced, ignore_errors=True)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def check_replaceable(path: str | Path, *, markers: tuple[str, ...]) -> None:
    """Raise `InputError` if `path` is a file, or a folder with files, but without all those named in `markers`."""
    path = Path(path)
    if path.is_file():
        raise InputError("is a file, not a folder", where=str(path), hint="choose another name")
    missing = [name for name in markers if not (path / name).is_file()]
    if path.is_dir() and any(path.iterdir()) and missing:
        raise InputError(
            f"the folder is not empty and does not contain {missing[0]}",
            where=str(path),
            hint="choose a new or an empty folder",
        )


def _temporary(path: Path) -> Path:
    return path.with_name(f".{path.name}.{uuid4().hex[:8]}.part")


def _unwritable(path: Path, error: OSError) -> InputError:
    return InputError(f"cannot be written: {first_line(error)}", where=str(path))
