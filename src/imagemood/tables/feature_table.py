"""Tables of features: a row for each image, a column for each feature."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pa_csv
import pyarrow.json as pa_json
from numpy.typing import NDArray

from imagemood.errors import InputError, TagFileError, VocabularyError, first_line
from imagemood.tables.files import format_of, read_bytes, read_parquet

_HINT = "it needs a column image and a column of numbers for each feature"


@dataclass(frozen=True, eq=False)
class FeatureTable:
    """Features of some images.

    Attributes
    ----------
    images : list of str
        The images.
    names : tuple of str
        The features.
    values : ndarray of shape (n_images, n_features), float32
        Their values.
    name : str
        What to call the table in error messages.
    """

    images: list[str]
    names: tuple[str, ...]
    values: NDArray[np.float32]
    name: str = "features"

    def rows_of(self, images: Sequence[int] | Sequence[str]) -> NDArray[np.float32]:
        """Choose images.

        Parameters
        ----------
        images : sequence of int or of str
            Which.

        Returns
        -------
        ndarray of shape (len(images), n_features), float32
            Their features, in this order.

        Raises
        ------
        VocabularyError
            If one of them is not there.

        Examples
        --------
        >>> table = FeatureTable(["a", "b"], ("pleasure",), np.float32([[0.25], [0.5]]))
        >>> table.rows_of(["b"]).tolist()
        [[0.5]]
        """
        place = {image: i for i, image in enumerate(self.images)}
        missing = [str(image) for image in images if str(image) not in place]
        if missing:
            raise VocabularyError(
                f"has no features of {len(missing)} images, such as '{missing[0]}'", where=self.name
            )
        return self.values[[place[str(image)] for image in images]]

    def to_arrow(self) -> pa.Table:
        """Give the table to write it.

        Returns
        -------
        pyarrow.Table
            Column ``image``, then a float32 column for each feature.
        """
        columns = {name: pa.array(self.values[:, i]) for i, name in enumerate(self.names)}
        return pa.table({"image": pa.array(self.images, pa.string()), **columns})


def read_features(source: str | Path) -> FeatureTable:
    """Read a table of features.

    Parameters
    ----------
    source : str or Path
        A CSV (with a header), JSON-lines or Parquet file, compressed or not; ``-`` is CSV on standard input.

    Returns
    -------
    FeatureTable
        In the order of the file.

    Raises
    ------
    TagFileError
        If the file is no such table, has no rows, names an image twice or holds what is no finite number.
    InputError
        If its format is not known or cannot hold features.
    """
    name = "standard input" if str(source) == "-" else str(source)
    kind = format_of(source)
    if kind == "protobuf":
        raise InputError("protobuf holds rows of tags, not features", where=name)
    table = _parse(read_bytes(source), kind, name)
    if "image" not in table.column_names or table.num_columns < 2:
        raise TagFileError("is no table of features", file=name, hint=_HINT)
    if table.num_rows == 0:
        raise TagFileError("has no rows", file=name)
    images = table["image"].cast(pa.string()).to_pylist()
    seen: set[str] = set()
    for row, image in enumerate(images, start=1):
        if image is None or image in seen:
            reason = "is missing" if image is None else f"'{image}' has a row already"
            raise TagFileError(reason, file=name, row=row, field="image")
        seen.add(image)
    names = tuple(column for column in table.column_names if column != "image")
    values = np.stack([_numbers(table[column], column, name) for column in names], axis=1)
    return FeatureTable(images, names, values, name)


def _parse(data: bytes, kind: str, name: str) -> pa.Table:
    reader = pa.BufferReader(data.removeprefix(b"\xef\xbb\xbf"))
    try:
        if kind == "parquet":
            return read_parquet(data)
        if kind == "jsonl":
            return pa_json.read_json(reader)
        text = pa_csv.ConvertOptions(column_types={"image": pa.string()})
        return pa_csv.read_csv(reader, convert_options=text)
    except (pa.ArrowException, OSError) as error:
        raise TagFileError(f"is no table of features: {first_line(error)}", file=name, hint=_HINT) from error


def _numbers(column: pa.ChunkedArray, field: str, name: str) -> NDArray[np.float32]:
    try:
        numbers = column.cast(pa.float64())
    except pa.ArrowException:
        for row, value in enumerate(column.to_pylist(), start=1):
            try:
                float(value)
            except (TypeError, ValueError):
                raise TagFileError(f"is {value!r}, not a number", file=name, row=row, field=field) from None
        raise TagFileError("holds no numbers", file=name, field=field) from None
    wrong = pc.invert(pc.is_finite(numbers).fill_null(False)).to_numpy()
    if wrong.any():
        raise TagFileError("is no finite number", file=name, row=int(wrong.argmax()) + 1, field=field)
    values: NDArray[np.float32] = numbers.to_numpy().astype(np.float32)
    return values
