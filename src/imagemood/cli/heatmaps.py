"""Heat maps over pictures, written as PNG files."""

from __future__ import annotations

import io
from pathlib import Path
from typing import TYPE_CHECKING

from imagemood.cli import output
from imagemood.errors import InputError, MoodError

if TYPE_CHECKING:
    from imagemood.pictures.sources import Source
    from imagemood.prediction.cascade import Cascade
    from imagemood.prediction.result import Result

_MAX_SIDE_PX = 1600  # of the files written


def readable_twice(found: list[Source]) -> list[Source]:
    """Keep what can be read only once: it is read for its moods, and again to be drawn."""
    from imagemood.pictures import sources

    return [source if sources.is_file(source) else sources.HeldSource(source.name) for source in found]


def targets(sources: list[Source], path: Path, cascade: Cascade) -> dict[str, tuple[Source, Path]]:
    """Return the output file of each heat map, before any is computed."""
    known, wanted = cascade.tagger.card.mood_labels, cascade.needed_moods.labels
    if not set(known) & set(wanted):
        what = "has no heat maps" if not known else f"has heat maps of {', '.join(known)} only"
        raise InputError(f"the tagger '{cascade.tagger.card.name}' {what}", hint="leave --heatmap out")
    if len(sources) == 1 and path.suffix.lower() == ".png":
        return {sources[0].name: (sources[0], path)}
    if path.suffix or path.is_file():
        what = f"one file for {len(sources)} pictures" if path.suffix.lower() == ".png" else "not a PNG file"
        raise InputError(what, where=str(path), hint="give a folder, or one picture and a .png file")
    names: dict[str, int] = {}
    where = {}
    for source in sources:
        stem = Path(source.name).stem if source.name != "-" else "stdin"
        names[stem] = names.get(stem, 0) + 1  # pictures in several folders may share a name
        where[source.name] = (source, path / f"{stem}{'' if names[stem] == 1 else f'-{names[stem]}'}.png")
    return where


def write(results: list[Result], where: dict[str, tuple[Source, Path]]) -> int:
    """Write the heat maps, each atomically; report and count those that cannot be written."""
    import numpy as np
    import PIL.Image

    from imagemood.pictures import decoding
    from imagemood.prediction import heatmap
    from imagemood.tables.files import write_bytes

    n_failed = 0
    for result in results if where else ():
        source, path = where[result.image]
        try:
            region = heatmap.compute(result, str(result.mood))
            if region is None:
                raise InputError(f"no heat map of '{result.mood}'", where=result.image)
            picture = PIL.Image.fromarray(decoding.decode(source.read(), name=source.name))
            picture.thumbnail((_MAX_SIDE_PX, _MAX_SIDE_PX))
            blended = heatmap.overlay(np.asarray(picture), region)
            content = io.BytesIO()
            PIL.Image.fromarray(blended).save(content, "PNG")
            path.parent.mkdir(parents=True, exist_ok=True)
            write_bytes(content.getvalue(), path)
        except MoodError as error:
            output.report_error(error)
            n_failed += 1
    return n_failed
