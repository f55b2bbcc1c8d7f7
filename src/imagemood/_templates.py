"""Templates of HTML pages, in which all values are escaped."""

from __future__ import annotations

from importlib.resources import files
from typing import TYPE_CHECKING

from imagemood import _extras
from imagemood._text import printable, short_label

if TYPE_CHECKING:
    from jinja2 import Template


def load_template(package: str, name: str, *, extra: str) -> Template:
    """Return the Jinja template in a file of a package; Jinja belongs to an extra."""
    with _extras.needs(extra):
        import jinja2  # noqa: PLC0415 (only pages need it)
    environment = jinja2.Environment(
        autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters.update(label=short_label, printable=lambda text: printable(str(text)))
    return environment.from_string((files(package) / name).read_text("utf-8"))
