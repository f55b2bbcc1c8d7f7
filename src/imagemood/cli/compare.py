"""The command `compare`, which evaluates algorithms and inputs on the same folds."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from imagemood.cli import options, output
from imagemood.cli.dataset_options import TrainingSetOptions
from imagemood.cli.option_groups import ReportOutput
from imagemood.cli.options import Algorithm
from imagemood.cli.recipe_options import parse_inputs
from imagemood.cli.training_sets import TrainingSetReader, work_file


def compare(
    *,
    labelled: TrainingSetOptions,
    algorithm: Annotated[
        list[Algorithm] | None,
        typer.Option(help="Algorithm to compare. Repeat the option for several.", show_default="all"),
    ] = None,
    inputs: Annotated[
        list[str] | None,
        typer.Option(
            help="Inputs to compare, such as embedding+tags. Repeat the option for several.",
            show_default="for pictures: tags, tags+visual, embedding, embedding+tags, embedding+tags+visual",
        ),
    ] = None,
    balanced: options.Balanced = False,
    folds: options.Folds = 5,
    sample: Annotated[
        int | None,
        typer.Option(min=1, help="Number of pictures to compare on, a stratified sample.", show_default="all"),
    ] = None,
    jobs: Annotated[
        int | None,
        typer.Option(min=1, help="Number of folds to evaluate at the same time.", show_default="one per core"),
    ] = None,
    target: ReportOutput,
    work: options.Work = Path("imagemood-work"),
    tagger: options.Tagger = None,
    device: options.Device = "auto",
    seed: options.Seed = 0,
    ca_file: options.CaFile = None,
) -> None:
    """Compare algorithms and inputs by cross-validation on the same folds.

    Each metric is shown as mean and standard deviation over the folds. The mark "≈" means that the accuracy does
    not differ significantly from the best one, in a paired test over the folds that is corrected for their overlap
    and for the number of comparisons. The results of the best candidate for each mood follow, with confidence
    intervals; JSON contains those of all candidates. Finished folds are recorded, and the same command resumes an
    interrupted comparison.

    Example: imagemood compare --images photos --algorithm logistic --algorithm rf -o comparison.json
    """
    from imagemood.evaluation import comparison
    from imagemood.evaluation.journal import Journal
    from imagemood.models.metadata import INPUTS
    from imagemood.report import comparison_tables, format_best

    target.check([*labelled.files(), tagger], created_folder=work)
    input_sets = [parse_inputs(text) for text in inputs or ()]
    if not input_sets:
        input_sets = [*comparison.INPUT_SETS] if labelled.images is not None else [("tags",)]
        if labelled.features is not None:
            input_sets.append(("tags", "visual"))
    needed = tuple(name for name in INPUTS if any(name in names for names in input_sets))
    reader = TrainingSetReader(labelled, tagger, device, work)
    chosen = reader.read(needed)
    training_set = chosen.training_set if sample is None else chosen.training_set.sample(sample, random_state=seed)
    journal = Journal(work_file(work, "folds.jsonl"))
    with output.progress("Folds") as tick:
        result = comparison.compare(
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
    tables = [output.render(table, target.file) for table in comparison_tables(result)]
    target.emit(result.to_dict(), "\n".join([*tables, format_best(result)]))
    raise typer.Exit(chosen.exit_code)
