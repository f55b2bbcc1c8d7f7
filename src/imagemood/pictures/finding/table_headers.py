"""Checks of the encoding and the header of text tables, which explain what a spreadsheet has written."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from imagemood.errors import TableError

UTF_8_HINT = "save the table in UTF-8"
_N_BYTES_OF_UTF_16 = 4  # two characters, of which a byte is null if the text is UTF-16 and they are in ASCII
_SEPARATORS = {";": "semicolons", "\t": "tabs", "|": "vertical bars"}


def check_encoding(text: bytes, file: str) -> None:
    """Raise if a file that begins with `text` is in UTF-16."""
    if b"\0" in text[:_N_BYTES_OF_UTF_16]:
        raise TableError("not valid UTF-8 text", file=file, hint=UTF_8_HINT)


def check_separator(header: str, names: Collection[str], file: str) -> None:
    """Raise if another separator divides a header of one field, so that it has these names, or at least two."""
    for separator, description in _SEPARATORS.items():
        fields = {field.strip().strip('"').lower() for field in header.split(separator)}
        if len(fields) > 1 and len(fields & set(names)) >= min(2, len(names)):
            what = f"the fields are separated by {description}"
            raise TableError(what, file=file, hint="separate them by commas")


def check_unique(columns: Sequence[str], column: str, file: str) -> None:
    """Raise if several columns have this name."""
    count = columns.count(column)
    if count > 1:
        raise TableError(f"{count} columns are called '{column}'", file=file, hint="rename the others")
