"""The moods of pictures as a table, JSON lines, CSV or Parquet."""

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
class Shown:
    """What to show of each picture.

    Attributes
    ----------
    top : int or None
        So many moods; all by default.
    n_tags : int
        So many tags.
    affect : bool
        Whether rows have columns of valence, arousal and positive.
    explanations : list of Explanation or None
        What carried the answers, in the order of the results; then `n_tags` is how many tags each shows.
    """

    top: int | None
    n_tags: int
    affect: bool
    explanations: list[Explanation] | None


def check(layout: Layout, *, with_tags: bool, affect: bool) -> None:
    """Refuse what a layout does not hold, instead of leaving it out."""
    is_rows = layout in (Layout.csv, Layout.parquet)
    if is_rows and with_tags:
        raise InputError("rows of moods hold no tags", hint="use --format json, or imagemood tag")
    if affect and not is_rows:
        raise InputError("--affect is for CSV and Parquet", hint="tables and JSON have valence and arousal anyway")


def _as_table(results: list[Result], shown: Shown) -> str:
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
    if shown.n_tags:
        table.add_column("carried by" if shown.explanations else "tags", overflow="fold")
    for i, result in enumerate(results):
        for rank, (name, probability) in enumerate(list(result.moods.items())[: shown.top]):
            cells = [escape(name), f"{probability:.1%}", output.bar(probability)]
            if rank:
                table.add_row("", *cells)
                continue
            affect = (
                [f"{result.affect.valence:+.2f}", f"{result.affect.arousal:+.2f}"] if result.affect else ["", ""]
            )
            table.add_row(
                escape(result.image), *cells, *(affect if has_affect else []), escape(_tags(result, shown, i))
            )
    return output.render(table)


def _tags(result: Result, shown: Shown, i: int) -> str:
    if shown.explanations is None:
        strongest = list(result.tags.items())[: shown.n_tags]
        return "; ".join(f"{tag.split(',')[0]} {score:.0%}" for tag, score in strongest)  # without synonyms
    carried = list(shown.explanations[i].tags.items())[: shown.n_tags]
    return "; ".join(f"{tag.split(',')[0]} {100 * drop:+.1f}" for tag, drop in carried if drop > 0)


def _as_json(results: list[Result], shown: Shown) -> str:
    def value(i: int, result: Result) -> dict[str, Any]:
        fields = result.to_dict(shown.top, shown.n_tags)
        if shown.explanations is None:
            return fields
        explanation = shown.explanations[i]
        carried = dict(list(explanation.tags.items())[: shown.n_tags])
        tags = {tag: result.tags[tag] for tag in carried if tag in result.tags}
        return {**fields, "tags": tags, "explanation": {"mood": explanation.mood, "drops": carried}}

    return "".join(json.dumps(value(i, r), ensure_ascii=False) + "\n" for i, r in enumerate(results))


def _as_rows(kind: str) -> Callable[[list[Result], Shown], bytes]:
    def encode(results: list[Result], shown: Shown) -> bytes:
        import pyarrow as pa

        from imagemood import tables

        fields = [("image", pa.string()), ("mood", pa.string()), ("probability", pa.float64())]
        fields += [(name, pa.float64()) for name in ("valence", "arousal", "positive")] if shown.affect else []
        rows = [
            (result.image, *pair, *(_affect(result) if shown.affect else ()))
            for result in results
            for pair in list(result.moods.items())[: shown.top]
        ]
        columns = list(zip(*rows, strict=True)) or [()] * len(fields)
        return tables.encode(pa.table(list(map(list, columns)), schema=pa.schema(fields)), kind)

    return encode


def _affect(result: Result) -> tuple[float | None, ...]:
    affect = result.affect
    return (None, None, None) if affect is None else (affect.valence, affect.arousal, affect.positive)


RENDERERS: dict[Layout, Callable[[list[Result], Shown], str | bytes]] = {
    Layout.table: _as_table,
    Layout.json: _as_json,
    Layout.csv: _as_rows("csv"),
    Layout.parquet: _as_rows("parquet"),
}
