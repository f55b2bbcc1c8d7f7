"""The command `reproduce`."""

from __future__ import annotations

import typer

from imagemood.cli import dataset_options, options, output
from imagemood.cli.pictures import FolderSearch
from imagemood.cli.training_sets import TrainingSetOptions, work_file


def reproduce(
    context: typer.Context,
    tags: options.Tags = None,
    labels: options.Labels = None,
    images: options.Photos = None,
    images_format: dataset_options.ImagesFormat = None,
    include_hidden: options.IncludeHidden = False,
    follow_links: options.FollowLinks = False,
    show_skipped: options.ShowSkipped = False,
    layout: options.ReportFormat = None,
    file: options.Output = None,
    work: options.Work = None,
    tagger: options.Tagger = None,
    device: options.Device = "auto",
) -> None:
    """Repeat the experiment of the 2018 program on ArtPhoto, beside its published results.

    A random forest of 300 trees on tags is evaluated by five-fold cross-validation, and on a fifth of the pictures
    that is held out, as in the published table. The pictures are those of ArtPhoto, or others with the same moods;
    the tag rows of the 2018 tagger can be used instead.

    Example: imagemood reproduce --images testImages_artphoto
    """
    from imagemood.cli import outputs
    from imagemood.evaluation.experiment_2018 import run_experiment
    from imagemood.evaluation.journal import Journal
    from imagemood.report.experiment_2018 import format_experiment

    outputs.check_output(file, [tags, labels, tagger])
    folders = FolderSearch(
        context, include_hidden=include_hidden, follow_links=follow_links, show_skipped=show_skipped
    )
    source = TrainingSetOptions(
        tags, labels, images, example=False, tagger=tagger, work=work, device=device, folders=folders,
        images_format=images_format,
    )  # fmt: skip
    chosen = source.read(("tags",))
    journal = Journal(work_file(work, "folds.jsonl"))
    with output.progress("Folds") as tick:
        experiment = run_experiment(chosen.training_set, journal=journal, progress=tick)
    if output.as_json(layout, file):
        output.emit_json(experiment.to_dict(), file)
    else:
        output.emit(format_experiment(experiment) + "\n", file)
    raise typer.Exit(chosen.exit_code)
