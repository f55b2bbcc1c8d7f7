"""Reads text tables of labels, whatever their encoding, separator and quotes are."""

from __future__ import annotations

import codecs
import csv
import io
from collections import Counter
from dataclasses import dataclass

import msgspec

from imagemood.errors import TableError

_SEPARATORS = ("\t", ";", ",", "|", " ")
_MIN_CONSISTENCY = 0.9  # of a table that another separator than that of the quotes divides
_UNTERMINATED = "unexpected end of data"  # a message of the csv module
_QUOTES = "\"'"
_MISSING = {"", ".", "-", "na", "n/a", "nan", "null", "none"}


@dataclass(frozen=True)
class Row:
    """One line of a table: its number in the file, from 1, and its fields."""

    number: int
    fields: tuple[str, ...]


@dataclass(frozen=True)
class LabelTable:
    """A text table.

    Attributes
    ----------
    where : str
        The name of the file, for messages.
    rows : list of Row
        The lines that are not empty, including a header.
    """

    where: str
    rows: list[Row]

    def error(self, row: Row, what: str, *, hint: str | None = None) -> TableError:
        """Return the error of a line."""
        return TableError(what, file=f"{self.where}, line {row.number}", hint=hint)


def parse(content: bytes, *, where: str) -> LabelTable:
    r"""Split a table into fields, without the quotes and the white space around them.

    The text is UTF-8, UTF-16 with a byte order mark, or Windows-1252. The separator is the tab, semicolon, comma,
    vertical bar or space that divides the most lines into the same number of fields.

    Raises
    ------
    TableError
        If the content is not text, or has no lines.

    Examples
    --------
    >>> table = parse(b"'','Awe','Sad'\n'a 1.jpg',3,1\n", where="votes.csv")
    >>> [row.fields for row in table.rows]
    [('', 'Awe', 'Sad'), ('a 1.jpg', '3', '1')]
    """
    text = _decode(content)
    if "\0" in text:
        raise TableError("not a text file", file=where)
    if _is_json(text):
        raise TableError("JSON, not a text table", file=where, hint="write CSV with a header such as image,mood")
    candidates, errors = [], []
    for separator in _SEPARATORS:
        try:
            candidates.append(_split(text, separator))
        except csv.Error as error:
            errors.append(str(error))
    rows = max(candidates, key=_consistency)
    if errors and _consistency(rows) < _MIN_CONSISTENCY:
        raise TableError(f"not a table: {errors[0]}", file=where, hint="check the quotes")
    if not rows:
        raise TableError("no rows", file=where)
    return LabelTable(where, rows)


def lines(content: bytes) -> list[str]:
    """Return the lines of a text that are not empty, without quotes and the white space around them."""
    return [text for line in _decode(content).splitlines() if (text := _unquoted(line))]


def number(field: str) -> float | None:
    """Parse a number with a decimal point or a decimal comma; return None if the value is missing.

    Raises
    ------
    ValueError
        If the field is not a finite number.

    Examples
    --------
    >>> number("0,25"), number("(3.5)"), number(" . ")
    (0.25, 3.5, None)
    """
    text = field.strip().strip("()").strip()
    if text.lower() in _MISSING:
        return None
    value = float(text.replace(",", ".") if text.count(",") == 1 and "." not in text else text)
    if value != value or abs(value) == float("inf"):  # noqa: PLR0124 (NaN)
        raise ValueError(field)
    return value


def _decode(content: bytes) -> str:
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return content.decode("utf-16", errors="replace")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252", errors="replace")


def _is_json(text: str) -> bool:
    """Return whether a text is a JSON object or array."""
    try:
        return isinstance(msgspec.json.decode(text), dict | list)
    except (msgspec.DecodeError, RecursionError):
        return False


def _split(text: str, separator: str) -> list[Row]:
    """Return the lines that are not empty; raise `csv.Error` if the quotes do not fit the separator."""
    if separator == " ":  # any number of spaces
        lines = enumerate(io.StringIO(text, newline=""), start=1)
        return [Row(number, tuple(map(_unquoted, line.split()))) for number, line in lines if line.strip()]
    try:
        return _rows(text, separator, strict=True)
    except csv.Error as error:
        if _UNTERMINATED in str(error):
            raise
        return _rows(text, separator, strict=False)  # such as white space after quotes


def _rows(text: str, separator: str, *, strict: bool) -> list[Row]:
    lines = io.StringIO(text, newline="")
    reader = csv.reader(lines, delimiter=separator, skipinitialspace=True, strict=strict)
    return [
        Row(reader.line_num, tuple(map(_unquoted, fields)))
        for fields in reader
        if any(field.strip() for field in fields)
    ]


def _unquoted(field: str) -> str:
    field = field.strip()
    if len(field) >= 2 and field[0] == field[-1] and field[0] in _QUOTES:
        return field[1:-1].strip()
    return field


def _consistency(rows: list[Row]) -> float:
    """Return the share of the lines that have the most frequent number of fields, which is more than one."""
    widths = Counter(len(row.fields) for row in rows)
    return max((n for width, n in widths.items() if width > 1), default=0) / max(1, len(rows))
