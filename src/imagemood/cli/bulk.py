"""bulk, search, gallery: very many pictures, and what is found among them."""

from __future__ import annotations

import re
from dataclasses import asdict
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from imagemood.cli import options, output
from imagemood.errors import InputError

if TYPE_CHECKING:
    from imagemood.bulk.dataset import Summary


class Engine(StrEnum):
    """What spreads the work."""

    local = "local"
    ray = "ray"


_MAX_KINDS = 20


def bulk(
    source: Annotated[
        str,
        typer.Argument(
            help="Folder, glob, or table (Parquet, CSV, JSON lines); here, s3://, gs://, az:// or https://.",
            show_default=False,
        ),
    ],
    target: Annotated[
        str,
        typer.Option(
            "-o", "--output", help="Folder of Parquet files, here or in an object store.", show_default=False
        ),
    ],
    column: Annotated[
        str | None, typer.Option(help="The table's column of paths or picture files.", show_default=False)
    ] = None,
    tags: Annotated[int, typer.Option(min=0, help="Keep the N strongest tags.")] = 0,
    embedding: Annotated[bool, typer.Option("--embedding", help="Keep the network's embedding.")] = False,
    features: Annotated[bool, typer.Option("--features", help="Keep the raw visual features.")] = False,
    limit: Annotated[
        int | None, typer.Option(min=1, help="Only the first N pictures.", show_default=False)
    ] = None,
    shard: Annotated[
        str | None,
        typer.Option(help="Share I of N, where N jobs with one target share the work.", metavar="I/N"),
    ] = None,
    rows_per_file: Annotated[
        int | None,
        typer.Option(min=1, help="Pictures in a Parquet file.", show_default="16 to 512, as suits their number"),
    ] = None,
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Start anew, whatever the dataset holds.")
    ] = False,
    engine: Annotated[Engine, typer.Option(help="Daft on this machine, or on a Ray cluster.")] = Engine.local,
    address: Annotated[
        str | None,
        typer.Option(help="Address of the Ray cluster.", show_default="RAY_ADDRESS, or one on this machine"),
    ] = None,
    layout: Annotated[options.Report, typer.Option("--format", help="How to show the summary.")] = (
        options.Report.text
    ),
    views: options.Views = 1,
    model: options.Model = None,
    tagger: options.Tagger = None,
) -> None:
    """Tell the moods of very many pictures: a dataset with a row for each.

    A picture that cannot be used is a row with its error; the summary counts them by kind, and the exit code is
    then 1. A run that was stopped goes on where it was when the command is given again.

    Example: imagemood bulk photos/ -o moods
    """
    from imagemood.bulk import engine as engines
    from imagemood.bulk.job import Job
    from imagemood.bulk.rows import Columns
    from imagemood.bulk.run import Order, run

    order = Order(source, column, limit, _shard(shard), rows_per_file, overwrite)
    job = Job(target, Columns(tags, embedding, features), model, str(tagger.resolve()) if tagger else None, views)
    engines.start(engine, address)
    with output.progress("Classifying", unit="pictures") as tick:
        summary = run(order, job, tick=tick, say=output.warn)
    if layout == options.Report.json:
        output.emit_json({**asdict(summary), "n_failed": summary.n_failed}, None)
    else:
        output.emit(_as_text(summary), None)
    raise typer.Exit(int(summary.n_failed > 0))


def _shard(text: str | None) -> tuple[int, int]:
    if text is None:
        return 1, 1
    match = re.fullmatch(r"(\d+)/(\d+)", text)
    if match is None or not 1 <= int(match[1]) <= int(match[2]):
        raise InputError(f"--shard {text} is no share", hint="give I/N with I from 1 to N, such as 2/8")
    return int(match[1]), int(match[2])


def _as_text(summary: Summary) -> str:
    lines = [f"{summary.n:,} pictures: {summary.n - summary.n_failed:,} classified, {summary.n_failed:,} failed"]
    width = len(f"{summary.n:,}")
    lines += [f"  {n:{width},}  {mood}" for mood, n in summary.moods.items()]
    if summary.errors:
        lines.append("failed:")
    for kind, n in list(summary.errors.items())[:_MAX_KINDS]:
        lines.append(f"  {n:{width},}  {kind}, such as {summary.examples[kind]}")
    if len(summary.errors) > _MAX_KINDS:
        lines.append(f"  and {len(summary.errors) - _MAX_KINDS} other kinds")
    return "\n".join(lines) + "\n"
