"""Predictions with a dumped model, for the 2018 command line."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from imagemood._streams import print_message
from imagemood._text import printable
from imagemood.errors import InputError

if TYPE_CHECKING:
    from imagemood.tables.tag_set import TagSet

MODEL_NAME = "image_mood_classifier"
"""The name of the model, which was also the name of its folder in the dump of 2018."""
_N_SHOWN_IMAGES, _N_SHOWN_MOODS = 10, 3


def predict(options: argparse.Namespace) -> list[list[str]]:
    """Predict moods, save or print them, and return the equivalent commands of imagemood."""
    from imagemood import tables
    from imagemood._files import check_file
    from imagemood.models import model_directory

    if not options.dump_model:
        raise InputError("no model to predict with", hint="add -d MODEL, the directory of a dumped model")
    target = options.predict_path or "-"
    check_file(target)
    model = find_dump(options.dump_model)
    tag_format, mood_format = format_or_csv(options.input), format_or_csv(target)
    prediction = model_directory.load(model).predict_rows(tables.read(options.input, format=tag_format))
    if prediction.n_unknown_rows:
        print_message(f"warning: skipped {prediction.n_unknown_rows} rows whose tags the model does not know")
    n_unknown_images = len(prediction.images_without_known_tag)
    if n_unknown_images:
        print_message(
            f"warning: predicted the prior probabilities for {n_unknown_images} images without a known tag"
        )
    tables.write(prediction.rows, target, format=mood_format)
    command = ["imagemood", "mood", options.input, "--model", model]
    command += ["--input-format", tag_format] if tag_format else []
    if target != "-":
        print(format_moods(prediction.rows))
        command += ["-o", target, *(["--format", mood_format] if mood_format else [])]
    return [command]


def find_dump(path: str) -> str:
    """Return the directory of a dumped model, which may be in the folder of that name, as in 2018.

    Examples
    --------
    >>> find_dump("nowhere")
    'nowhere'
    """
    inner = Path(path, MODEL_NAME)
    is_dump = Path(path, "metadata.json").exists()
    return str(inner) if not is_dump and (inner / "metadata.json").exists() else path


def format_or_csv(path: str) -> str | None:
    """Return ``csv`` for a file without a known file name extension, or else None.

    Examples
    --------
    >>> format_or_csv("tags.dat"), format_or_csv("tags.zip"), format_or_csv("tags.parquet")
    ('csv', None, None)
    """
    from imagemood.tables.files import format_of, is_archive

    if is_archive(path):
        return None
    try:
        format_of(path)
    except InputError:
        return "csv"
    return None


def format_moods(moods: TagSet) -> str:
    """Return a table of the most probable moods of the first images.

    Examples
    --------
    >>> from imagemood import TagSet
    >>> print(format_moods(TagSet.from_rows([7, 7, 8], ["awe", "fear", "fear"], [0.75, 0.25, 1.0])))
    image  moods
    7      awe 75.0 %, fear 25.0 %
    8      fear 100.0 %
    """
    shown: dict[str, list[str]] = {}
    for image, tag, score in zip(*(column.to_list() for column in moods.to_columns().values()), strict=True):
        if len(shown) == _N_SHOWN_IMAGES and str(image) not in shown:
            break
        found = shown.setdefault(str(image), [])
        if len(found) < _N_SHOWN_MOODS:
            found.append(f"{printable(tag)} {100 * score:.1f} %")
    width = max(len("image"), *(len(printable(image)) for image in shown))
    lines = [f"{'image':{width}}  moods"]
    lines += [f"{printable(image):{width}}  {', '.join(found)}" for image, found in shown.items()]
    n_more = moods.n_images - len(shown)
    return "\n".join([*lines, *([f"and {n_more} more images"] if n_more else [])])
