"""Tables as lists of values, which need no library, and their conversion from and to Arrow."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from imagemood import _extras

if TYPE_CHECKING:
    import pyarrow as pa


class Column(NamedTuple):
    """A column of a table.

    Attributes
    ----------
    values : list or ndarray
        The values. Missing ones are None, in lists only.
    kind : type
        ``str``, ``int`` or ``float``.
    """

    values: list[Any] | NDArray[Any]
    kind: type

    def to_list(self) -> list[Any]:
        """Return the values as objects of Python."""
        return list(self.values.tolist()) if isinstance(self.values, np.ndarray) else self.values


Columns = Mapping[str, Column]
"""A table: its columns by name, all of the same length."""


def columns_of(table: Columns | pa.Table) -> Columns:
    """Return the columns of a table, which may be one of Arrow.

    Examples
    --------
    >>> import pyarrow as pa
    >>> columns_of(pa.table({"tag": ["cat"]}))
    {'tag': Column(values=['cat'], kind=<class 'str'>)}
    """
    if isinstance(table, Mapping):
        return table
    import pyarrow as pa  # noqa: PLC0415 (the table shows that it is installed)

    def kind(column: pa.ChunkedArray) -> type:
        if pa.types.is_integer(column.type):
            return int
        return float if pa.types.is_floating(column.type) else str

    return {
        name: Column(column.to_pylist(), kind(column))
        for name, column in zip(table.column_names, table.columns, strict=True)
    }


def to_arrow(table: Columns | pa.Table) -> pa.Table:
    """Return a table of Arrow.

    Examples
    --------
    >>> to_arrow({"tag": Column(["cat"], str), "score": Column([None], float)}).schema
    tag: string
    score: double
    """
    if not isinstance(table, Mapping):
        return table
    with _extras.needs("tables"):
        import pyarrow as pa  # noqa: PLC0415 (slow to import)
    types = {str: pa.string(), int: pa.int64(), float: pa.float64()}
    return pa.table(
        {
            name: pa.array(column.values, None if isinstance(column.values, np.ndarray) else types[column.kind])
            for name, column in table.items()
        }
    )
