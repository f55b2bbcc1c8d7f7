"""Renders similar pictures."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from imagemood.cli import output
from imagemood.cli.renderers import columns_of

if TYPE_CHECKING:
    from rich.table import Table

    from imagemood.albums.similarity import Neighbour
    from imagemood.tables.column_table import Columns


@dataclass(frozen=True)
class Neighbours:
    """Pictures that are similar to a picture, the most similar one first."""

    neighbours: list[Neighbour]

    def to_table(self) -> Table:
        """Return a table with a row for each picture."""
        table = output.new_table()
        table.add_column("path", overflow="fold")
        table.add_column("similarity", justify="right", no_wrap=True)
        table.add_column(output.BAR, no_wrap=True, style="cyan")
        table.add_column("mood", no_wrap=True)
        for row in self.to_dicts():
            similarity, bar = output.probability_cells(row["similarity"])
            table.add_row(output.cell(row["path"]), similarity, bar, output.cell(row["mood"]))
        return table

    def to_dicts(self) -> Iterator[dict[str, Any]]:
        """Yield one object for each picture."""
        from imagemood.prediction.affect import affect_of

        for neighbour in self.neighbours:
            affect = affect_of(neighbour.moods)
            yield {
                "path": neighbour.image,
                "similarity": neighbour.similarity,
                "mood": max(neighbour.moods, key=neighbour.moods.__getitem__),
                "valence": affect and affect.valence,
                "arousal": affect and affect.arousal,
            }

    def to_columns(self) -> Columns:
        """Return a row for each picture."""
        kinds = {"path": str, "similarity": float, "mood": str, "valence": float, "arousal": float}
        return columns_of(list(self.to_dicts()), kinds)
