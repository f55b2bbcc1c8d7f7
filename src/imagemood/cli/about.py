"""The commands `info` and `demo`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from imagemood.cli import options, output
from imagemood.cli.options import Report

if TYPE_CHECKING:
    from rich.table import Table


def info(
    model: options.Model = None,
    tagger: options.Tagger = None,
    device: options.Device = "auto",
    report: Annotated[Report, typer.Option("--format", help="Output format.")] = Report.text,
) -> None:
    """Show the versions, the tagger, the model, their hash, the moods and the device.

    Example: imagemood info --format json
    """
    import platform

    import imagemood
    from imagemood.models import model_directory
    from imagemood.models.model_hash import model_hash
    from imagemood.models.network import ONNXRUNTIME_VERSION
    from imagemood.models.tagger import Tagger

    loaded, moods = Tagger.load(tagger, device=device), model_directory.load(model)
    tagger_card = loaded.card
    about = moods.metadata
    facts: dict[str, Any] = {
        "version": imagemood.__version__,
        "python": platform.python_version(),
        "onnxruntime": ONNXRUNTIME_VERSION,
        "device": loaded.network.device,
        "providers": loaded.network.providers,
        "tagger": tagger_card.name,
        "tags": len(tagger_card.labels),
        "picture size": tagger_card.size_px,
        "model": moods.network.name,
        "hash": model_hash(model, tagger),
        "algorithm": about.algorithm,
        "inputs": list(about.inputs),
        "moods": list(about.labels),
        "training images": about.training_set.get("n_images"),
    }
    if report is Report.json:
        output.emit_json(facts, None)
        return
    for name, value in facts.items():
        typer.echo(f"{name:16} {', '.join(value) if isinstance(value, list) else value}")


def demo() -> None:
    """Classify freely licensed sample pictures, which come with scikit-image.

    Example: imagemood demo
    """
    output.emit(output.render(demo_table()), None)


def demo_table(*, with_sources: bool = True) -> Table:
    """Classify the sample pictures and return a table of the results, with the source and licence of each."""
    from rich.table import Table

    from imagemood.pictures import samples
    from imagemood.prediction.cascade import Cascade

    pictures = samples.all_samples()
    results = Cascade.load().classify_many([sample.path for sample in pictures])
    table = Table(header_style="bold", box=None, pad_edge=False)
    for column in ("picture", "mood", "probability", "", "strongest tag"):
        table.add_column(column, overflow="fold", style="cyan" if not column else None)
    for column in ("source", "licence") if with_sources else ():
        table.add_column(column, overflow="fold")
    for sample, result in zip(pictures, results, strict=True):
        if result.error is not None:
            raise result.error
        about = [sample.source, sample.licence] if with_sources else []
        for rank, (mood, probability) in enumerate(list(result.moods.items())[:3]):
            cells = [mood, f"{probability:.1%}", output.bar(probability)]
            if rank == 0:
                table.add_row(sample.title, *cells, next(iter(result.tags)), *about)
            else:
                table.add_row("", *cells)
    return table
