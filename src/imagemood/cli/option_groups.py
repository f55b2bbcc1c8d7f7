"""Groups of options that several commands share, as classes, and their use as parameters of the commands."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, is_dataclass
from functools import cache, wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any

from imagemood.cli import options, output

if TYPE_CHECKING:
    from imagemood.cli.renderers import Renderable
    from imagemood.prediction.cascade import Cascade

_REPORT_EXTENSIONS = ("", ".json", ".txt", ".text", ".md", ".log", ".out")


@cache
def expand(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return a function that has the fields of a dataclass as parameters, in place of each parameter of this type.

    Examples
    --------
    >>> def show(models: ModelOptions) -> None:
    ...     print(models.device)
    >>> list(inspect.signature(expand(show)).parameters)
    ['model', 'tagger', 'device', 'decode_timeout']
    >>> expand(show)(model=None, tagger=None, device="cpu", decode_timeout=None)
    cpu
    """
    groups: dict[str, tuple[Callable[..., Any], list[str]]] = {}
    parameters: list[inspect.Parameter] = []
    for parameter in inspect.signature(function, eval_str=True).parameters.values():
        if isinstance(parameter.annotation, type) and is_dataclass(parameter.annotation):
            group = expand(parameter.annotation)
            fields = inspect.signature(group).parameters
            groups[parameter.name] = group, list(fields)
            parameters += fields.values()
        else:
            parameters.append(parameter.replace(kind=inspect.Parameter.KEYWORD_ONLY))

    @wraps(function)
    def expanded(**values: Any) -> Any:
        for name, (group, fields) in groups.items():
            values[name] = group(**{field: values.pop(field) for field in fields})
        return function(**values)

    expanded.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    expanded.__annotations__ = {}  # Typer would evaluate them, although it uses those of the signature
    return expanded


@dataclass(frozen=True, kw_only=True)
class ModelOptions:
    """The models that classify pictures, and how they run."""

    model: options.Model = None
    tagger: options.Tagger = None
    device: options.Device = "auto"
    decode_timeout: options.DecodeTimeout = None

    def load(self, n_views: int = 1) -> Cascade:
        """Load the models."""
        from imagemood.prediction.cascade import Cascade

        return Cascade.load(
            self.model,
            tagger=self.tagger,
            n_views=n_views,
            device=self.device,
            decode_timeout_s=self.decode_timeout,
        )


@dataclass(frozen=True, kw_only=True)
class PredictionOutput:
    """Where and in which format a command writes predictions."""

    output_format: options.PredictionFormatOption = None
    file: options.Output = None
    escape_formulas: options.EscapeFormulas = False

    @property
    def format(self) -> options.PredictionFormat:
        """The given format, or that of the output file."""
        return self.output_format or options.prediction_format_of(self.file)

    def check(self, inputs: Iterable[str | Path | None], *, created_folder: Path | None = None) -> None:
        """Raise `InputError` if the output cannot be written; see `imagemood.cli.output_checks.check_output`."""
        from imagemood.cli import output_checks

        options.check_output_format(self.format, self.escape_formulas)
        output_checks.check_output(self.file, inputs, created_folder=created_folder)

    def emit(self, content: Renderable) -> None:
        """Write the content."""
        from imagemood.cli.renderers import render

        output.emit(render(content, self.format, self.file, escape_formulas=self.escape_formulas), self.file)


@dataclass(frozen=True, kw_only=True)
class ReportOutput:
    """Where and in which format a command writes metrics or a summary."""

    output_format: options.ReportFormat = None
    file: options.Output = None

    @property
    def is_json(self) -> bool:
        """Whether to write JSON: by the given format, or else by the extension of the output file."""
        if self.output_format is not None:
            return self.output_format == "json"
        return self.file is not None and self.file.suffix.lower() == ".json"

    def check(self, inputs: Iterable[str | Path | None], *, created_folder: Path | None = None) -> None:
        """Raise `InputError` if the output cannot be written; see `imagemood.cli.output_checks.check_output`."""
        from imagemood.cli import output_checks

        output_checks.check_output(self.file, inputs, created_folder=created_folder)
        if self.file is not None and self.output_format is None:
            hint = "use .txt or .json, or --format"
            output_checks.check_extension(self.file, _REPORT_EXTENSIONS, "unknown file name extension", hint=hint)

    def emit(self, values: Mapping[str, Any], text: str) -> None:
        """Write the values as JSON, or else the text for people."""
        if self.is_json:
            output.emit_json(values, self.file)
        else:
            output.emit(text, self.file)
