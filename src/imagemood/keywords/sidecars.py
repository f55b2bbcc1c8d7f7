"""The names of XMP sidecars: ``IMG.jpg.xmp``, as in darktable and digiKam, or ``IMG.xmp``, as in Lightroom."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from xml.parsers.expat import ExpatError, ParserCreate

from imagemood.errors import InputError
from imagemood.pictures import names

_EXTENSION = ".xmp"


def check_xml(content: bytes, path: Path) -> None:
    """Raise if the content of a sidecar is not well-formed XML.

    ExifTool writes UTF-8, but copies the text of a sidecar in another encoding, and its own entities, as they are.
    """
    try:
        ParserCreate().Parse(content, True)
    except ExpatError as error:
        raise InputError(
            "ExifTool would make it invalid, because its text is not in UTF-8 or uses entities of its own",
            where=names.escape(path),
            hint="save it as UTF-8",
        ) from error


class SidecarName(StrEnum):
    """How the name of a sidecar follows from that of its picture."""

    APPEND = "append"
    REPLACE = "replace"


class Sidecars:
    """Finds the sidecars of pictures; it lists each folder once.

    Parameters
    ----------
    naming : SidecarName
        The name of a new sidecar.

    Examples
    --------
    >>> import tempfile
    >>> folder = Path(tempfile.mkdtemp())
    >>> (folder / "IMG.jpg").touch()
    >>> Sidecars().target(folder / "IMG.jpg").name
    'IMG.jpg.xmp'
    >>> (folder / "IMG.xmp").touch()
    >>> Sidecars().target(folder / "IMG.jpg").name
    'IMG.xmp'
    """

    def __init__(self, naming: SidecarName = SidecarName.APPEND) -> None:
        self._naming = naming
        self._folders: dict[Path, dict[str, list[str]]] = {}

    def existing(self, picture: Path) -> list[Path]:
        """Return the sidecars of a picture that exist; ``IMG.xmp`` only if it cannot be that of another file."""
        found = self._files(picture.parent)
        appended = [
            name
            for name in found[(picture.name + _EXTENSION).lower()]
            if name.startswith(picture.name) or name[: -len(_EXTENSION)] not in found[picture.name.lower()]
        ]
        replaced = [] if self._sharing(picture) else found[(picture.stem + _EXTENSION).lower()]
        found_paths = [picture.parent / name for name in (*appended, *replaced)]
        return [path for path in found_paths if path.is_file()]

    def target(self, picture: Path) -> Path:
        """Return the sidecar to write: an existing one, or else a new one.

        Raises
        ------
        InputError
            If the name of the new sidecar would also be that of another file.
        """
        existing = self.existing(picture)
        new = picture.with_name(picture.name + _EXTENSION)
        if self._naming == SidecarName.REPLACE:
            new = picture.with_name(picture.stem + _EXTENSION)
        if existing:
            return next((path for path in existing if path.name.lower() == new.name.lower()), existing[0])
        others = self._sharing(picture)
        if others and self._naming == SidecarName.REPLACE:
            raise InputError(
                f"{names.escape(new.name)} would also be the sidecar of {names.escape(others[0])}",
                where=names.escape(picture),
                hint="use --sidecar-name append",
            )
        return new

    def add(self, sidecar: Path) -> None:
        """Take a new sidecar into account."""
        found = self._files(sidecar.parent)[sidecar.name.lower()]
        if sidecar.name not in found:
            found.append(sidecar.name)

    def _sharing(self, picture: Path) -> Sequence[str]:
        """Return the other files whose names differ from that of a picture only in the extension."""
        stem = picture.stem.lower()
        return [name for name in self._files(picture.parent)[f"{stem}.*"] if name != picture.name]

    def _files(self, folder: Path) -> dict[str, list[str]]:
        """Map each name in lower case, and ``stem.*`` for the stem of each other file than sidecars, to names."""
        if folder not in self._folders:
            found: dict[str, list[str]] = defaultdict(list)
            for path in sorted(folder.iterdir()):
                found[path.name.lower()].append(path.name)
                if path.suffix.lower() != _EXTENSION:
                    found[f"{path.stem.lower()}.*"].append(path.name)
            self._folders = {folder: found}  # only the latest, since pictures come folder by folder
        return self._folders[folder]
