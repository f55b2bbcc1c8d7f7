"""Text that spreadsheets would read as formulas."""

from __future__ import annotations

import re

from imagemood.tables.column_table import Column, Columns

# The characters that OWASP names in its article on CSV injection, including the full-width forms.
_FORMULA = re.compile("[=+\\-@\t\r\n\uff1d\uff0b\uff0d\uff20]")


def escape_formulas(table: Columns) -> Columns:
    """Return a table with an apostrophe before each text that a spreadsheet would read as a formula.

    This changes the text: programs other than spreadsheets read the apostrophe as a part of it.

    Examples
    --------
    >>> table = {"image": Column(["=1+1.jpg", "a=1.jpg"], str), "score": Column([-0.5, 0.5], float)}
    >>> escape_formulas(table)["image"].values
    ["'=1+1.jpg", 'a=1.jpg']
    """
    return {
        _escaped(name): Column(list(map(_escaped, column.values)), str) if column.kind is str else column
        for name, column in table.items()
    }


def _escaped(text: str) -> str:
    return f"'{text}" if _FORMULA.match(text) else text
