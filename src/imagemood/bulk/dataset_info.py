"""The description of a dataset, and the summary of its rows."""

from __future__ import annotations

import os
from dataclasses import dataclass

import msgspec

from imagemood.errors import InputError
from imagemood.pictures.reading import addresses
from imagemood.tables.json_schema import SchemaError, decode_document

_FORMAT = 1
_HINT = "give another folder"
_DAMAGE_HINT = "remove this file and run imagemood bulk again, or give another folder"


class DatasetInfo(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The description of a dataset, which is stored in it as JSON.

    Attributes
    ----------
    format : int
        The version of this description.
    source, column : str, str or None
        The source of the pictures, as a name of `imagemood.pictures.names`, and its column if it is a table.
    names_are_rows : bool
        Whether the names of the pictures are those of rows in a table of picture files, not paths; ``holds_files``
        in JSON.
    folder : str
        The escaped path of the folder against which relative paths are resolved.
    labels : list of str
        The moods.
    model : str
        The hash of the models.
    options : dict
        The options that affect the rows.
    n_pictures, n_files : int
        The number of pictures, and of the files for their rows, of a complete dataset.
    """

    format: int = _FORMAT
    source: str
    column: str | None
    names_are_rows: bool = msgspec.field(name="holds_files")
    folder: str
    labels: list[str]
    model: str
    options: dict[str, int | bool | None]
    n_pictures: int
    n_files: int

    @property
    def absolute_source(self) -> str:
        """The source as a URL, or as an absolute path."""
        if "://" in self.source:
            return self.source
        return os.path.normpath(addresses.absolute(self.folder, self.source))

    def to_json(self) -> bytes:
        """Return the content of the file that describes the dataset."""
        return msgspec.json.format(msgspec.json.encode(self), indent=1) + b"\n"


class _Versioned(msgspec.Struct):
    format: int


def parse_info(content: bytes, where: str) -> DatasetInfo:
    """Read the file that describes a dataset; raise `InputError` if it is damaged or of a later format."""
    try:
        version = decode_document(content, _Versioned).format
        if version != _FORMAT:
            raise InputError(f"unsupported format {version}, not {_FORMAT}", where=where, hint=_HINT)
        return decode_document(content, DatasetInfo)
    except SchemaError as error:
        place = where if error.field is None else f"{where}, field '{error.field}'"
        raise InputError(error.what, where=place, hint=_DAMAGE_HINT) from None


@dataclass(frozen=True)
class Summary:
    """The counts of the rows of a dataset.

    Attributes
    ----------
    n : int
        Number of pictures.
    moods : dict of str to int
        Number of pictures for each most probable mood, the most frequent mood first.
    errors : dict of str to int
        Number of pictures that failed for each kind of error, the most frequent kind first.
    examples : dict of str to str
        The name of one picture for each kind of error.
    """

    n: int
    moods: dict[str, int]
    errors: dict[str, int]
    examples: dict[str, str]

    @property
    def n_failed(self) -> int:
        """Number of pictures that failed."""
        return sum(self.errors.values())
