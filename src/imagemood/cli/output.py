"""Output of the commands: results to standard output or a file, messages to standard error."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rich.table import Table

    from imagemood.errors import MoodError

_BAR_WIDTH = 20


def report_error(error: MoodError) -> None:
    """Report an input that failed on standard error."""
    _print_message(f"error: {error}")


def warn(message: str) -> None:
    """Print a warning on standard error."""
    _print_message(f"warning: {message}")


def report_interrupt(hint: str | None = None) -> None:
    """Report on standard error that the user has interrupted the command."""
    _print_message(f"interrupted{f' ({hint})' if hint else ''}")


def _print_message(line: str) -> None:
    print(line, file=sys.stderr)  # noqa: T201 (a progress bar redirects print)


def emit(content: str | bytes, file: Path | None) -> None:
    """Write the result of a command to a file, atomically, or to standard output."""
    from imagemood.tables.files import write_bytes

    write_bytes(content.encode() if isinstance(content, str) else content, "-" if file is None else file)


def emit_json(value: Any, file: Path | None) -> None:
    """Write a JSON document."""
    emit(json.dumps(value, indent=2, ensure_ascii=False) + "\n", file)


def as_json(output_format: str | None, file: Path | None) -> bool:
    """Return whether to write JSON: by `--format` if given, otherwise by the extension of the output file."""
    return output_format == "json" or (output_format is None and file is not None and file.suffix == ".json")


def new_table() -> Table:
    """Return a table without columns, in the style of all tables of the command line."""
    from rich.table import Table

    return Table(header_style="bold", box=None, pad_edge=False)


def escape(text: str) -> str:
    """Escape a text for a cell of a table, so that its square brackets are not read as markup."""
    from rich.markup import escape

    return escape(text)


def render(table: Table) -> str:
    """Render a table: in colour and as wide as the terminal, or without colour and as wide as needed in a pipe."""
    from rich.console import Console

    plain = not sys.stdout.isatty()
    console = Console(width=1000 if plain else None, no_color=plain, highlight=False)
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
