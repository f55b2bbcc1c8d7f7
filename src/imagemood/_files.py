"""Files and folders that appear whole or not at all: written beside, then renamed."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

from imagemood.errors import InputError


@contextmanager
def whole_file(path: str | Path) -> Iterator[Path]:
    r"""Give a path beside `path` to write to, and rename it there once the block ends well.

    Parameters
    ----------
    path : str or Path
        The file to create or replace.

    Yields
    ------
    Path
        A file of another name in the same folder; removed if the block raises.

    Raises
    ------
    InputError
        If the folder does not exist or cannot be written, or `path` is a folder.

    Examples
    --------
    >>> import tempfile
    >>> target = Path(tempfile.mkdtemp()) / "rows.csv"
    >>> with whole_file(target) as beside:
    ...     _ = beside.write_text("image,tag,score\n")
    ...     target.exists()
    False
    >>> target.exists()
    True
    """
    path = Path(path)
    if path.is_dir():
        raise InputError("is a folder, not a file", where=str(path), hint="give a file name")
    beside = _beside(path)
    try:
        beside.touch()
    except OSError as error:
        raise InputError(f"cannot be written: {error.strerror}", where=str(path)) from error
    try:
        yield beside
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)


@contextmanager
def whole_folder(path: str | Path, *, markers: tuple[str, ...]) -> Iterator[Path]:
    """Give a folder beside `path` to fill, and rename it there once the block ends well.

    Parameters
    ----------
    path : str or Path
        The folder to create. An empty one, or one that holds all `markers`, is replaced.
    markers : tuple of str
        Names of the files by which, all of them, a folder is known as ours to replace.

    Yields
    ------
    Path
        A folder of another name beside `path`; removed if the block raises.

    Raises
    ------
    InputError
        If `path` is a file or a folder of something else, or cannot be written.
    """
    path = Path(path)
    check_replaceable(path, markers=markers)
    beside = _beside(path)
    try:
        beside.mkdir(parents=True)
    except OSError as error:
        raise InputError(f"cannot be written: {error.strerror}", where=str(path)) from error
    try:
        yield beside
        replaced = _beside(path)
        if path.exists():
            path.rename(replaced)
        beside.rename(path)
        shutil.rmtree(replaced, ignore_errors=True)
    finally:
        shutil.rmtree(beside, ignore_errors=True)


def check_replaceable(path: str | Path, *, markers: tuple[str, ...]) -> None:
    """Refuse a folder that is not ours to replace.

    Parameters
    ----------
    path : str or Path
        The folder to create.
    markers : tuple of str
        Names of the files by which, all of them, a folder is known as ours.

    Raises
    ------
    InputError
        If `path` is a file or a folder of something else.
    """
    path = Path(path)
    if path.is_file():
        raise InputError("is a file, not a folder", where=str(path), hint="give another name")
    missing = [name for name in markers if not (path / name).is_file()]
    if path.is_dir() and any(path.iterdir()) and missing:
        raise InputError(
            f"is a folder of something else (it has no {missing[0]})",
            where=str(path),
            hint="give a new or empty folder",
        )


def _beside(path: Path) -> Path:
    return path.with_name(f".{path.name}.{uuid4().hex[:8]}.part")
