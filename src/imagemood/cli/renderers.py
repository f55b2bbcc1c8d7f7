"""Renders predictions and search hits as a table, JSON lines, CSV or Parquet."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from imagemood._text import to_json
from imagemood.cli import output
from imagemood.cli.options import PredictionFormat

if TYPE_CHECKING:
    from rich.table import Table
    from rich.text import Text

    from imagemood.prediction.explanation import Explanation
    from imagemood.prediction.result import Result
    from imagemood.tables.column_table import Columns

_EXPLAINED_BY = "explained by (pp: percentage points)"


class Renderable(Protocol):
    """Content that can be rendered in each output format."""

    def to_table(self) -> Table:
        """Return a table for people."""

    def to_dicts(self) -> Iterator[dict[str, Any]]:
        """Yield one object for each line of JSON."""

    def to_columns(self) -> Columns:
        """Return rows for CSV and Parquet."""


def render(
    content: Renderable,
    output_format: PredictionFormat,
    file: Path | None = None,
    *,
    escape_formulas: bool = False,
) -> str | bytes:
    """Render content for a file or standard output; a table without rows becomes an empty text."""
    if output_format == "table":
        table = content.to_table()
        return output.render(table, file) if table.row_count else ""
    if output_format == "json":
        return "".join(to_json(fields) + "\n" for fields in content.to_dicts()).encode()
    from imagemood import tables

    return tables.encode(content.to_columns(), output_format, escape_formulas=escape_formulas)


@dataclass(frozen=True)
class Predictions:
    """Predictions for pictures, none of which has failed.

    Attributes
    ----------
    results : list of Result
        The predictions.
    top : int or None
        Number of moods to show; all if None.
    n_tags : int
        Number of tags to show.
    with_affect : bool
        Whether rows have columns for valence, arousal and positive.
    explanations : list of Explanation or None
        Explanations in the order of the results; if given, the tags shown are those of the explanation.
    """

    results: list[Result]
    top: int | None = None
    n_tags: int = 0
    with_affect: bool = False
    explanations: list[Explanation] | None = None

    def to_table(self) -> Table:
        """Return a table with a row for each picture and mood."""
        has_affect = any(result.affect for result in self.results)
        table = output.new_table()
        table.add_column("image", overflow="fold")
        table.add_column("mood", no_wrap=True)
        _add_probability_columns(table)
        if has_affect:
            _add_affect_columns(table)
        if self.n_tags:
            table.add_column("tags" if self.explanations is None else _EXPLAINED_BY, overflow="fold")
        for result, explanation in self._pairs():
            affect_cells = _affect_cells(**_affect_fields(result)) if has_affect else []
            tag_cells = [output.cell(self._tags(result, explanation))] if self.n_tags else []
            for rank, (mood, probability) in enumerate(list(result.moods.items())[: self.top]):
                cells: list[str | Text] = [output.cell(mood), *output.probability_cells(probability)]
                if rank == 0:
                    table.add_row(output.cell(result.image), *cells, *affect_cells, *tag_cells)
                else:
                    table.add_row("", *cells)
        return table

    def to_dicts(self) -> Iterator[dict[str, Any]]:
        """Yield one object for each picture."""
        for result, explanation in self._pairs():
            fields = result.to_dict(self.top, self.n_tags)
            if explanation is not None:
                contributions = dict(list(explanation.tag_drops.items())[: self.n_tags])
                fields["tags"] = {tag: result.tags[tag] for tag in contributions if tag in result.tags}
                fields["explanation"] = {"mood": explanation.mood, "drops": contributions}
                if explanation.tags_alone is not None:
                    fields["explanation"]["tags_alone"] = explanation.tags_alone
            yield fields

    def to_columns(self) -> Columns:
        """Return a row for each picture and mood: image, mood, probability, and affect if requested."""
        kinds: dict[str, type] = {"image": str, "mood": str, "probability": float}
        if self.with_affect:
            kinds |= dict.fromkeys(("valence", "arousal", "positive"), float)
        rows = [
            {"image": result.image, "mood": mood, "probability": probability, **_affect_fields(result)}
            for result in self.results
            for mood, probability in list(result.moods.items())[: self.top]
        ]
        return columns_of(rows, kinds)

    def _pairs(self) -> Iterator[tuple[Result, Explanation | None]]:
        explanations = itertools.repeat(None) if self.explanations is None else self.explanations
        return zip(self.results, explanations, strict=False)

    def _tags(self, result: Result, explanation: Explanation | None) -> str:
        if explanation is None:
            strongest = list(result.tags.items())[: self.n_tags]
            return "; ".join(f"{_without_synonyms(tag)} {score:.0%}" for tag, score in strongest)
        contributions = list(explanation.tag_drops.items())[: self.n_tags]
        drops = "; ".join(
            f"{_without_synonyms(tag)} {100 * drop:+.1f} pp" for tag, drop in contributions if drop > 0
        )
        if explanation.tags_alone is None:
            return drops
        return f"tags alone: {explanation.tags_alone[explanation.mood]:.0%} {explanation.mood}; {drops}"


@dataclass(frozen=True)
class SearchHits:
    """Pictures that evoke a mood most, with the columns ``path, probability, mood, valence, arousal``."""

    rows: list[dict[str, Any]]

    def to_table(self) -> Table:
        """Return a table with a row for each picture."""
        table = output.new_table()
        table.add_column("path", overflow="fold")
        _add_probability_columns(table)
        table.add_column("mood", no_wrap=True)
        _add_affect_columns(table)
        for row in self.rows:
            table.add_row(
                output.cell(row["path"]),
                *output.probability_cells(row["probability"]),
                output.cell(row["mood"]),
                *_affect_cells(row["valence"], row["arousal"]),
            )
        return table

    def to_dicts(self) -> Iterator[dict[str, Any]]:
        """Yield one object for each picture."""
        return iter(self.rows)

    def to_columns(self) -> Columns:
        """Return a row for each picture."""
        kinds = {"path": str, "probability": float, "mood": str, "valence": float, "arousal": float}
        return columns_of(self.rows, kinds)


def columns_of(rows: Sequence[dict[str, Any]], kinds: dict[str, type]) -> Columns:
    """Return the columns of rows; `kinds` has the names and types of the columns."""
    from imagemood.tables.column_table import Column

    return {name: Column([row.get(name) for row in rows], kind) for name, kind in kinds.items()}


def _add_probability_columns(table: Table) -> None:
    table.add_column("probability", justify="right", no_wrap=True)
    table.add_column(output.BAR, no_wrap=True, style="cyan")


def _add_affect_columns(table: Table) -> None:
    for name in ("valence", "arousal"):
        table.add_column(name, justify="right", no_wrap=True)


def _affect_cells(valence: float | None = None, arousal: float | None = None, **_: float) -> list[str]:
    return ["" if value is None else f"{value:+.2f}" for value in (valence, arousal)]


def _affect_fields(result: Result) -> dict[str, float]:
    affect = result.affect
    if affect is None:
        return {}
    return {"valence": affect.valence, "arousal": affect.arousal, "positive": affect.positive}


def _without_synonyms(tag: str) -> str:
    return tag.partition(",")[0]
