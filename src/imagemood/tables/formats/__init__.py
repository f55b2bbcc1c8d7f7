"""The file formats of tables. To add a format, add a module here that defines `FORMAT`.

The command line takes its choices from here when it starts, so that the modules import pyarrow only when it is
used.
"""

from __future__ import annotations

from importlib import import_module
from pkgutil import iter_modules

from imagemood.tables.table_format import TableFormat

FORMATS: dict[str, TableFormat] = {
    module.FORMAT.name: module.FORMAT
    for module in (import_module(f"{__name__}.{found.name}") for found in iter_modules(__path__))
}
"""The formats, by name in alphabetical order."""

TABLE_FORMATS = [name for name, table_format in FORMATS.items() if table_format.holds_any_table]
"""The names of the formats that can hold other tables than tag rows."""
