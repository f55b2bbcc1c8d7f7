"""Writes moods as keywords into photo files and XMP sidecars, and removes them."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from imagemood._files import reported_errors, write_file
from imagemood.errors import InputError, first_line
from imagemood.keywords.exiftool import ExifTool
from imagemood.keywords.fields import READ_TAGS, Changes, Keywords, changes
from imagemood.keywords.image_data import EXTENSIONS, image_data
from imagemood.keywords.photo_libraries import check_not_in_library
from imagemood.keywords.sidecars import SidecarName, Sidecars, check_xml
from imagemood.pictures import names

_UNKNOWN_FORMAT = ("Unknown file type", "File format error", "File is empty")  # messages of ExifTool


@dataclass(frozen=True)
class Written:
    """A file whose keywords were changed, or would be changed.

    Attributes
    ----------
    path : Path
        The picture or its sidecar.
    added, removed : list of str
        The moods that were added and removed; both are empty if other keywords were changed only.
    """

    path: Path
    added: list[str]
    removed: list[str]


@dataclass(frozen=True)
class _Target:
    """A file to change, as it was when its keywords were read; `status` is None for a file that does not exist."""

    path: Path
    status: tuple[int, ...] | None
    keywords: Keywords
    file_type: str = "XMP"


class KeywordWriter:
    """Writes moods as keywords into photo files and XMP sidecars.

    Parameters
    ----------
    exiftool : ExifTool
        The running program.
    in_place : bool
        Whether to write into JPEG, TIFF, PNG and WebP files, and into their sidecars only if they exist.
    naming : SidecarName
        The names of new sidecars.
    keep_time : bool
        Whether the pictures keep their modification times.
    dry_run : bool
        Whether to replace no file; all else happens, so that errors are the same.
    """

    def __init__(
        self,
        exiftool: ExifTool,
        *,
        in_place: bool = False,
        naming: SidecarName = SidecarName.APPEND,
        keep_time: bool = False,
        dry_run: bool = False,
    ) -> None:
        self._exiftool = exiftool
        self._in_place = in_place
        self._sidecars = Sidecars(naming)
        self._keep_time = keep_time
        self._dry_run = dry_run

    def write(self, path: Path, moods: Sequence[str]) -> Iterator[Written]:
        """Replace the moods that this package has written into a picture and its sidecars by others.

        Parameters
        ----------
        path : Path
            The picture.
        moods : sequence of str
            The moods; without any, nothing remains of what was written.

        Yields
        ------
        Written
            Each file that was changed.

        Raises
        ------
        InputError
            If a file cannot be read or written; it is then unchanged. Also if the picture is in a library of a
            program that permits no changes.
        """
        with _reported_reading(path):
            if moods:
                check_not_in_library(path)
            picture = self._read_picture(path)
            targets = list(self._targets(picture)) if moods else list(self._recorded_targets(picture))
        for target in targets:
            change = changes(target.keywords, moods, None if target is picture else picture.keywords)
            if change:
                yield self._apply(target, change, path)

    def _targets(self, picture: _Target) -> Iterator[_Target]:
        if self._in_place and picture.file_type in EXTENSIONS:
            yield picture
            yield from (self._read(sidecar) for sidecar in self._sidecars.existing(picture.path))
        else:
            if picture.keywords.is_recorded:
                yield picture  # written with --in-place before, and updated
            yield self._read(self._sidecars.target(picture.path))

    def _recorded_targets(self, picture: _Target) -> Iterator[_Target]:
        for path in (None, *self._sidecars.existing(picture.path)):
            target = picture if path is None else self._read(path)
            if target.keywords.is_recorded:
                yield target

    def _read_picture(self, path: Path) -> _Target:
        """Read the keywords of a picture; one in a format that ExifTool does not know has none."""
        with path.open("rb"):  # raises if it cannot be read
            pass
        try:
            return self._read(path)
        except InputError as error:
            if not any(message in error.what for message in _UNKNOWN_FORMAT):
                raise
            return _Target(path, _status(path), Keywords(), "")

    def _read(self, path: Path) -> _Target:
        status = _status(path)
        if status is None:
            return _Target(path, None, Keywords())
        tags = self._exiftool.read(path, READ_TAGS)
        return _Target(path, status, Keywords.from_tags(tags), str(tags.get("File:FileType", "")))

    def _apply(self, target: _Target, change: Changes, picture: Path) -> Written:
        is_sidecar = target.path != picture
        if is_sidecar and target.file_type != "XMP":
            raise InputError("is not an XMP file", where=names.escape(target.path), hint="remove or rename it")
        if not is_sidecar and target.file_type not in EXTENSIONS:
            raise InputError(f"cannot write into a {target.file_type} file", where=names.escape(target.path))
        written = Written(target.path, change.added_moods, change.removed_moods)
        with tempfile.TemporaryDirectory() as folder:
            content = self._changed_content(target, change, Path(folder), is_sidecar=is_sidecar)
        if self._dry_run:
            return written
        with reported_errors(names.escape(target.path)):
            if _status(target.path) != target.status:
                raise InputError("was changed meanwhile", where=names.escape(target.path), hint="try again")
            if content is None:
                target.path.unlink()
                return written
            self._replace(target, content, keep_time=self._keep_time and not is_sidecar)
        if is_sidecar:
            self._sidecars.add(target.path)
        return written

    def _changed_content(
        self, target: _Target, change: Changes, folder: Path, *, is_sidecar: bool
    ) -> bytes | None:
        """Return the new content of a file, or None if it is a sidecar of this package without anything else."""
        copy = folder / f"copy{'.xmp' if is_sidecar else EXTENSIONS[target.file_type]}"
        former = b""
        if target.status is not None:
            with _reported_reading(target.path):
                former = target.path.read_bytes()
            copy.write_bytes(former)
        is_undone = not any(change.recorded.values())
        try:
            self._exiftool.write(copy, change.assignments(creates=target.status is None))
            if is_undone and target.keywords.created and self._is_empty(copy):
                return None
        except InputError as error:
            raise InputError(error.what, where=names.escape(target.path)) from None
        content = copy.read_bytes()
        if is_sidecar:
            check_xml(content, target.path)
        else:
            _check_image_data(former, content, target)
        return content

    def _is_empty(self, path: Path) -> bool:
        """Return whether a sidecar has no properties, except the name of the program that wrote it."""
        found = self._exiftool.read(path, ["XMP:all"])
        return not any(tag.startswith("XMP-") and not tag.startswith("XMP-x:") for tag in found)

    @staticmethod
    def _replace(target: _Target, content: bytes, *, keep_time: bool) -> None:
        times = target.path.stat() if keep_time else None
        try:
            write_file(target.path, content)
        except InputError as error:
            raise InputError(error.what, where=names.escape(target.path), hint=error.hint) from error
        if times is not None:
            os.utime(target.path, ns=(times.st_atime_ns, times.st_mtime_ns))


def _status(path: Path) -> tuple[int, ...] | None:
    """Return values that differ once a file has been changed, or None if the file does not exist."""
    try:
        status = path.stat()
    except FileNotFoundError:
        return None
    return status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns


def _check_image_data(former: bytes, content: bytes, target: _Target) -> None:
    """Raise if a change of the metadata would change a pixel."""
    try:
        is_same = image_data(former, target.file_type) == image_data(content, target.file_type)
    except ValueError:
        raise InputError(
            "the file is damaged, and is not changed", where=names.escape(target.path), hint="omit --in-place"
        ) from None
    if not is_same:
        raise InputError(
            "ExifTool would change the image data", where=names.escape(target.path), hint="omit --in-place"
        )


@contextmanager
def _reported_reading(path: Path) -> Iterator[None]:
    """Convert each `OSError` of the block to an `InputError` that names the picture."""
    try:
        yield
    except OSError as error:
        raise InputError(f"cannot be read: {first_line(error)}", where=names.escape(path)) from error
