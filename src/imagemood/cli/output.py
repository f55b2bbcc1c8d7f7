"""Output of the commands: results to standard output or a file, messages to standard error."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from imagemood import _streams
from imagemood._text import printable, to_json, valid_unicode

if TYPE_CHECKING:
    from rich.table import Table
    from rich.text import Text

    from imagemood.errors import MoodError

BAR = ""
"""The header of columns of bars."""
_BAR_WIDTH = 20
_MIN_TABLE_WIDTH = 60
_UNLIMITED_WIDTH = 1_000_000


def report_error(error: MoodError) -> None:
    """Report an input that failed on standard error."""
    _streams.print_message(f"error: {error}")


def warn(message: str) -> None:
    """Print a warning on standard error."""
    _streams.print_message(f"warning: {message}")


def inform(message: str) -> None:
    """Print a message on standard error."""
    _streams.print_message(message)


def report_skipped(message: str) -> None:
    """Report skipped files and folders on standard error."""
    _streams.print_message(f"skipped: {message}")


def report_interrupt(hint: str | None = None) -> None:
    """Report on standard error that the user has interrupted the command."""
    _streams.print_message(f"interrupted{f' ({hint})' if hint else ''}")


def emit(content: str | bytes, file: Path | None) -> None:
    """Write the result of a command to a file, atomically, or to standard output.

    Text for people has the encoding of standard output, or UTF-8 in a file. Bytes are written as they are.
    """
    from imagemood.tables.files import write_bytes

    if isinstance(content, str):
        content = _streams.encode_for_output(content) if file is None else valid_unicode(content).encode()
    write_bytes(content, "-" if file is None else file)


def emit_json(value: Any, file: Path | None) -> None:
    """Write a JSON document, in UTF-8."""
    emit((to_json(value, indent=2) + "\n").encode(), file)


def new_table() -> Table:
    """Return a table without columns, in the style of all tables of the command line."""
    from rich.table import Table

    return Table(header_style="bold", box=None, pad_edge=False)


def cell(text: str) -> Text:
    """Return a cell of a table that shows a text as it is, with escapes for control characters."""
    from rich.text import Text

    return Text(printable(text))


def render(table: Table, file: Path | None = None) -> str:
    """Render a table: in colour and as wide as the terminal, or plain and as wide as needed in a pipe or file.

    A table that does not fit into the terminal has no bars, and very narrow terminals wrap its lines, so that no
    text is lost.
    """
    from rich.console import Console
    from rich.measure import Measurement

    plain = file is not None or not sys.stdout.isatty()
    if plain:
        console = Console(width=_UNLIMITED_WIDTH, no_color=True, force_terminal=False, highlight=False)
    else:
        console = Console(highlight=False)
        unlimited = console.options.update(width=_UNLIMITED_WIDTH)
        if Measurement.get(console, unlimited, table).maximum > console.width:
            columns = (column for column in table.columns if column.header != BAR)
            table.columns = [replace(column, _index=index) for index, column in enumerate(columns)]
        console.width = max(console.width, _MIN_TABLE_WIDTH)
    with console.capture() as capture:
        console.print(table)
    return "".join(line.rstrip() + "\n" for line in capture.get().splitlines())


def probability_cells(probability: float) -> tuple[str, str]:
    """Return the cells of a table that show a probability: as a percentage and as a bar."""
    return f"{probability:.1%}", "█" * round(probability * _BAR_WIDTH)


@contextmanager
def progress(description: str, unit: str | None = None) -> Iterator[Callable[[int, int], None]]:
    """Show a progress bar if standard error is a terminal; with a unit, also the count and the rate per second."""
    if not sys.stderr.isatty():
        yield lambda done, total: None
        return
    from rich.console import Console
    from rich.progress import Progress, TextColumn

    columns = [*Progress.get_default_columns(), TextColumn("{task.fields[count]}")]
    with Progress(*columns, console=Console(stderr=True), transient=True) as display:
        task = display.add_task(description, total=None, count="")

        def update(done: int, total: int) -> None:
            rate = f", {display.tasks[0].speed:,.0f}/s" if display.tasks[0].speed else ""
            count = f"{done:,} of {total:,} {unit}{rate}" if unit else ""
            display.update(task, completed=done, total=total, count=count)

        yield update
