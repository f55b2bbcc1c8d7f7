"""The command `finetune`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from imagemood.cli import dataset_options, options, output
from imagemood.cli.options import SummaryFormat
from imagemood.cli.pictures import FolderSearch

if TYPE_CHECKING:
    from imagemood.evaluation.metrics import Evaluation

_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD = -1, -3  # in malloc.h
_RESUME_HINT = "run the same command again to resume"


def finetune(
    model_dir: Annotated[
        Path,
        typer.Option("-o", "--output", help="Model directory to write.", metavar="MODEL_DIR", show_default=False),
    ],
    *,
    images: Annotated[
        str,
        typer.Option(
            "--images",
            help="Folder with one subfolder of pictures per mood, or a dataset as published.",
            metavar="FOLDER",
            show_default=False,
        ),
    ],
    labels: dataset_options.Labels = None,
    images_format: dataset_options.ImagesFormat = None,
    split: dataset_options.Split = None,
    folders: FolderSearch,
    start: Annotated[
        str,
        typer.Option(
            help="Weights to start from: moods (the built-in network for moods) or tags (the published network, "
            "which has seen no moods).",
            metavar="WEIGHTS",
        ),
    ] = "moods",
    held_out: Annotated[
        float,
        typer.Option(
            min=0,
            max=0.5,
            help="Fraction of the pictures for the evaluation and the calibration; the others are for training.",
        ),
    ] = 0.2,
    epochs: Annotated[
        int | None,
        typer.Option(
            min=1,
            max=1000,
            help="Number of passes over the pictures.",
            show_default="10, and up to 20 for few pictures",
        ),
    ] = None,
    balanced: options.Balanced = False,
    output_format: Annotated[
        SummaryFormat, typer.Option("--format", help="Output format of the metrics.")
    ] = SummaryFormat.text,
    work: Annotated[
        Path | None,
        typer.Option(
            help="Folder for the decoded pictures and the checkpoint, with which an interrupted command resumes.",
            metavar="DIR",
            show_default="MODEL_DIR-work, which is removed at the end",
        ),
    ] = None,
    device: options.Device = "auto",
    seed: options.Seed = 0,
    force: options.Force = False,
) -> None:
    """Fine-tune the network on labelled pictures, and write a model directory that contains it.

    The moods are the names of the folders, or the labels of the dataset; any names can be used. Pictures with
    votes have the mood with the most votes; tied ones are left out. The metrics are those on the pictures that
    were held out. An interrupted command resumes.

    Example: imagemood finetune --images photos -o finetuned
    """
    from imagemood._files import check_folder
    from imagemood.cli.training_sets import TrainingSetReader
    from imagemood.errors import VocabularyError
    from imagemood.models.model_directory import MARKERS

    check_folder(model_dir, markers=MARKERS, force=force)  # before training, which takes long
    work_folder = _work_folder(work, model_dir)
    _prepare()
    from imagemood.finetuning import finetune as finetuning
    from imagemood.finetuning.settings import Settings
    from imagemood.finetuning.starting_weights import Start
    from imagemood.finetuning.work_folder import remove

    settings = Settings(Start.of(start), held_out, epochs, balanced, seed)
    labelled = dataset_options.TrainingSetOptions(
        labels=labels,
        images_format=images_format,
        split=split,
        votes=dataset_options.VoteUse.majority,
        folders=folders,
    )
    dataset = TrainingSetReader(labelled).read_moods(images, ("train",))
    try:
        result = finetuning.finetune(
            dataset,
            work_folder,
            settings,
            device=device,
            console=finetuning.Console(output.inform, output.progress),
        )
    except VocabularyError:
        if work is None:  # with other pictures, nothing in it can be used
            remove(work_folder)
        raise
    except KeyboardInterrupt:
        raise KeyboardInterrupt(_RESUME_HINT) from None
    for failure in result.failures:
        output.report_error(failure)
    result.model.write(model_dir)
    if work is None:
        remove(work_folder)
    n_images = result.model.metadata.training_set["n_images"]
    output.inform(f"{model_dir}: fine-tuned network, trained on {n_images:,} pictures")
    _show(result.model.evaluation, output_format)
    raise typer.Exit(int(bool(result.failures)))


def _work_folder(work: Path | None, model_dir: Path) -> Path:
    """Return the work folder, which must not be in the model directory, because that is replaced at the end."""
    from imagemood._files import check_folder
    from imagemood.errors import InputError

    target = model_dir.resolve()
    if work is None:
        work = target.with_name(f"{target.name}-work")
    check_folder(work)
    if work.resolve().is_relative_to(target):
        hint = "choose another folder with --work"
        raise InputError("the work folder is in the model directory", where=str(work), hint=hint)
    return work


def _show(evaluation: Evaluation | None, output_format: SummaryFormat) -> None:
    from imagemood.report import format_evaluation

    if output_format is SummaryFormat.json:
        output.emit_json({} if evaluation is None else evaluation.to_dict(), None)
    elif evaluation is not None:
        output.emit(format_evaluation(evaluation) + "\n", None)


def _prepare() -> None:
    """Set what PyTorch reads when it is loaded."""
    import os

    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")  # threads that wait would keep other programs from running
    _keep_freed_memory()


def _keep_freed_memory() -> None:
    """Let glibc reuse large blocks of memory; returning them to the system takes much time."""
    import ctypes
    from contextlib import suppress

    with suppress(AttributeError, OSError, TypeError):  # other C libraries
        libc = ctypes.CDLL(None)
        libc.mallopt(_M_MMAP_THRESHOLD, 2**30)
        libc.mallopt(_M_TRIM_THRESHOLD, 2**31 - 1)
