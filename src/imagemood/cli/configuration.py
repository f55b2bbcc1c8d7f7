"""Options that can also be set by environment variables and in a file, as those of ``imagemood serve``."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import typer

from imagemood._suggestions import similar_name
from imagemood._text import printable, valid_unicode, without_passwords
from imagemood.cli.command import Command
from imagemood.errors import InputError, first_line

PREFIX = "IMAGEMOOD_SERVE_"
"""Start of the names of the environment variables."""
_FLAG = "command line"
_NOT_IN_FILES = ("config", "print_config", "help")
_TYPES: dict[str, tuple[tuple[type, ...], str]] = {
    "boolean": ((bool,), "true or false"),
    "int": ((int,), "a whole number"),
    "float": ((int, float), "a number"),
}


class ConfiguredCommand(Command):
    """A command whose options can also be set by environment variables, and in the TOML file of ``--config``."""

    def __init__(self, *args: Any, **settings: Any) -> None:
        settings["context_settings"] = {
            **(settings.get("context_settings") or {}),
            "auto_envvar_prefix": PREFIX.rstrip("_"),
        }
        super().__init__(*args, **settings)
        for param in self.params:
            param.show_envvar = False  # type: ignore[attr-defined] # the help states the rule for all of them
            if param.envvar is not None and param.name != "help":
                param.envvar = [_variable(param), str(param.envvar)]

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Parse the arguments, and the values of environment variables and of the file."""
        try:
            remaining = super().parse_args(ctx, args)
        except typer.BadParameter as error:
            where = None if error.param is None else _source(ctx, error.param)
            if where is None or where == _FLAG:
                raise
            raise InputError(error.message[:1].lower() + error.message[1:].rstrip("."), where=where) from error
        if not ctx.resilient_parsing:
            self._check_variables()
        return remaining

    def _check_variables(self) -> None:
        known = {_variable(param) for param in self.params}
        for name in sorted(os.environ):
            if name.startswith(PREFIX) and name not in known:
                raise InputError(f"unknown environment variable {name}", hint=_suggest(name, known))


def load(ctx: typer.Context, path: Path | None) -> Path | None:
    """Read the file of the option ``--config``, whose values become the defaults of the other options."""
    if path is not None and not ctx.resilient_parsing:
        params = {_key(param): param for param in ctx.command.params if param.name not in _NOT_IN_FILES}
        ctx.default_map = {str(params[key].name): value for key, value in _checked(_read(path), params, str(path))}
    return path


def _read(path: Path) -> dict[str, Any]:
    import tomllib

    try:
        return tomllib.loads(path.read_text("utf-8-sig"))
    except OSError as error:
        raise InputError(first_line(error), where=str(path)) from error
    except (ValueError, RecursionError) as error:  # no TOML, or no text
        raise InputError(f"not a TOML file: {first_line(error)}", where=str(path)) from error


def _checked(values: dict[str, Any], params: dict[str, Any], where: str) -> Iterator[tuple[str, Any]]:
    for key, value in values.items():
        if key not in params:
            raise InputError(f"unknown option '{key}'", where=where, hint=_suggest(key, params))
        yield key, _check_type(value, params[key], f"{where}: {key}")


def _check_type(value: Any, param: Any, where: str) -> Any:
    """Return a value of a file if it has the type of an option, or else raise an error."""
    kind = next((kind for kind in _TYPES if param.type.name.startswith(kind)), None)  # such as "int range"
    if kind is not None:
        types, expected = _TYPES[kind]
        is_valid = isinstance(value, types) and (kind == "boolean") == isinstance(value, bool)
    else:
        texts = [value] if isinstance(value, str) or not param.multiple else value
        is_valid = isinstance(texts, list) and all(isinstance(text, str) and text for text in texts)
        value = texts if param.multiple else value
        expected = "a list of texts" if param.multiple else "a text that is not empty"
    if not is_valid:
        raise InputError(f"expected {expected}, not {_to_toml(value)}", where=where)
    return value


def _suggest(name: str, known: Iterable[str]) -> str:
    similar = similar_name(name, known)
    return f"did you mean {similar}?" if similar else "imagemood serve --print-config lists the options"


def _key(param: Any) -> str:
    return str(param.name).replace("_", "-")


def _variable(param: Any) -> str:
    return f"{PREFIX}{str(param.name).upper()}"


def _source(ctx: Any, param: Any) -> str | None:
    """Return where the value of an option comes from, or None for its default."""
    source = ctx.get_parameter_source(param.name)
    if source is None or (source.name.startswith("DEFAULT") and source.name != "DEFAULT_MAP"):
        return None
    if source.name == "COMMANDLINE":
        return _FLAG
    if source.name == "ENVIRONMENT":
        names = [param.envvar] if isinstance(param.envvar, str) else param.envvar or [_variable(param)]
        return next(f"environment variable {name}" for name in names if os.environ.get(name))
    return _in_file(ctx, param)


def _in_file(ctx: Any, param: Any) -> str:
    return f"{_config(ctx)}: {_key(param)}"


def _config(ctx: Any) -> str:
    return str(ctx.params.get("config"))


def describe(ctx: typer.Context, found: dict[str, tuple[Any, str]]) -> str:
    """Return the configuration as a TOML file, with the source of each value as a comment.

    `found` has the values that come from elsewhere, and their sources. Asterisks replace passwords in URLs.
    """
    lines = [
        "# The configuration of imagemood serve. An option of the command line has priority over an environment",
        "# variable, which has priority over the file of --config, which has priority over the default.",
    ]
    for param in ctx.command.params:
        if param.name in _NOT_IN_FILES:
            continue
        value, source = ctx.params.get(str(param.name)), _source(ctx, param)
        if source is None and param.name in found:
            value, source = found[str(param.name)]
        elif source == _in_file(ctx, param):
            source = f"file {_config(ctx)}"
        if value is None or value in ("", [], ()):
            lines.append(f"# {_key(param)} is not set")
            continue
        text = _to_toml(value)
        shown = _to_toml(_masked(value))
        note = "; without its password" if shown != text else ""
        lines.append(f"{_key(param)} = {shown}  # {printable(source or 'default')}{note}")
    return "\n".join(lines) + "\n"


def _masked(value: Any) -> Any:
    if isinstance(value, (list, tuple)):
        return [_masked(entry) for entry in value]
    return without_passwords(value) if isinstance(value, str) else value


def _to_toml(value: Any) -> str:
    if isinstance(value, (list, tuple)):
        return f"[{', '.join(map(_to_toml, value))}]"
    if isinstance(value, (bool, int, float)):
        return json.dumps(value)
    return json.dumps(valid_unicode(str(value)), ensure_ascii=False).replace("\x7f", r"\u007f")
