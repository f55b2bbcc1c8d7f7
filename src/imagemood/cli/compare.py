"""compare: algorithms × inputs under one set of folds."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from imagemood.cli import options, output
from imagemood.cli.options import Algorithm
from imagemood.cli.training_sets import Options, parse_inputs, work_file


def compare(
    tags: options.Tags = None,
    labels: options.Labels = None,
    features: options.FeatureFile = None,
    images: options.Photos = None,
    example: options.Example = False,
    algorithm: Annotated[
        list[Algorithm] | None,
        typer.Option(help="Compare this one; may be given several times.", show_default="all"),
    ] = None,
    inputs: Annotated[
        list[str] | None,
        typer.Option(
            help="Compare learning from these, such as embedding+tags; may be given several times.",
            show_default="of pictures: tags, tags+visual, embedding, embedding+tags, embedding+tags+visual",
        ),
    ] = None,
    balanced: options.Balanced = False,
    folds: options.Folds = 5,
    sample: Annotated[
        int | None,
        typer.Option(min=1, help="Compare on so many images, drawn alike of each mood.", show_default="all"),
    ] = None,
    jobs: Annotated[
        int | None, typer.Option(min=1, help="Folds to work on at once.", show_default="one for each core")
    ] = None,
    layout: options.ReportFormat = None,
    file: options.Output = None,
    work: options.Work = Path("imagemood-work"),
    tagger: options.Tagger = None,
    device: options.Device = "auto",
    seed: options.Seed = 0,
) -> None:
    """Compare algorithms and what they learn from, under one set of folds.

    Each figure is the mean over the folds with its standard deviation. The mark "≈" stands for an accuracy that
    is not told apart from the best by a paired test over the folds, corrected for their overlap and for the number
    of comparisons. Stop it when you like: finished folds are kept, and the same command goes on.

    Example: imagemood compare --images photos --algorithm logistic --algorithm rf -o comparison.json
    """
    from imagemood.evaluation.comparison import INPUT_SETS
    from imagemood.evaluation.comparison import compare as run
    from imagemood.evaluation.journal import Journal
    from imagemood.models.metadata import INPUTS
    from imagemood.report import comparison_tables

    input_sets = [parse_inputs(text) for text in inputs or ()]
    if not input_sets:
        input_sets = [*INPUT_SETS] if images is not None else [("tags",)]
        if features is not None:
            input_sets.append(("tags", "visual"))
    needed = tuple(name for name in INPUTS if any(name in names for names in input_sets))
    source = Options(tags, labels, images, example, features, tagger, work, device)
    chosen = source.read(needed)
    training_set = chosen.training_set if sample is None else chosen.training_set.sample(sample, random_state=seed)
    journal = Journal(work_file(work, "folds.jsonl"))
    with output.progress("Folds") as tick:
        comparison = run(
            training_set,
            [str(name) for name in algorithm or Algorithm],
            input_sets,
            n_folds=folds,
            random_state=seed,
            balanced=balanced,
            journal=journal,
            n_jobs=jobs,
            progress=tick,
        )
    if output.as_json(layout, file):
        output.emit_json(comparison.to_dict(), file)
    else:
        output.emit("\n".join(output.render(table) for table in comparison_tables(comparison)), file)
    raise typer.Exit(chosen.exit_code)
