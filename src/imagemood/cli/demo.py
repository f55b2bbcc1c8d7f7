"""The command `demo`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from imagemood.cli import output

if TYPE_CHECKING:
    from rich.table import Table


def demo() -> None:
    """Classify the sample pictures: freely licensed photos and drawings that evoke each of the eight moods.

    The command samples writes the pictures to a folder.

    Example: imagemood demo
    """
    output.emit(output.render(demo_table()), None)


def demo_table(*, with_sources: bool = True) -> Table:
    """Classify the sample pictures and return a table of their moods, with the source and licence of each."""
    from imagemood.pictures import samples
    from imagemood.prediction.cascade import Cascade

    pictures = samples.all_samples()
    results = Cascade.load().classify_many([sample.path for sample in pictures], ["tags"])
    table = output.new_table()
    for column in ("picture", "mood", "probability", output.BAR, "strongest tag"):
        table.add_column(column, overflow="fold", style="cyan" if column == output.BAR else None)
    for column in ("source", "licence") if with_sources else ():
        table.add_column(column, overflow="fold")
    for sample, result in zip(pictures, results, strict=True):
        if result.error is not None:
            raise result.error
        credits_ = [sample.source, sample.licence] if with_sources else []
        mood, probability = next(iter(result.moods.items()))
        table.add_row(
            sample.title, mood, *output.probability_cells(probability), next(iter(result.tags)), *credits_
        )
    return table
