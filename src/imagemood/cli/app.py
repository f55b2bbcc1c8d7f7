"""The application: its commands, and the options that come before a command."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable
from functools import wraps
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

import imagemood
from imagemood import _extras, _interrupts
from imagemood._streams import reported_errors
from imagemood.cli import (
    acumos,
    album,
    bulk,
    classify,
    cluster,
    compare,
    demo,
    evaluate,
    features,
    finetune,
    gallery,
    info,
    mood,
    output,
    page,
    reproduce,
    samples,
    search,
    serve,
    similar,
    summary,
    tag,
    tagger,
    timeline,
    train,
    write_xmp,
)
from imagemood.cli.command import Command
from imagemood.cli.configuration import ConfiguredCommand
from imagemood.cli.exit_codes import INTERRUPTED, exit_code
from imagemood.cli.option_groups import expand
from imagemood.errors import MoodError


class Commands(TyperGroup):
    """The group of all commands, which reports errors and interrupts in one line and sets the exit code."""

    def main(self, *args: Any, **options: Any) -> Any:
        """Run a command; errors of this package end the process, unless the option `standalone_mode` is false."""
        try:
            return super().main(*args, **options)
        except MoodError as error:
            if not options.get("standalone_mode", True):
                raise
            output.report_error(error)
            sys.exit(exit_code(error))

    def make_context(self, *args: Any, **options: Any) -> Any:
        """Parse the arguments; this also prints the help and the version."""
        with reported_errors():
            return super().make_context(*args, **options)

    def invoke(self, ctx: Any) -> Any:
        """Run the command that the arguments name."""
        try:
            with _interrupts.raised_interrupts(), reported_errors(), _extras.needs():
                return super().invoke(ctx)
        except KeyboardInterrupt as error:
            output.report_interrupt(*error.args)
            _interrupts.end()
            raise typer.Exit(INTERRUPTED) from None


app = typer.Typer(
    name="imagemood",
    cls=Commands,
    help="Predict the mood that a picture evokes.",
    epilog="Example: imagemood classify photo.jpg",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _show_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"imagemood {imagemood.__version__}")
        raise typer.Exit


@app.callback()
def options(
    version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    """Predict the mood that a picture evokes."""


def _add(
    command: Callable[..., None],
    group: typer.Typer = app,
    *,
    extra: str | None = None,
    cls: type[Command] = Command,
) -> None:
    """Add a command, with its docstring as help text and the part after "Example: " as the example below it.

    If the command needs an extra that is not installed, it fails before it does anything.
    """
    text, _, example = (inspect.getdoc(command) or "").partition("Example: ")  # None with python -OO
    paragraphs = [" ".join(paragraph.split()) for paragraph in text.strip().split("\n\n")]
    epilog = f"Example: {example}" if example else None
    checked = command if extra is None else _with_extra(command, extra)
    group.command(cls=cls, help="\n\n".join(paragraphs), epilog=epilog)(expand(checked))


def _with_extra(command: Callable[..., None], extra: str) -> Callable[..., None]:
    @wraps(command)
    def checked(*arguments: Any, **options: Any) -> None:
        _extras.require(extra)
        command(*arguments, **options)

    return checked


_add(classify.classify)
_add(tag.tag)
_add(features.features, extra="visual")
_add(mood.mood)
_add(bulk.bulk, extra="bulk")
_add(search.search, extra="tables")
_add(gallery.gallery, extra="bulk")
_add(similar.similar, extra="tables")
_add(cluster.cluster, extra="train")
_add(write_xmp.write_xmp)
_add(album.album, extra="report")
_add(timeline.timeline)
_add(train.train, extra="train")
_add(finetune.finetune, extra="export")
_add(evaluate.evaluate, extra="train")
_add(compare.compare, extra="train")
_add(reproduce.reproduce, extra="train")
_add(summary.summary)
_add(serve.serve, extra="serve", cls=ConfiguredCommand)
_add(page.page)
_add(info.info)
_add(demo.demo)
_add(samples.samples)

taggers = typer.Typer(
    help="Use other networks as taggers.",
    epilog="Example: imagemood tagger export timm/convnext_tiny.in12k_ft_in1k -o mytagger",
    no_args_is_help=True,
)
_add(tagger.export, taggers)
app.add_typer(taggers, name="tagger")

bundles = typer.Typer(
    help="Write and push bundles for an Acumos catalogue.",
    epilog="Example: imagemood acumos dump -o bundle",
    no_args_is_help=True,
)
_add(acumos.dump, bundles)
_add(acumos.push, bundles, extra="web")
app.add_typer(bundles, name="acumos")
