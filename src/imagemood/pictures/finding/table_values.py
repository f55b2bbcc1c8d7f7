"""The values of a column: addresses of pictures, or picture files as in the library `datasets` and in others."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urljoin

from imagemood import _extras
from imagemood.errors import InputError, MoodError
from imagemood.pictures.finding.table_readers import reported_errors
from imagemood.pictures.reading import limits, storage, urls

with _extras.needs("tables"):
    import pyarrow as pa
    import pyarrow.types as pt


@dataclass(frozen=True)
class RowPicture:
    """The picture file of a row: its content or its address, or the error of the row."""

    content: bytes | None = None
    address: str = ""
    error: MoodError | None = None

    def read(self) -> bytes:
        """Return the content; raise the error of the row, or that of the file at the address."""
        if self.error is not None:
            raise self.error
        return storage.read(self.address, allow_special=False) if self.content is None else self.content


def holds_files(kind: pa.DataType) -> bool | None:
    """Return whether values of a type are picture files (true) or addresses (false); None for other types.

    Picture files are bytes, or objects with the fields ``bytes`` and ``path``, or lists of one of these.

    Examples
    --------
    >>> holds_files(pa.struct([("bytes", pa.binary()), ("path", pa.string())])), holds_files(pa.string())
    (True, False)
    """
    kind = _plain(kind)
    if pt.is_null(kind) or _is_text(kind):
        return False
    if _is_list(kind):
        return True if holds_files(kind.value_type) else None
    if pt.is_struct(kind):
        fields = {kind.field(i).name: _plain(kind.field(i).type) for i in range(kind.num_fields)}
        has_bytes = "bytes" in fields and (_is_bytes(fields["bytes"]) or pt.is_null(fields["bytes"]))
        has_path = "path" in fields and (_is_text(fields["path"]) or pt.is_null(fields["path"]))
        return True if has_bytes or ("bytes" not in fields and has_path) else None
    return True if _is_bytes(kind) else None


def _plain(kind: pa.DataType) -> pa.DataType:
    """Return the type of the values behind dictionaries, run lengths and extension types."""
    while True:
        if pt.is_dictionary(kind) or pt.is_run_end_encoded(kind):
            kind = kind.value_type
        elif isinstance(kind, pa.BaseExtensionType):
            kind = kind.storage_type
        else:
            return kind


def _is_text(kind: pa.DataType) -> bool:
    return bool(pt.is_string(kind) or pt.is_large_string(kind) or pt.is_string_view(kind))


def _is_bytes(kind: pa.DataType) -> bool:
    is_variable = pt.is_binary(kind) or pt.is_large_binary(kind) or pt.is_binary_view(kind)
    return bool(is_variable or pt.is_fixed_size_binary(kind))


def _is_list(kind: pa.DataType) -> bool:
    is_view = pt.is_list_view(kind) or pt.is_large_list_view(kind)
    return bool(is_view or pt.is_list(kind) or pt.is_large_list(kind) or pt.is_fixed_size_list(kind))


def texts(column: pa.Array) -> Iterator[str]:
    """Yield the addresses in a column; ``""`` for a missing value.

    Bytes that are not UTF-8 become the surrogates that stand for them in local paths.
    """
    if isinstance(column, pa.DictionaryArray):
        # Each value is converted once, because a small file may repeat a long value.
        values = list(texts(column.dictionary))
        yield from ("" if index is None else values[index] for index in column.indices.to_pylist())
        return
    try:
        found = column.to_pylist()
    except UnicodeDecodeError:
        found = [_text(value) for value in column]
    for value in found:
        yield value.decode("utf-8", "surrogateescape") if isinstance(value, bytes) else value or ""


def picture(value: pa.Scalar, name: str, table: str) -> RowPicture:
    """Return the picture file of a row.

    Parameters
    ----------
    value : pyarrow.Scalar
        The value of the column.
    name : str
        The name of the row, for errors.
    table : str
        The address of the table. Relative paths in the value are relative to its folder.
    """
    try:
        with reported_errors(table):
            content, path = _bytes_and_path(_unwrapped(value), name)
    except InputError as error:
        return RowPicture(error=error)
    return RowPicture(content, "" if content is not None else _beside(table, path))


def _unwrapped(value: pa.Scalar) -> pa.Scalar:
    while value.is_valid and isinstance(value, pa.DictionaryScalar | pa.ExtensionScalar | pa.RunEndEncodedScalar):
        value = value.value
    return value


def _bytes_and_path(value: pa.Scalar, name: str) -> tuple[bytes | None, str]:
    if value.is_valid and isinstance(value, pa.ListScalar):
        if len(value) > 1:
            hint = "write one row for each picture"
            raise InputError(f"the row has {len(value)} pictures, not one", where=name, hint=hint)
        if len(value):
            return _bytes_and_path(_unwrapped(value[0]), name)
        raise InputError("the row has no picture", where=name)
    if value.is_valid and isinstance(value, pa.StructScalar):
        fields = {field: _unwrapped(value[field]) for field in ("bytes", "path") if field in value}
        if "bytes" in fields and fields["bytes"].is_valid:
            return _checked(fields["bytes"], name), ""
        path = fields.get("path")
        if address := "" if path is None else _text(path):
            return None, address
    elif value.is_valid:
        return _checked(value, name), ""
    raise InputError("the row has no picture", where=name)


def _checked(value: pa.Scalar, name: str) -> bytes:
    buffer = value.as_buffer()
    limits.check_length(buffer.size, name)
    return bytes(buffer)


def _text(value: pa.Scalar) -> str:
    return bytes(value.as_buffer()).decode("utf-8", "surrogateescape") if value.is_valid else ""


def _beside(table: str, path: str) -> str:
    """Return the address of a file whose path is relative to the folder of a table."""
    if urls.has_scheme(path) or path.startswith("/"):
        return path
    if urls.is_web(table):
        return urljoin(urls.clean(table), path)
    return posixpath.join(posixpath.dirname(table), path)
