"""The command `reproduce`."""

from __future__ import annotations

import typer

from imagemood.cli import dataset_options, options, output
from imagemood.cli.dataset_options import TrainingSetOptions
from imagemood.cli.option_groups import ReportOutput
from imagemood.cli.pictures import FolderSearch
from imagemood.cli.training_sets import TrainingSetReader, work_file


def reproduce(
    *,
    tags: dataset_options.Tags = None,
    labels: dataset_options.Labels = None,
    images: dataset_options.Photos = None,
    images_format: dataset_options.ImagesFormat = None,
    folders: FolderSearch,
    target: ReportOutput,
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
    from imagemood.evaluation.experiment_2018 import run_experiment
    from imagemood.evaluation.journal import Journal
    from imagemood.report.experiment_2018 import format_experiment

    target.check([tags, labels, tagger])
    labelled = TrainingSetOptions(
        tags=tags, labels=labels, images=images, images_format=images_format, folders=folders
    )
    chosen = TrainingSetReader(labelled, tagger, device, work).read(("tags",))
    journal = Journal(work_file(work, "folds.jsonl"))
    with output.progress("Folds") as tick:
        experiment = run_experiment(chosen.training_set, journal=journal, progress=tick)
    target.emit(experiment.to_dict(), format_experiment(experiment) + "\n")
    raise typer.Exit(chosen.exit_code)
