"""bulk, search, gallery: very many pictures, and what is found among them."""

from __future__ import annotations

import os
import re
import sys
from contextlib import contextmanager, redirect_stdout
from dataclasses import asdict
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from imagemood.cli import options, output
from imagemood.cli.options import Layout
from imagemood.errors import InputError, MoodError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from imagemood.bulk.note import Summary
    from imagemood.prediction.cascade import Cascade
    from imagemood.prediction.result import Result


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
    column: options.Column = None,
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
    retry_failed: Annotated[
        bool, typer.Option("--retry-failed", help="Compute the files with pictures that failed again.")
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
    device: options.Device = "auto",
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

    order = Order(source, column, limit, _shard(shard), rows_per_file, overwrite, retry_failed)
    columns = Columns(tags, embedding, features)
    job = Job(target, columns, _absolute(model), _absolute(tagger), views, device=device)
    # Ray prints remarks of its own.
    with _ended_at_once(), redirect_stdout(sys.stderr), output.progress("Classifying", unit="pictures") as tick:
        engines.start(engine, address)
        summary = run(order, job, tick=tick, say=output.warn)
    if layout == options.Report.json:
        output.emit_json({**asdict(summary), "n_failed": summary.n_failed}, None)
    else:
        output.emit(_as_text(summary), None)
    raise typer.Exit(int(summary.n_failed > 0))


@contextmanager
def _ended_at_once() -> Iterator[None]:
    """End the process where the work is cut short: threads of the engine are in the midst of it, and would abort.

    Nothing is lost by that: files are written whole or not at all.
    """
    from imagemood import cli

    try:
        yield
        return
    except KeyboardInterrupt:
        code = 130
        output.warn("stopped; the same command goes on from what is finished")
    except MoodError as error:
        code = cli.exit_code(error)
        output.report_error(error)
    sys.stderr.flush()
    os._exit(code)


def _absolute(path: str | Path | None) -> str | None:
    """Say where a model is, for workers that stand elsewhere; built-in models keep their names."""
    return None if path is None else str(Path(path).resolve() if Path(path).exists() else path)


def _shard(text: str | None) -> tuple[int, int]:
    if text is None:
        return 1, 1
    match = re.fullmatch(r"(\d+)/(\d+)", text)
    if match is None or not 1 <= int(match[1]) <= int(match[2]):
        raise InputError(f"--shard {text} is no share", hint="give I/N with I from 1 to N, such as 2/8")
    return int(match[1]), int(match[2])


def _as_text(summary: Summary) -> str:
    from imagemood.bulk.rows import UNAVAILABLE

    lines = [f"{summary.n:,} pictures: {summary.n - summary.n_failed:,} classified, {summary.n_failed:,} failed"]
    width = len(f"{summary.n:,}")
    lines += [f"  {n:{width},}  {mood}" for mood, n in summary.moods.items()]
    if summary.errors:
        lines.append("failed:")
    for kind, n in list(summary.errors.items())[:_MAX_KINDS]:
        lines.append(f"  {n:{width},}  {kind}, such as {summary.examples[kind]}")
    if len(summary.errors) > _MAX_KINDS:
        lines.append(f"  and {len(summary.errors) - _MAX_KINDS} other kinds")
    if UNAVAILABLE in summary.errors:
        lines.append(f"the same command tries again what was {UNAVAILABLE}")
    return "\n".join(lines) + "\n"


def search(
    place: Annotated[
        str, typer.Argument(help="Dataset of imagemood bulk, or a folder of pictures.", show_default=False)
    ],
    mood: Annotated[str, typer.Option(help="The mood that is sought.", show_default=False)],
    top: Annotated[int, typer.Option(min=1, help="How many pictures.")] = 10,
    layout: Annotated[
        Layout | None,
        typer.Option("--format", help="How to show them.", show_default="table, or what -o says"),
    ] = None,
    file: options.Output = None,
    model: options.Model = None,
    tagger: options.Tagger = None,
    device: options.Device = "auto",
) -> None:
    """Find the pictures that evoke a mood most.

    A dataset is searched as it is; the pictures of a folder are classified first.

    Example: imagemood search photos/ --mood awe --top 50
    """
    from imagemood.bulk import find
    from imagemood.cli import found
    from imagemood.cli.predict import layout_of
    from imagemood.prediction.cascade import Cascade

    layout = layout or layout_of(file)
    n_failed = 0
    opened = find.dataset_at(place)
    if opened is not None:
        dataset, note = opened
        find.check_mood(mood, note.labels)
        rows = find.strongest(find.rows_in(dataset, mood), mood, top)
    else:
        rows, n_failed = _search_folder(place, mood, top, Cascade.load(model, tagger=tagger, device=device))
    output.emit(found.RENDERERS[layout](rows), file)
    raise typer.Exit(int(n_failed > 0))


def _search_folder(place: str, mood: str, top: int, cascade: Cascade) -> tuple[list[dict[str, Any]], int]:
    from imagemood.bulk import find
    from imagemood.cli.predict import found, successful

    find.check_mood(mood, cascade.require_mood_classifier().labels)
    pictures = found([place])
    n_classified = 0

    def counted(results: Iterator[Result]) -> Iterator[Result]:
        nonlocal n_classified
        for result in results:
            n_classified += 1
            yield result

    with output.progress("Classifying", unit="pictures") as tick:
        results = counted(successful(cascade.classify_many(pictures), len(pictures), tick))
        rows = find.strongest(find.rows_of(results, mood), mood, top)
    return rows, len(pictures) - n_classified


def gallery(
    dataset: Annotated[str, typer.Argument(help="Dataset of imagemood bulk.", show_default=False)],
    page: Annotated[
        Path, typer.Option("-o", "--output", help="HTML file; it appears whole or not at all.", show_default=False)
    ],
    mood: Annotated[
        list[str] | None, typer.Option(help="Only this mood; may be repeated.", show_default=False)
    ] = None,
    top: Annotated[int, typer.Option(min=1, help="Pictures for each mood.")] = 12,
) -> None:
    """Show the pictures of a dataset that evoke each mood most, as one page that needs nothing else.

    Example: imagemood gallery moods/ -o moods.html
    """
    from imagemood.bulk import gallery as pages

    with output.progress("Thumbnails", unit="pictures") as tick:
        n_gone = pages.write(dataset, page, moods=mood or (), n_each=top, tick=tick)
    if n_gone:
        output.warn(f"{n_gone} pictures cannot be read now; the page names them")
