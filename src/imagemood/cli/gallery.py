"""The command `gallery`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from imagemood.cli import options, output


def gallery(
    dataset: Annotated[
        str, typer.Argument(help="Dataset written by imagemood bulk.", metavar="FOLDER", show_default=False)
    ],
    page: Annotated[
        Path,
        typer.Option("-o", "--output", help="HTML file to write, atomically.", metavar="FILE", show_default=False),
    ],
    mood: Annotated[
        list[str] | None,
        typer.Option(help="Show only this mood; may be given several times.", show_default="all moods"),
    ] = None,
    top: Annotated[int, typer.Option(min=1, help="Number of pictures per mood.", metavar="N")] = 12,
    ca_file: options.CaFile = None,
) -> None:
    """Write an HTML page with the pictures of a dataset that evoke each mood most.

    The page contains the thumbnails and loads nothing else.

    Example: imagemood gallery moods/ -o moods.html
    """
    from imagemood.bulk.gallery import write_gallery
    from imagemood.cli import output_checks

    output_checks.check_output(page)
    output_checks.check_extension(page, output_checks.HTML_EXTENSIONS, "a gallery is an HTML page")
    with output.progress("Creating thumbnails", unit="pictures") as progress:
        n_unreadable = write_gallery(dataset, page, moods=mood or (), n_per_mood=top, progress=progress)
    if n_unreadable:
        output.warn(f"{n_unreadable} pictures can no longer be read and are shown without a thumbnail")
