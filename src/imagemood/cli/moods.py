"""Predicted moods as a table, JSON lines, CSV or Parquet."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from imagemood.cli import output
from imagemood.cli.options import Layout
from imagemood.errors import InputError

if TYPE_CHECKING:
    from imagemood.prediction.explanation import Explanation
    from imagemood.prediction.result import Result


@dataclass(frozen=True)
class OutputOptions:
    """What to show of each prediction.

    Attributes
    ----------
    top : int or None
        Number of moods; all if None.
    n_tags : int
        Number of tags.
    affect : bool
        Whether rows have columns for valence, arousal and positive.
    explanations : list of Explanation or None
        Explanations in the order of the results; if given, the tags shown are those of the explanation.
    """

    top: int | None
    n_tags: int
    affect: bool
    explanations: list[Explanation] | None


def check(layout: Layout, *, with_tags: bool, affect: bool) -> None:
    """Raise if the layout cannot hold what is asked for, instead of leaving it out silently."""
    is_rows = layout in (Layout.csv, Layout.parquet)
    if is_rows and with_tags:
        raise InputError("mood rows cannot hold tags", hint="use --format json, or imagemood tag")
    if affect and not is_rows:
        raise InputError(
            "--affect applies to CSV and Parquet only",
            hint="leave it out; tables and JSON always have valence and arousal",
        )


def _as_table(results: list[Result], options: OutputOptions) -> str:
    from rich.markup import escape
    from rich.table import Table

    if not results:
        return ""
    table = Table(header_style="bold", box=None, pad_edge=False)
    table.add_column("image", overflow="fold")
    table.add_column("mood", no_wrap=True)
    table.add_column("probability", justify="right", no_wrap=True)
    table.add_column("", no_wrap=True, style="cyan")
    has_affect = any(result.affect for result in results)
    for name in ("valence", "arousal") if has_affect else ():
        table.add_column(name, justify="right", no_wrap=True)
    if options.n_tags:
        table.add_column("explained by" if options.explanations else "tags", overflow="fold")
    for i, result in enumerate(results):
        for rank, (name, probability) in enumerate(list(result.moods.items())[: options.top]):
            cells = [escape(name), f"{probability:.1%}", output.bar(probability)]
            if rank:
                table.add_row("", *cells)
                continue
            affect = (
                [f"{result.affect.valence:+.2f}", f"{result.affect.arousal:+.2f}"] if result.affect else ["", ""]
            )
            table.add_row(
                escape(result.image), *cells, *(affect if has_affect else []), escape(_tags(result, options, i))
            )
    return output.render(table)


def _tags(result: Result, options: OutputOptions, i: int) -> str:
    if options.explanations is None:
        strongest = list(result.tags.items())[: options.n_tags]
        return "; ".join(f"{tag.split(',')[0]} {score:.0%}" for tag, score in strongest)  # without synonyms
    contributions = list(options.explanations[i].tag_drops.items())[: options.n_tags]
    return "; ".join(f"{tag.split(',')[0]} {100 * drop:+.1f}" for tag, drop in contributions if drop > 0)


def _as_json(results: list[Result], options: OutputOptions) -> str:
    def as_dict(i: int, result: Result) -> dict[str, Any]:
        fields = result.to_dict(options.top, options.n_tags)
        if options.explanations is None:
            return fields
        explanation = options.explanations[i]
        contributions = dict(list(explanation.tag_drops.items())[: options.n_tags])
        tags = {tag: result.tags[tag] for tag in contributions if tag in result.tags}
        return {**fields, "tags": tags, "explanation": {"mood": explanation.mood, "drops": contributions}}

    return "".join(json.dumps(as_dict(i, r), ensure_ascii=False) + "\n" for i, r in enumerate(results))


def _as_rows(kind: str) -> Callable[[list[Result], OutputOptions], bytes]:
    def encode(results: list[Result], options: OutputOptions) -> bytes:
        import pyarrow as pa

        from imagemood import tables

        fields = [("image", pa.string()), ("mood", pa.string()), ("probability", pa.float64())]
        fields += [(name, pa.float64()) for name in ("valence", "arousal", "positive")] if options.affect else []
        rows = [
            (result.image, *pair, *(_affect(result) if options.affect else ()))
            for result in results
            for pair in list(result.moods.items())[: options.top]
        ]
        columns = list(zip(*rows, strict=True)) or [()] * len(fields)
        return tables.encode(pa.table(list(map(list, columns)), schema=pa.schema(fields)), kind)

    return encode


def _affect(result: Result) -> tuple[float | None, ...]:
    affect = result.affect
    return (None, None, None) if affect is None else (affect.valence, affect.arousal, affect.positive)


RENDERERS: dict[Layout, Callable[[list[Result], OutputOptions], str | bytes]] = {
    Layout.table: _as_table,
    Layout.json: _as_json,
    Layout.csv: _as_rows("csv"),
    Layout.parquet: _as_rows("parquet"),
}
