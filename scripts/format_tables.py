"""Tables of the file formats for docs/formats.md."""

from __future__ import annotations

from markdown_table import table

from imagemood.tables.compression import COMPRESSIONS
from imagemood.tables.formats import FORMATS


def formats() -> str:
    rows = [
        (
            f"`{name}`",
            ", ".join(f"`{extension}`" for extension in table_format.extensions),
            table_format.description,
        )
        for name, table_format in FORMATS.items()
    ]
    return table(("format", "extensions", ""), rows)


def compressions() -> str:
    *first, last = (f"`{extension}`" for extension in COMPRESSIONS)
    return f"An additional extension {', '.join(first)} or {last} selects compression."
