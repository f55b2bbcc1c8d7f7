"""Pictures that were found, as a table, JSON lines, CSV or Parquet."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from imagemood.cli import output
from imagemood.cli.options import Layout

_COLUMNS = {"path": str, "probability": float, "mood": str, "valence": float, "arousal": float}


def _as_table(rows: list[dict[str, Any]]) -> str:
    from rich.markup import escape
    from rich.table import Table

    if not rows:
        return ""
    table = Table(header_style="bold", box=None, pad_edge=False)
    table.add_column("path", overflow="fold")
    table.add_column("probability", justify="right", no_wrap=True)
    table.add_column("", no_wrap=True, style="cyan")
    table.add_column("mood", no_wrap=True)
    for name in ("valence", "arousal"):
        table.add_column(name, justify="right", no_wrap=True)
    for row in rows:
        axes = ["" if row[name] is None else f"{row[name]:+.2f}" for name in ("valence", "arousal")]
        p = row["probability"]
        table.add_row(escape(row["path"]), f"{p:.1%}", output.bar(p), escape(row["mood"]), *axes)
    return output.render(table)


def _as_json(rows: list[dict[str, Any]]) -> str:
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


def _as_rows(kind: str) -> Callable[[list[dict[str, Any]]], bytes]:
    def encode(rows: list[dict[str, Any]]) -> bytes:
        import pyarrow as pa

        from imagemood import tables

        types = {str: pa.string(), float: pa.float64()}
        schema = pa.schema([(name, types[kind]) for name, kind in _COLUMNS.items()])
        return tables.encode(pa.Table.from_pylist(rows, schema), kind)

    return encode


RENDERERS: dict[Layout, Callable[[list[dict[str, Any]]], str | bytes]] = {
    Layout.table: _as_table,
    Layout.json: _as_json,
    Layout.csv: _as_rows("csv"),
    Layout.parquet: _as_rows("parquet"),
}
