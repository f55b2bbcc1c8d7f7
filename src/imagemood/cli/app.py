"""The application: its commands, and the options that come before a command."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Annotated

import typer

import imagemood
from imagemood.cli import about, acumos, bulk, compare, features, predict, serve, train

app = typer.Typer(
    name="imagemood",
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


def _add(command: Callable[..., None], group: typer.Typer = app) -> None:
    """Add a command, with its docstring as help text and the part after "Example: " as the example below it."""
    text, _, example = inspect.getdoc(command).partition("Example: ")  # type: ignore[union-attr]
    paragraphs = [" ".join(paragraph.split()) for paragraph in text.strip().split("\n\n")]
    group.command(help="\n\n".join(paragraphs), epilog=f"Example: {example}")(command)


_add(predict.classify)
_add(predict.tag)
_add(features.features)
_add(predict.mood)
_add(bulk.bulk)
_add(bulk.search)
_add(bulk.gallery)
_add(train.train)
_add(train.evaluate)
_add(compare.compare)
_add(train.summary)
_add(serve.serve)
_add(about.info)
_add(about.demo)

bundles = typer.Typer(
    help="Write and push bundles for an Acumos catalogue.",
    epilog="Example: imagemood acumos dump -o bundle",
    no_args_is_help=True,
)
_add(acumos.dump, bundles)
_add(acumos.push, bundles)
app.add_typer(bundles, name="acumos")
