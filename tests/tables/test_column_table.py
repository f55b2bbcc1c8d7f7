from __future__ import annotations

import sys

import numpy as np
import pyarrow as pa
import pytest

from imagemood.errors import MissingExtraError
from imagemood.tables.column_table import Column, columns_of, to_arrow

TABLE = {
    "image": Column(["a.jpg", None], str),
    "number": Column([7, 8], int),
    "score": Column([0.5, None], float),
    "feature": Column(np.array([0.25, 1], dtype=np.float32), float),
}


def test_types_in_arrow():
    table = to_arrow(TABLE)
    assert [str(field.type) for field in table.schema] == ["string", "int64", "double", "float"]
    assert table.to_pydict() == {name: column.to_list() for name, column in TABLE.items()}
    assert to_arrow(table) is table


def test_a_table_of_arrow_comes_back():
    back = columns_of(to_arrow(TABLE))
    assert {name: (column.to_list(), column.kind) for name, column in back.items()} == {
        name: (column.to_list(), column.kind) for name, column in TABLE.items()
    }
    assert columns_of(TABLE) is TABLE


def test_columns_without_rows_keep_their_types():
    table = to_arrow({"image": Column([], str), "score": Column([], float)})
    assert table.schema == pa.schema([("image", pa.string()), ("score", pa.float64())])


def test_without_pyarrow(monkeypatch):
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(MissingExtraError, match=r"^pyarrow is not installed .*\[tables\]"):
        to_arrow(TABLE)
