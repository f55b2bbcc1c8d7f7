"""The command `demo`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from imagemood.cli import output

if TYPE_CHECKING:
    from rich.table import Table

_N_MOODS = 3


def demo() -> None:
    """Classify freely licensed sample pictures, which come with scikit-image.

    Example: imagemood demo
    """
    output.emit(output.render(demo_table()), None)


def demo_table(*, with_sources: bool = True) -> Table:
    """Classify the sample pictures and return a table of the results, with the source and licence of each."""
    from imagemood.pictures import samples
    from imagemood.prediction.cascade import Cascade

    pictures = samples.all_samples()
    results = Cascade.load().classify_many([sample.path for sample in pictures])
    table = output.new_table()
    for column in ("picture", "mood", "probability", output.BAR, "strongest tag"):
        table.add_column(column, overflow="fold", style="cyan" if column == output.BAR else None)
    for column in ("source", "licence") if with_sources else ():
        table.add_column(column, overflow="fold")
    for sample, result in zip(pictures, results, strict=True):
        if result.error is not None:
            raise result.error
        credits_ = [sample.source, sample.licence] if with_sources else []
        for rank, (mood, probability) in enumerate(list(result.moods.items())[:_N_MOODS]):
            cells = [mood, *output.probability_cells(probability)]
            if rank == 0:
                table.add_row(sample.title, *cells, next(iter(result.tags)), *credits_)
            else:
                table.add_row("", *cells)
    return table
