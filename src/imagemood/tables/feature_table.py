"""Tables of visual features: a row for each picture, a column for each feature."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from imagemood import _extras
from imagemood.errors import InputError, TableError, VocabularyError, first_line
from imagemood.pictures.finding.table_headers import check_encoding, check_separator, check_unique
from imagemood.tables.column_table import Column, Columns
from imagemood.tables.files import name_of, read_table
from imagemood.tables.formats import FORMATS, TABLE_FORMATS

if TYPE_CHECKING:
    import pyarrow as pa

_HINT = "the table needs a column image, and a column of numbers for each feature"


@dataclass(frozen=True, eq=False)
class FeatureTable:
    """Visual features of pictures."""

    images: list[str]
    names: tuple[str, ...]  # of the features
    values: NDArray[np.float32]  # shape (n_images, n_features)
    name: str = "features"  # of the table, in error messages

    def rows_of(self, images: Sequence[int] | Sequence[str]) -> NDArray[np.float32]:
        """Return the features of these pictures, in this order; raise `VocabularyError` if a picture has none.

        Examples
        --------
        >>> table = FeatureTable(["a", "b"], ("pleasure",), np.float32([[0.25], [0.5]]))
        >>> table.rows_of(["b"]).tolist()
        [[0.5]]
        """
        row = {image: i for i, image in enumerate(self.images)}
        missing = [str(image) for image in images if str(image) not in row]
        if missing:
            raise VocabularyError(
                f"no features for {len(missing)} of {len(images)} pictures, such as '{missing[0]}'",
                where=self.name,
            )
        return self.values[[row[str(image)] for image in images]]

    def to_columns(self) -> Columns:
        """Return the column ``image`` and a float32 column for each feature."""
        columns = {name: Column(self.values[:, i], float) for i, name in enumerate(self.names)}
        return {"image": Column(self.images, str), **columns}


def read_features(source: str | Path) -> FeatureTable:
    """Read a table of features from a file, or as CSV from standard input for ``-``.

    `TableError` is raised if a picture has two rows, or a value is not a finite number. The extra ``tables`` is
    needed.
    """
    with _extras.needs("tables"):
        import pyarrow as pa  # noqa: PLC0415 (slow to import)
    name = name_of(source)
    table, columns = _decode(*read_table(source, formats=TABLE_FORMATS), name)
    if len(columns) == 1:
        check_separator(columns[0], {"image"}, name)
    if len(set(columns)) < len(columns):
        for column in columns:
            check_unique(columns, column, name)
    if "image" not in columns or len(columns) < 2:
        raise TableError("not a table of features", file=name, hint=_HINT)
    if table.num_rows == 0:
        raise TableError("no rows", file=name)
    images = table["image"].cast(pa.string()).to_pylist()
    _check_images(images, name)
    names = tuple(column for column in columns if column != "image")
    values = np.stack([_numbers(table[column], column, name) for column in names], axis=1)
    return FeatureTable(images, names, values, name)


def _decode(data: bytes, format_name: str, name: str) -> tuple[pa.Table, list[str]]:
    """Return the table and the names of its columns."""
    import pyarrow as pa  # noqa: PLC0415

    decode_table = FORMATS[format_name].decode_table
    if decode_table is None:
        raise InputError(f"{format_name} can hold only tag rows, not features", where=name)
    check_encoding(data, name)
    try:
        table = decode_table(data)
        return table, table.column_names  # which fails if a name is not valid UTF-8
    except (pa.ArrowException, OSError, UnicodeDecodeError) as error:
        raise TableError(f"not a table of features: {first_line(error)}", file=name, hint=_HINT) from error


def _check_images(images: list[str | None], name: str) -> None:
    seen: set[str] = set()
    for row, image in enumerate(images, start=1):
        if image is None or image in seen:
            what = "missing value" if image is None else f"'{image}' has two rows"
            raise TableError(what, file=name, row=row, field="image")
        seen.add(image)


def _numbers(column: pa.ChunkedArray, field: str, name: str) -> NDArray[np.float32]:
    import pyarrow as pa  # noqa: PLC0415

    try:
        numbers = column.cast(pa.float64())
    except pa.ArrowException:
        for row, value in enumerate(column.to_pylist(), start=1):
            try:
                float(value)
            except (TypeError, ValueError):
                raise TableError(f"{value!r} is not a number", file=name, row=row, field=field) from None
        raise TableError("expected numbers", file=name, field=field) from None
    with np.errstate(over="ignore"):  # numbers that are too large become infinite
        values: NDArray[np.float32] = numbers.to_numpy().astype(np.float32)
    invalid = ~np.isfinite(values)  # missing numbers are NaN
    if invalid.any():
        raise TableError("not a finite number", file=name, row=int(invalid.argmax()) + 1, field=field)
    return values
