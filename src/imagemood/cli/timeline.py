"""The command `timeline`."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from imagemood.cli import options, output
from imagemood.cli.option_groups import PredictionOutput

if TYPE_CHECKING:
    from collections.abc import Iterator

    from imagemood.pictures.picture import Picture
    from imagemood.pictures.pixels.video_frames import Video

_INTERVAL = re.compile(r"(\d+(?:\.\d+)?|\.\d+)\s*(ms|s|min|m|h|)")
_SECONDS = {"ms": 0.001, "s": 1.0, "": 1.0, "min": 60.0, "m": 60.0, "h": 3600.0}
_SHORTEST_S = 0.01


def _seconds(text: str) -> float:
    """Return an interval such as 500ms, 1s or 2min in seconds."""
    found = _INTERVAL.fullmatch(text.strip())
    seconds = float(found[1]) * _SECONDS[found[2]] if found else 0.0
    if seconds < _SHORTEST_S:
        raise typer.BadParameter(f"'{text}' is not an interval of at least 10ms, such as 500ms, 1s or 2min")
    return seconds


def timeline(
    video: Annotated[
        str,
        typer.Argument(
            help="The video: a path or URL, or - for standard input.", metavar="VIDEO", show_default=False
        ),
    ],
    *,
    every: Annotated[
        float, typer.Option(help="Interval between two frames.", metavar="TIME", parser=_seconds)
    ] = "1s",  # type: ignore[assignment]
    plot: Annotated[
        Path | None,
        typer.Option(help="SVG file to write, with the moods over time.", metavar="FILE", show_default=False),
    ] = None,
    target: PredictionOutput,
    model: options.Model = None,
    tagger: options.Tagger = None,
    device: options.Device = "auto",
    ca_file: options.CaFile = None,
) -> None:
    """Show how the mood of a video changes over time.

    Frames at regular times are classified, each on its own, without the sound.

    Example: imagemood timeline film.mp4 --every 2s --plot film.svg
    """
    from contextlib import closing

    from imagemood import _extras
    from imagemood.albums.timeline_plot import draw
    from imagemood.cli import output_checks
    from imagemood.cli.timeline_renderer import Moment, Timeline
    from imagemood.errors import ImageError
    from imagemood.pictures.pixels.video_frames import Video
    from imagemood.prediction.cascade import Cascade

    _extras.require("video")
    target.check([video, tagger])
    if plot is not None:
        output_checks.check_output(plot, [video, tagger])
        output_checks.check_extension(plot, (".svg",), "the plot is an SVG file")
    with closing(Video(video)) as opened, output.progress("Classifying", unit="frames") as progress:
        cascade = Cascade.load(model, tagger=tagger, device=device)
        total = int((opened.duration_s or 0) / every) + 1
        moments = []
        frames = _frames(opened, every, 2 * cascade.tagger.size_px)
        for n_done, result in enumerate(cascade.classify_many(frames, ()), start=1):
            progress(n_done, max(total, n_done))
            if result.error is not None:
                raise result.error
            moments.append(Moment((n_done - 1) * every, result))
    if not moments:
        raise ImageError("no frame of the video can be decoded", where=video)
    target.emit(Timeline(moments))
    if plot is not None:
        labels = cascade.require_mood_classifier().labels
        output.emit(
            draw(labels, [(moment.time_s, moment.result.moods) for moment in moments], every).encode(), plot
        )


def _frames(video: Video, every_s: float, side_px: int) -> Iterator[Picture]:
    from imagemood.pictures.picture import Picture

    for time, pixels in video.frames(every_s, side_px):
        yield Picture.from_image(pixels, name=f"{video.name} at {time:g} s")
