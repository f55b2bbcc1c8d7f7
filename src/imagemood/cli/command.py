"""The class of the commands."""

from __future__ import annotations

import itertools
from typing import Any

import typer
from typer.core import TyperCommand


class Command(TyperCommand):
    """A command that refuses empty values, such as those of unset variables in a shell."""

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
        return remaining

    def _takes_value(self, name: str) -> bool:
        return any(name in option.opts and not getattr(option, "is_flag", True) for option in self.params)
