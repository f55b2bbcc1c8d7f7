"""Atomic writes of folders: all files are written into a temporary folder, which then replaces the folder."""

from __future__ import annotations

import shutil
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from imagemood._files.targets import (
    IRREPLACEABLE,
    copy_attributes,
    created_parents,
    reported_errors,
    resolve,
    synchronise,
    temporary_path,
)
from imagemood.errors import InputError


@contextmanager
def atomic_folder(path: str | Path, *, markers: tuple[str, ...]) -> Iterator[Path]:
    """Yield a temporary folder, and rename it to `path` if the block succeeds.

    The block should only write files to the folder: each `OSError` in it is reported as a failed write. Missing
    parent folders are created. An existing folder is replaced if it is empty or contains all files named in
    `markers`. Links, modes and owners are treated as by `atomic_file`.

    A folder that cannot be renamed, because it is a mount point or its parent folder is not writable, is kept, and
    its files are replaced one by one.

    Raises
    ------
    InputError
        If `path` is a file, or a folder that may not be replaced, or is not writable.
    """
    with reported_errors(path):
        _check_replaceable(path, markers)
        target, _ = resolve(path)
        with created_parents(target):
            temporary = _create_temporary(target)
            try:
                yield temporary
                _finish(temporary, target)
                _replace(temporary, target)
            finally:
                shutil.rmtree(temporary, ignore_errors=True)


def check_folder(path: str | Path, *, markers: tuple[str, ...] | None = None, force: bool = True) -> None:
    """Raise `InputError` if a folder cannot be written.

    With `markers`, this is the error that `atomic_folder` would raise now, before the content is computed. Without
    them, the folder may already contain other files. Without `force`, a folder with a model, which `markers`
    identify, is an error as well.
    """
    with reported_errors(path):
        _check_replaceable(path, markers or ())
        if not force and Path(path).is_dir() and any(Path(path).iterdir()):
            hint = "choose another folder, or add --force to replace it with all its files"
            raise InputError("the folder already contains a model", where=str(path), hint=hint)
        existing = target = resolve(path)[0]
        while not existing.exists():
            existing = existing.parent
        probe = temporary_path(existing / target.name)
        probe.mkdir()
        probe.rmdir()


def create_folder(path: str | Path) -> None:
    """Create a folder and its parents, if they do not exist; raise `InputError` if that fails."""
    with reported_errors(path):
        resolve(path)[0].mkdir(parents=True, exist_ok=True)


def _check_replaceable(path: str | Path, markers: tuple[str, ...]) -> None:
    """Raise `InputError` if `path` is a file, or has files, but not all those named in `markers`."""
    if str(path) == "-":
        raise InputError("is standard output, not a folder", where="-", hint="give the name of a folder")
    target, status = resolve(path)
    if status is None:
        return
    if not stat.S_ISDIR(status.st_mode):
        kind = "file" if stat.S_ISREG(status.st_mode) else "pipe or device"
        raise InputError(f"is a {kind}, not a folder", where=str(path), hint="choose another name")
    missing = [name for name in markers if not (target / name).is_file()]
    if missing and any(target.iterdir()):
        raise InputError(
            f"the folder is not empty and does not contain {missing[0]}",
            where=str(path),
            hint="choose a new or an empty folder",
        )


def _create_temporary(target: Path) -> Path:
    """Create a folder beside the target or, if that is not permitted, in it."""
    temporary = temporary_path(target)
    try:
        temporary.mkdir()
    except OSError as error:
        if not (error.errno in IRREPLACEABLE and target.is_dir()):
            raise
        temporary = target / temporary.name
        temporary.mkdir()
    copy_attributes(target, temporary)  # first, so that nobody else can read the files meanwhile
    temporary.chmod(stat.S_IMODE(temporary.stat().st_mode) | stat.S_IRWXU)
    return temporary


def _finish(temporary: Path, target: Path) -> None:
    """Wait until the files are on disk, and give them the attributes of those that they replace."""
    for path in temporary.iterdir():
        with path.open("r+b") as file:
            synchronise(file)
        copy_attributes(target / path.name, path)


def _replace(temporary: Path, target: Path) -> None:
    if temporary.parent == target:
        _replace_files(temporary, target)
        return
    if not target.exists():
        temporary.rename(target)
        return
    copy_attributes(target, temporary)
    replaced = temporary_path(target)
    try:
        target.rename(replaced)
    except OSError as error:
        if error.errno not in IRREPLACEABLE:
            raise
        _replace_files_of_mount_point(temporary, target)
        return
    try:
        temporary.rename(target)
    except BaseException:
        replaced.rename(target)
        raise
    shutil.rmtree(replaced, ignore_errors=True)


def _replace_files_of_mount_point(temporary: Path, target: Path) -> None:
    """Replace the files of a folder that may be on another disk than the temporary folder."""
    moved = target / temporary.name
    try:
        shutil.copytree(temporary, moved)
        _finish(moved, target)
        _replace_files(moved, target)
    finally:
        shutil.rmtree(moved, ignore_errors=True)


def _replace_files(temporary: Path, target: Path) -> None:
    """Move the files of a temporary folder in the target to the target, and remove all other files there."""
    names = {path.name for path in temporary.iterdir()}
    for name in sorted(names):
        (temporary / name).replace(target / name)
    for path in target.iterdir():
        if path.name in names or path == temporary:
            continue
        shutil.rmtree(path) if path.is_dir() and not path.is_symlink() else path.unlink()
