"""Results as tables: one row for each result, in pandas, Polars or PyArrow."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterable
from typing import Any, Literal

from imagemood._extras import needs
from imagemood.errors import InputError, MissingPackageError
from imagemood.prediction.records import column_names, to_record
from imagemood.prediction.result import Result, check_result

Backend = Literal["pandas", "polars", "pyarrow"]
BACKENDS: tuple[Backend, ...] = ("pandas", "polars", "pyarrow")
"""The libraries of tables, in the order of preference."""
_TEXT_COLUMNS = frozenset(["image", "mood", "error"])


def to_dataframe(results: Iterable[Result] | Result, *, tags: int = 0, backend: str | None = None) -> Any:
    """Return the results as a table with one row for each, in the same order.

    Parameters
    ----------
    results : iterable of Result, or Result
        The results, or a single one.
    tags : int
        Number of highest-scoring tags to include, in the columns ``tag_1``, ``score_1``, ``tag_2`` and so on.
    backend : {"pandas", "polars", "pyarrow"}, optional
        The library of the table. Defaults to the first of them that is installed.

    Returns
    -------
    pandas.DataFrame, polars.DataFrame or pyarrow.Table
        The columns ``image``, ``mood``, ``probability``, the probability of each mood, ``valence``, ``arousal``,
        the tags, and ``error``. Cells without a value are null: ``error`` if there is none, and the others if
        the picture could not be classified.

    Raises
    ------
    MissingPackageError, MissingExtraError
        If the library or the extra ``dataframes`` is not installed.
    InputError
        If the library is unknown, a value is not a result, a mood has the name of another column, or the tags were
        not computed.

    Examples
    --------
    >>> from imagemood import classify_many
    >>> from imagemood.pictures import samples
    >>> pictures = [samples.all_samples()[0].path, None]
    >>> table = to_dataframe(classify_many(pictures), backend="pandas")
    >>> table.shape, table.error.tolist()[1]
    ((2, 14), 'the picture is missing')
    """
    library = _choose(backend)
    rows = _as_list(results)
    columns = column_names(rows, tags)
    records = [to_record(result, tags) for result in rows]

    with needs("dataframes"):
        import narwhals as nw  # noqa: PLC0415 (optional, and slow to import)

    data = {name: [record.get(name) for record in records] for name in columns}
    schema = {name: nw.String() if _is_text(name) else nw.Float64() for name in columns}
    return nw.from_dict(data, schema, backend=library).to_native()


def _as_list(results: Iterable[Result] | Result) -> list[Result]:
    if not isinstance(results, Iterable):
        check_result(results)
        return [results]
    rows = list(results)
    for position, row in enumerate(rows):
        check_result(row, f"results[{position}]")
    return rows


def _is_text(column: str) -> bool:
    return column in _TEXT_COLUMNS or column.startswith("tag_")


def _choose(backend: str | None) -> Backend:
    """Return the name of the library to use, which is installed."""
    if backend is not None and backend not in BACKENDS:
        raise InputError(f"unknown backend '{backend}'", hint=f"use {', '.join(BACKENDS)}")
    for name in BACKENDS:
        if backend in (None, name) and importlib.util.find_spec(name) is not None:
            return name
    raise MissingPackageError(backend or BACKENDS[0])
