from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import pytest
import typer
from typer.testing import CliRunner

from imagemood.cli.option_groups import PredictionOutput, expand
from imagemood.errors import InputError


@dataclass(frozen=True, kw_only=True)
class Size:
    """A group of options."""

    width: Annotated[int, typer.Option(min=1)]
    height: int = 2


@dataclass(frozen=True, kw_only=True)
class Page:
    """A group that contains another one."""

    context: typer.Context
    size: Size
    title: str = "none"


def show(name: str, *, before: int = 0, page: Page, after: int = 1) -> None:
    """Show the values of all options."""
    typer.echo(f"{name} {before} {page.size} {page.title} {after} {type(page.context).__name__}")


def invoke(*arguments):
    app = typer.Typer()
    app.command()(expand(show))
    return CliRunner().invoke(app, arguments)


def test_the_options_of_groups_are_options_of_the_command_in_their_order():
    result = invoke("--help")
    positions = [result.stdout.index(f"--{name}") for name in ("before", "width", "height", "title", "after")]
    assert positions == sorted(positions)
    assert "--page" not in result.stdout
    assert "Show the values of all options." in result.stdout


def test_a_command_receives_the_groups():
    assert invoke("a", "--width", "3").stdout == "a 0 Size(width=3, height=2) none 1 Context\n"
    given = ("a", "--title", "b", "--after", "4", "--height", "5", "--width", "6", "--before", "7")
    assert invoke(*given).stdout == "a 7 Size(width=6, height=5) b 4 Context\n"


@pytest.mark.parametrize("arguments", [("a",), ("a", "--width", "0")])
def test_the_options_of_groups_are_checked(arguments):
    assert invoke(*arguments).exit_code == 2


def test_an_output_is_written_in_its_format(tmp_path):
    assert PredictionOutput().format == "table"
    assert PredictionOutput(file=Path("moods.csv")).format == "csv"
    assert PredictionOutput(file=Path("moods.csv"), output_format="json").format == "json"
    with pytest.raises(InputError, match="--escape-formulas does not apply to json"):
        PredictionOutput(output_format="json", escape_formulas=True).check([])
    file = tmp_path / "moods.csv"
    file.touch()
    with pytest.raises(InputError, match="is an input of this command"):
        PredictionOutput(file=file).check([file])
