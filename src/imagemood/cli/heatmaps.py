"""Heat maps over pictures, written as PNG files."""

from __future__ import annotations

import io
import os
import re
import unicodedata
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from imagemood.cli import output, output_checks
from imagemood.errors import InputError, MoodError
from imagemood.pictures.names import to_address

if TYPE_CHECKING:
    from imagemood.pictures.picture import Decoder, Picture
    from imagemood.prediction.cascade import Cascade
    from imagemood.prediction.result import Result

_MAX_SIDE_PX = 1600  # of the files written
_MAX_STEM_BYTES = 200  # file systems allow names of 255 bytes, with the number and the extension


def targets(pictures: list[Picture], path: Path, cascade: Cascade) -> dict[str, tuple[Picture, Path]]:
    """Return the picture and the output file of each heat map, by the name of the picture.

    Raises
    ------
    InputError
        If there are no heat maps of the moods, or the files cannot be written or would replace a picture.
    """
    known, wanted = cascade.tagger.card.mood_labels, cascade.require_mood_classifier().labels
    if not set(known) & set(wanted):
        what = "has no heat maps" if not known else f"has heat maps of {', '.join(known)} only"
        raise InputError(f"the tagger '{cascade.tagger.card.name}' {what}", hint="omit --heatmap")
    files = _files_of(pictures, path)
    output_checks.check_not_pictures(files.values(), pictures)
    return {picture.name: (picture, files[picture.name]) for picture in pictures}


def _files_of(pictures: list[Picture], path: Path) -> dict[str, Path]:
    """Return the output file of each heat map, by the name of the picture; raise if it cannot be written."""
    from imagemood._files import check_file, check_folder, is_stream, reported_errors

    if str(path) == "-":
        raise InputError("standard output contains the moods", where="-", hint="give a folder or a .png file")
    with reported_errors(path):
        holds_png = path.suffix.lower() == ".png" or is_stream(path)
        if path.is_dir() or not (holds_png or path.suffix or path.is_file()):
            check_folder(path)
            stems = distinct_stems(list(dict.fromkeys(picture.name for picture in pictures)))
            return {name: path / f"{stem}.png" for name, stem in stems.items()}
        if not holds_png or len(pictures) > 1:
            what = f"one file for {len(pictures)} pictures" if holds_png else "not a PNG file"
            raise InputError(what, where=str(path), hint="give a folder, or one picture and a .png file")
        check_file(path) if path.parent.exists() else check_folder(path.parent)
        return {picture.name: path for picture in pictures}


def distinct_stems(names: list[str]) -> dict[str, str]:
    """Return a file name without extension for each picture, all of which differ on every file system.

    The first picture of a name keeps it. The others get the lowest free number, in the order of the pictures.
    Names that differ only in case, or in the composition of accents, count as equal.

    Examples
    --------
    >>> distinct_stems(["a/sea.jpg", "b/Sea.png", "c/sea-2.jpg", "shots.parquet#7"])
    {'a/sea.jpg': 'sea', 'c/sea-2.jpg': 'sea-2', 'shots.parquet#7': 'shots#7', 'b/Sea.png': 'Sea-3'}
    """
    found: dict[str, str] = {}
    taken: set[str] = set()
    repeated = []
    for name in names:
        stem = _stem(name)
        if _folded(stem) in taken:
            repeated.append((name, stem))
        else:
            found[name] = stem
            taken.add(_folded(stem))
    next_numbers: dict[str, int] = {}
    for name, stem in repeated:
        number = next_numbers.get(_folded(stem), 2)
        while _folded(f"{stem}-{number}") in taken:
            number += 1
        next_numbers[_folded(stem)] = number + 1
        found[name] = f"{stem}-{number}"
        taken.add(_folded(found[name]))
    return found


def _stem(name: str) -> str:
    from imagemood.pictures.reading import addresses, urls

    if name == "-":
        return "stdin"
    path, separator, row = name.rpartition("#")
    if separator and row.isdecimal() and addresses.table_format(path):
        stem = PurePosixPath(path).name.partition(".")[0] + f"#{row}"
    else:
        is_web = urls.is_web(name)
        stem = PurePosixPath(re.split(r"[?#]", name)[0] if is_web else to_address(name)).stem
    while len(os.fsencode(stem)) > _MAX_STEM_BYTES:
        stem = stem[:-1]
    return stem or "picture"


def _folded(stem: str) -> str:
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", stem).casefold())


def write(results: list[Result], where: dict[str, tuple[Picture, Path]], decoder: Decoder) -> int:
    """Write the heat maps, each atomically; report and count those that cannot be written."""
    import numpy as np
    import PIL.Image

    from imagemood.pictures.reading import storage
    from imagemood.prediction import heatmap, heatmap_legend

    n_failed = 0
    for result in results if where else ():
        picture, path = where[result.image]
        try:
            region = heatmap.compute(result, str(result.mood))
            if region is None:
                raise InputError(f"no heat map of '{result.mood}'", where=result.image)
            image = PIL.Image.fromarray(picture.decode(decoder=decoder))
            image.thumbnail((_MAX_SIDE_PX, _MAX_SIDE_PX))
            blended = heatmap_legend.add(heatmap.overlay(np.asarray(image), region), region, str(result.mood))
            content = io.BytesIO()
            PIL.Image.fromarray(blended).save(content, "PNG")
            storage.write(str(path), content.getvalue())
        except MoodError as error:
            output.report_error(error)
            n_failed += 1
    return n_failed
