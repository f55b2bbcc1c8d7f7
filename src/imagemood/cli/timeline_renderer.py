"""Renders the moods of a video over time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from imagemood.cli import output

if TYPE_CHECKING:
    from rich.table import Table

    from imagemood.prediction.result import Result
    from imagemood.tables.column_table import Columns


@dataclass(frozen=True)
class Moment:
    """The prediction for the frame of a video at a time."""

    time_s: float
    result: Result


@dataclass(frozen=True)
class Timeline:
    """The predictions for a video, in the order of the times."""

    moments: list[Moment]

    def to_table(self) -> Table:
        """Return a table with a row for each time."""
        table = output.new_table()
        table.add_column("time", justify="right", no_wrap=True)
        table.add_column("mood", no_wrap=True)
        table.add_column("probability", justify="right", no_wrap=True)
        table.add_column(output.BAR, no_wrap=True, style="cyan")
        for moment in self.moments:
            mood, probability = next(iter(moment.result.moods.items()))
            table.add_row(_clock(moment.time_s), output.cell(mood), *output.probability_cells(probability))
        return table

    def to_dicts(self) -> Iterator[dict[str, Any]]:
        """Yield one object for each time."""
        for moment in self.moments:
            fields = moment.result.to_dict()
            yield {"time_s": round(moment.time_s, 3), "moods": fields["moods"], "affect": fields["affect"]}

    def to_columns(self) -> Columns:
        """Return a row for each time, with a column for the probability of each mood."""
        from imagemood.tables.column_table import Column

        results = [moment.result for moment in self.moments]
        affects = [result.affect for result in results]
        columns = {
            "time_s": Column([round(moment.time_s, 3) for moment in self.moments], float),
            "mood": Column([result.mood for result in results], str),
            "valence": Column([affect and affect.valence for affect in affects], float),
            "arousal": Column([affect and affect.arousal for affect in affects], float),
        }
        probabilities = {
            mood: Column([result.moods[mood] for result in results], float) for mood in results[0].labels
        }
        return {**columns, **{f"probability_{mood}": column for mood, column in probabilities.items()}}


def _clock(time_s: float) -> str:
    minutes, seconds = divmod(round(time_s, 2), 60)
    hours, minutes = divmod(int(minutes), 60)
    return f"{hours}:{minutes:02d}:{seconds:05.2f}"
