"""The command `write-xmp`."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from imagemood.cli import output
from imagemood.cli.option_groups import ModelOptions
from imagemood.cli.pictures import FolderSearch, successful_results, without_duplicates, without_errors
from imagemood.errors import InputError, MoodError
from imagemood.keywords.sidecars import SidecarName

if TYPE_CHECKING:
    from imagemood.keywords.writing import Written

_DEFAULT_PROBABILITY = 0.5


def write_xmp(
    paths: Annotated[
        list[str] | None,
        typer.Argument(help="Files, folders or globs on this computer.", metavar="PATHS...", show_default=False),
    ] = None,
    *,
    results: Annotated[
        str | None,
        typer.Option(
            "--results",
            help="Instead of PATHS: results of imagemood classify (JSON, CSV or Parquet), or a dataset of "
            "imagemood bulk.",
            metavar="PATH",
            show_default=False,
        ),
    ] = None,
    in_place: Annotated[
        bool,
        typer.Option(
            "--in-place",
            help="Write into JPEG, TIFF, PNG and WebP files, and into their sidecars only if they exist.",
        ),
    ] = False,
    min_probability: Annotated[
        float, typer.Option(min=0, max=1, help="Write the moods with at least this probability.", metavar="P")
    ] = _DEFAULT_PROBABILITY,
    sidecar_name: Annotated[
        SidecarName,
        typer.Option(
            help="Name of new sidecars: append for IMG.jpg.xmp (darktable, digiKam), replace for IMG.xmp "
            "(Lightroom, Bridge)."
        ),
    ] = SidecarName.APPEND,
    keep_time: Annotated[
        bool, typer.Option("--keep-time", help="With --in-place: keep the modification times of the pictures.")
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show what would be written, and change nothing.")
    ] = False,
    undo: Annotated[bool, typer.Option("--undo", help="Remove what this command has written.")] = False,
    folders: FolderSearch,
    models: ModelOptions,
) -> None:
    """Write the moods of photos as keywords into XMP sidecars, or into the photos, for other photo programs.

    A photo of awe receives the keyword awe (dc:subject), and mood|awe or mood/awe in the hierarchies of Lightroom
    and digiKam. No pixel and no other keyword is changed. If the command is repeated, it updates what it has
    written before, and --undo removes it. It needs the program exiftool.

    Example: imagemood write-xmp photos/ --dry-run
    """
    from imagemood.cli.mood_results import read_moods
    from imagemood.keywords.exiftool import ExifTool
    from imagemood.keywords.writing import KeywordWriter

    if (not paths) == (results is None):
        raise InputError("give either PATHS or --results")
    if keep_time and not in_place and not undo:
        raise InputError("--keep-time applies to --in-place and --undo only", hint="omit it")
    errors: list[MoodError] = []
    reported: set[str] = set()
    lines: list[str] = []
    n_unchanged = 0
    with ExifTool() as exiftool, output.progress("Writing", unit="pictures") as progress:
        writer = KeywordWriter(
            exiftool, in_place=in_place, naming=sidecar_name, keep_time=keep_time, dry_run=dry_run
        )
        predictions: Iterable[tuple[str, dict[str, float]]]
        if results is not None:
            predictions = read_moods(results)
        else:
            pictures = without_duplicates(folders.find_pictures(paths or []))
            if undo:
                predictions = ((picture.name, {}) for picture in without_errors(pictures, errors))
            else:
                found = models.load().classify_many(pictures, ())
                successful = successful_results(found, len(pictures), progress, errors)
                predictions = ((result.image, result.moods) for result in successful)
        for name, moods in predictions:
            n_before = len(lines)
            chosen = [] if undo else _chosen(moods, min_probability)
            try:
                lines += map(_line, writer.write(_local_file(name), chosen))
            except InputError as error:
                if str(error) not in reported:  # the error of a photo library is that of all its photos
                    output.report_error(error)
                reported.add(str(error))
                errors.append(error)
            else:
                n_unchanged += len(lines) == n_before
    output.emit("".join(lines), None)
    verb = "would change" if dry_run else "changed"
    output.inform(f"files {verb}: {len(lines):,}; pictures without changes: {n_unchanged:,}")
    raise typer.Exit(int(bool(errors)))


def _chosen(moods: dict[str, float], min_probability: float) -> list[str]:
    """Return the moods that are probable enough, the most probable first."""
    ordered = sorted(moods.items(), key=lambda item: -item[1])
    return [mood for mood, probability in ordered if probability >= min_probability]


def _local_file(name: str) -> Path:
    """Return the path of a picture; raise if it is not a file on this computer."""
    from imagemood.pictures.names import to_address

    path = Path(to_address(name))
    try:
        is_file = path.is_file()
    except (OSError, ValueError):
        is_file = False
    if not is_file:
        is_elsewhere = "://" in name or name == "-"
        raise InputError("is not a file on this computer" if is_elsewhere else "there is no such file", where=name)
    return path


def _line(written: Written) -> str:
    """Return the line about a changed file, such as ``a.jpg.xmp: +awe -fear``."""
    from imagemood._text import printable
    from imagemood.pictures.names import escape

    changes = [f"+{mood}" for mood in written.added] + [f"-{mood}" for mood in written.removed]
    return printable(f"{escape(written.path)}: {' '.join(changes) or 'other keywords'}") + "\n"
