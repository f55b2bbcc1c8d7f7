"""The command `bulk`."""

from __future__ import annotations

import re
import sys
from contextlib import contextmanager, redirect_stdout
from dataclasses import asdict
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from imagemood._interrupts import exit_immediately, handlers_kept
from imagemood._text import printable
from imagemood.cli import options, output
from imagemood.cli.exit_codes import exit_code
from imagemood.cli.option_groups import ModelOptions
from imagemood.cli.options import SummaryFormat
from imagemood.cli.pictures import FolderSearch
from imagemood.errors import InputError, MoodError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from imagemood.bulk.dataset_info import Summary


class Engine(StrEnum):
    """The engines that can distribute the work."""

    local = "local"
    ray = "ray"


_MAX_ERROR_KINDS = 20


def bulk(
    source: Annotated[
        str,
        typer.Argument(
            help="Folder, glob pattern, or table (Parquet, Arrow, CSV, JSON lines): a path, s3://, gs://, az:// or https://.",
            show_default=False,
            callback=options.check_not_standard_input,
        ),
    ],
    target: Annotated[
        str,
        typer.Option(
            "-o",
            "--output",
            help="Folder for the Parquet files, local or in an object store.",
            metavar="FOLDER",
            show_default=False,
        ),
    ],
    *,
    column: options.Column = None,
    folders: FolderSearch,
    tags: Annotated[int, typer.Option(min=0, help="Store the N strongest tags of each picture.", metavar="N")] = 0,
    embedding: Annotated[
        bool, typer.Option("--embedding", help="Store the network's embedding of each picture.")
    ] = False,
    features: Annotated[
        bool, typer.Option("--features", help="Store the visual features of each picture.")
    ] = False,
    limit: Annotated[
        int | None,
        typer.Option(min=1, help="Classify only the first N pictures.", metavar="N", show_default=False),
    ] = None,
    shard: Annotated[
        str | None,
        typer.Option(
            help="Process share I of N, when N commands with the same output folder divide the work.",
            metavar="I/N",
            show_default=False,
        ),
    ] = None,
    rows_per_file: Annotated[
        int | None,
        typer.Option(
            min=1,
            help="Number of pictures per Parquet file.",
            metavar="N",
            show_default="16 to 512, depending on the number of pictures",
        ),
    ] = None,
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Discard the files of earlier runs and start over.")
    ] = False,
    retry_failed: Annotated[
        bool, typer.Option("--retry-failed", help="Recompute files that contain failed pictures.")
    ] = False,
    engine: Annotated[
        Engine, typer.Option(help="Distribute the work over the cores of this machine, or over a Ray cluster.")
    ] = Engine.local,
    address: Annotated[
        str | None,
        typer.Option(help="Address of the Ray cluster.", show_default="RAY_ADDRESS, or a cluster on this machine"),
    ] = None,
    output_format: Annotated[
        SummaryFormat, typer.Option("--format", help="Output format of the summary.")
    ] = SummaryFormat.text,
    views: options.Views = 1,
    models: ModelOptions,
    ca_file: options.CaFile = None,
) -> None:
    """Classify a large number of pictures and write a dataset: Parquet files with one row for each picture.

    A picture that cannot be read becomes a row with an error. The summary counts the errors by kind, and the exit
    code is 1 if there are any. If the run is interrupted, the same command resumes it.

    Example: imagemood bulk photos/ -o moods
    """
    from imagemood.bulk import engine as engines
    from imagemood.bulk.rows import OptionalColumns
    from imagemood.bulk.run import run
    from imagemood.bulk.settings import BulkRequest, RunSettings

    request = BulkRequest(
        source, column, limit, _parse_shard(shard), rows_per_file, overwrite, retry_failed, folders.options
    )
    columns = OptionalColumns(tags, embedding, features)
    settings = RunSettings(
        target,
        columns,
        _absolute(models.model),
        _absolute(models.tagger),
        views,
        device=models.device,
        decode_timeout_s=models.decode_timeout,
    )
    bar = output.progress("Classifying", unit="pictures")
    with _exit_immediately(), redirect_stdout(sys.stderr), bar as progress:  # Ray prints to standard output
        with handlers_kept():  # Ray replaces them, and its handler of SIGTERM crashes while Daft is running
            engines.start(engine, address)
        summary = run(
            request,
            settings,
            progress=progress,
            warn=output.warn,
            on_error=output.report_error,
            on_skip=folders.skip,
        )
    if output_format is SummaryFormat.json:
        output.emit_json({**asdict(summary), "n_failed": summary.n_failed}, None)
    else:
        output.emit(_format_summary(summary), None)
    raise typer.Exit(int(summary.n_failed > 0))


@contextmanager
def _exit_immediately() -> Iterator[None]:
    """Exit without clean-up on an error, because threads of the engine may still be running.

    No results are lost, because files are written atomically.
    """
    from imagemood.bulk.settings import RESUME_HINT

    try:
        yield
    except KeyboardInterrupt:
        raise KeyboardInterrupt(RESUME_HINT) from None
    except MoodError as error:
        output.report_error(error)
        exit_immediately(exit_code(error))


def _absolute(path: str | Path | None) -> str | None:
    """Return the absolute path of a model, for workers with another working directory; keep a built-in name."""
    return None if path is None else str(Path(path).resolve() if Path(path).exists() else path)


def _parse_shard(text: str | None) -> tuple[int, int]:
    if text is None:
        return 1, 1
    match = re.fullmatch(r"(\d+)/(\d+)", text)
    if match is None or not 1 <= int(match[1]) <= int(match[2]):
        raise InputError(f"invalid --shard '{text}'", hint="give I/N with I from 1 to N, such as 2/8")
    return int(match[1]), int(match[2])


def _format_summary(summary: Summary) -> str:
    from imagemood.bulk.rows import UNAVAILABLE

    n_classified = summary.n - summary.n_failed
    lines = [f"{summary.n:,} pictures: {n_classified:,} classified, {summary.n_failed:,} failed"]
    width = len(f"{summary.n:,}")
    lines += [f"  {n:{width},}  {mood}" for mood, n in summary.moods.items()]
    if summary.errors:
        lines.append("failed:")
    for kind, n in list(summary.errors.items())[:_MAX_ERROR_KINDS]:
        lines.append(f"  {n:{width},}  {kind}, such as {summary.examples[kind]}")
    if len(summary.errors) > _MAX_ERROR_KINDS:
        lines.append(f"  and {len(summary.errors) - _MAX_ERROR_KINDS} other kinds of errors")
    if UNAVAILABLE in summary.errors:
        lines.append(f"run the same command again to retry the pictures that were {UNAVAILABLE}")
    return "".join(printable(line) + "\n" for line in lines)
