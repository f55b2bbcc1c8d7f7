"""The files of a bundle for people: the description and the icon for the catalogue, and the licence."""

from __future__ import annotations

import io
import json
import os
from pathlib import Path

from imagemood.errors import InputError, first_line

DESCRIPTION = "description.md"
"""Name of the file with the description, as text or Markdown."""
ICON = "icon"
"""Name of the icon, without the extension of its format."""
_ICON_FORMATS = {"PNG": ".png", "JPEG": ".jpg", "GIF": ".gif"}
_MAX_ICON_BYTES = 1_000_000


def catalogue_files(description: str | None, icon: str | Path | None) -> dict[str, bytes]:
    r"""Return the contents of the files for the catalogue by their names.

    Parameters
    ----------
    description : str, optional
        Path of a text file, or the text itself.
    icon : str or Path, optional
        Path of a PNG, JPEG or GIF file.

    Raises
    ------
    InputError
        If a file cannot be read, or the icon is not a picture of these formats.

    Examples
    --------
    >>> catalogue_files("Classifies photos by mood.", None)
    {'description.md': b'Classifies photos by mood.\n'}
    """
    files = {}
    if description is not None:
        text = read_text(description)[0].strip()
        if not text:
            raise InputError("the description is empty")
        files[DESCRIPTION] = f"{text}\n".encode()
    if icon is not None:
        content = _read(Path(icon))
        files[ICON + _icon_extension(content, str(icon))] = content
    return files


def catalogue_names(bundle: Path) -> list[str]:
    """Return the names of the files for the catalogue that a bundle has."""
    names = (DESCRIPTION, *(ICON + extension for extension in _ICON_FORMATS.values()))
    return [name for name in names if (bundle / name).exists()]


def license_file(path_or_text: str) -> bytes:
    """Return the content of license.json: a JSON file as it is, other text as a JSON object."""
    text, extension = read_text(path_or_text)
    return (text if extension == ".json" else json.dumps({"license": text}) + "\n").encode()


def read_text(path_or_text: str) -> tuple[str, str]:
    """Return the content of the file with this path and its extension; if there is none, return the argument."""
    try:
        is_file = os.path.isfile(path_or_text)  # noqa: PTH113 (Path.is_file raises for long texts)
    except ValueError:  # a null character
        is_file = False
    if not is_file:
        return path_or_text, ""
    path = Path(path_or_text)
    try:
        return _read(path).decode("utf-8-sig"), path.suffix
    except UnicodeDecodeError as error:
        raise InputError("not a text file in UTF-8", where=path_or_text) from error


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except (OSError, ValueError) as error:
        raise InputError(f"cannot be read: {first_line(error)}", where=str(path)) from error


def _icon_extension(content: bytes, name: str) -> str:
    """Return the file name extension for the format of an icon; raise `InputError` if it cannot be used."""
    import PIL.Image  # noqa: PLC0415 (rarely needed)

    if len(content) > _MAX_ICON_BYTES:
        raise InputError(f"the icon has more than {_MAX_ICON_BYTES:,} bytes", where=name, hint="reduce its size")
    try:
        with PIL.Image.open(io.BytesIO(content), formats=tuple(_ICON_FORMATS)) as picture:
            picture.load()
            return _ICON_FORMATS[str(picture.format)]
    except (OSError, ValueError, SyntaxError, PIL.Image.DecompressionBombError) as error:
        raise InputError("not a PNG, JPEG or GIF picture", where=name, hint="choose another icon") from error
