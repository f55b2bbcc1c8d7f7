"""The class of the commands."""

from __future__ import annotations

import itertools
import math
from typing import Any

import typer
from typer.core import TyperCommand

_VALUE_NAMES = {"int range": "N", "float range": "X", "path": "FILE", "str": "TEXT"}
"""The names of values in the help, by their types, where an option has no better one."""
_MAX_NUMBER = 2**32 - 1  # the largest seed of NumPy; libraries fail on larger counts and times


class Command(TyperCommand):
    """A command that refuses empty values, as of unset variables in a shell, and numbers that are too large.

    Its help names values by their meaning, such as ``N``, instead of by their types, such as ``<int range>``.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for param in self.params:
            if param.metavar is None:
                param.metavar = _value_name(param)

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Parse the arguments; an empty path would otherwise mean the working folder."""
        for name, value in itertools.pairwise([*args, "-"]):
            option, is_assigned, assigned = name.partition("=")
            if self._takes_value(option) and not (assigned if is_assigned else value):
                raise typer.BadParameter("the value is empty", ctx=ctx, param_hint=f"'{option}'")
        remaining = super().parse_args(ctx, args)
        for argument in self.params:
            if argument.param_type_name == "argument" and ctx.params.get(argument.name or "") == "":
                raise typer.BadParameter("the value is empty", ctx=ctx, param_hint=f"'{argument.name}'")
        for param in self.params:
            _check_number(ctx.params.get(param.name or ""), ctx, param)
        return remaining

    def _takes_value(self, name: str) -> bool:
        return any(name in option.opts and not getattr(option, "is_flag", True) for option in self.params)


def _value_name(param: Any) -> str | None:
    """Return the name of the value of a parameter in the help; None for flags and choices, which need none."""
    if param.param_type_name == "argument":
        return str(param.name).upper() + ("..." if param.nargs == -1 else "")
    return None if getattr(param, "is_flag", False) else _VALUE_NAMES.get(param.type.name)


def _check_number(value: Any, ctx: Any, param: Any) -> None:
    """Raise `typer.BadParameter` for numbers that ranges of options admit, but libraries cannot compute with."""
    if isinstance(value, float) and not math.isfinite(value):
        raise typer.BadParameter(f"{value} is not a finite number.", ctx, param)
    if isinstance(value, int | float) and value > _MAX_NUMBER:
        raise typer.BadParameter(f"{value} is not in the range x<={_MAX_NUMBER}.", ctx, param)
