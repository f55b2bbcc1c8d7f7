"""The command `demo`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from imagemood.cli import output

if TYPE_CHECKING:
    from rich.table import Table


def demo() -> None:
    """Classify the sample pictures: freely licensed photos and drawings that evoke each of the eight moods.

    The command samples writes the pictures to a folder, with their authors and licences.

    Example: imagemood demo
    """
    output.emit(output.render(demo_table()), None)
    output.inform("imagemood samples -o samples writes these pictures, with their authors and licences")


def demo_table() -> Table:
    """Classify the sample pictures and return a table of their most probable moods, for 80 columns."""
    from imagemood.pictures import samples
    from imagemood.prediction.cascade import Cascade

    pictures = samples.all_samples()
    results = Cascade.load().classify_many([sample.path for sample in pictures], ["tags"])
    table = output.new_table()
    table.add_column("picture")
    table.add_column("mood")
    table.add_column("probability", justify="right")
    table.add_column(output.BAR, style="cyan")
    for sample, result in zip(pictures, results, strict=True):
        if result.error is not None:
            raise result.error
        mood, probability = next(iter(result.moods.items()))
        table.add_row(sample.title, mood, *output.probability_cells(probability))
    return table
