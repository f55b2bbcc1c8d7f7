"""Tables of the file formats for docs/formats.md."""

from __future__ import annotations

from imagemood.tables.compression import COMPRESSIONS
from imagemood.tables.formats import FORMATS


def formats() -> str:
    rows = ["| format | extensions | |", "|---|---|---|"]
    for name, table_format in FORMATS.items():
        extensions = ", ".join(f"`{extension}`" for extension in table_format.extensions)
        rows.append(f"| `{name}` | {extensions} | {table_format.description} |")
    return "\n".join(rows)


def compressions() -> str:
    *first, last = (f"`{extension}`" for extension in COMPRESSIONS)
    return f"An additional extension {', '.join(first)} or {last} selects compression."
