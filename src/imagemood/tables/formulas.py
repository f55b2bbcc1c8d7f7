"""Text that spreadsheets would read as formulas."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

# The characters that OWASP names in its article on CSV injection, including the full-width forms.
_FORMULA = "^([=+\\-@\t\r\n\uff1d\uff0b\uff0d\uff20])"


def escape_formulas(table: pa.Table) -> pa.Table:
    """Return a table with an apostrophe before each text that a spreadsheet would read as a formula.

    This changes the text: programs other than spreadsheets read the apostrophe as a part of it.

    Examples
    --------
    >>> escape_formulas(pa.table({"image": ["=1+1.jpg", "a=1.jpg"], "score": [-0.5, 0.5]})).to_pydict()
    {'image': ["'=1+1.jpg", 'a=1.jpg'], 'score': [-0.5, 0.5]}
    """
    for index, field in enumerate(table.schema):
        if pa.types.is_string(field.type):
            escaped = pc.replace_substring_regex(table[index], _FORMULA, "'\\1")
            table = table.set_column(index, field, escaped)
    names = [pc.replace_substring_regex(name, _FORMULA, "'\\1").as_py() for name in table.column_names]
    return table.rename_columns(names)
