"""Heat maps over pictures, written as PNG files."""

from __future__ import annotations

import io
from pathlib import Path
from typing import TYPE_CHECKING

from imagemood.cli import output
from imagemood.errors import InputError, MoodError

if TYPE_CHECKING:
    from imagemood.pictures.picture import Decoder, Picture
    from imagemood.prediction.cascade import Cascade
    from imagemood.prediction.result import Result

_MAX_SIDE_PX = 1600  # of the files written


def targets(pictures: list[Picture], path: Path, cascade: Cascade) -> dict[str, tuple[Picture, Path]]:
    """Return the picture and the output file of each heat map, by the name of the picture."""
    known, wanted = cascade.tagger.card.mood_labels, cascade.require_mood_classifier().labels
    if not set(known) & set(wanted):
        what = "has no heat maps" if not known else f"has heat maps of {', '.join(known)} only"
        raise InputError(f"the tagger '{cascade.tagger.card.name}' {what}", hint="omit --heatmap")
    if len(pictures) == 1 and path.suffix.lower() == ".png":
        return {pictures[0].name: (pictures[0], path)}
    if path.suffix or path.is_file():
        what = f"one file for {len(pictures)} pictures" if path.suffix.lower() == ".png" else "not a PNG file"
        raise InputError(what, where=str(path), hint="give a folder, or one picture and a .png file")
    names: dict[str, int] = {}
    where = {}
    for picture in pictures:
        stem = Path(picture.name).stem if picture.name != "-" else "stdin"
        names[stem] = names.get(stem, 0) + 1  # pictures in several folders may share a name
        where[picture.name] = (picture, path / f"{stem}{'' if names[stem] == 1 else f'-{names[stem]}'}.png")
    return where


def write(results: list[Result], where: dict[str, tuple[Picture, Path]], decoder: Decoder) -> int:
    """Write the heat maps, each atomically; report and count those that cannot be written."""
    import numpy as np
    import PIL.Image

    from imagemood.prediction import heatmap
    from imagemood.tables.files import write_bytes

    n_failed = 0
    for result in results if where else ():
        picture, path = where[result.image]
        try:
            region = heatmap.compute(result, str(result.mood))
            if region is None:
                raise InputError(f"no heat map of '{result.mood}'", where=result.image)
            image = PIL.Image.fromarray(picture.decode(decoder=decoder))
            image.thumbnail((_MAX_SIDE_PX, _MAX_SIDE_PX))
            blended = heatmap.overlay(np.asarray(image), region)
            content = io.BytesIO()
            PIL.Image.fromarray(blended).save(content, "PNG")
            path.parent.mkdir(parents=True, exist_ok=True)
            write_bytes(content.getvalue(), path)
        except MoodError as error:
            output.report_error(error)
            n_failed += 1
    return n_failed
