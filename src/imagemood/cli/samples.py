"""The command `samples`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from imagemood.cli import output

if TYPE_CHECKING:
    from imagemood.pictures.samples import Sample
    from imagemood.prediction.result import Result


def samples(
    folder: Annotated[
        Path,
        typer.Option(
            "-o",
            "--output",
            help="Folder to write to; other files in it are kept.",
            metavar="FOLDER",
            show_default=False,
        ),
    ],
) -> None:
    """Write the sample pictures, at least two for each mood, with their tag rows and protobuf messages.

    Each picture is in the subfolder of the mood that it was chosen for. Beside it are its tag rows in CSV, in
    JSON and as an ImageTagSet message (.bin), and an Image message with the picture. CREDITS.md states the
    licences.

    Example: imagemood samples -o samples
    """
    from imagemood._files import check_folder, write_file
    from imagemood.pictures.samples import CREDITS, all_samples
    from imagemood.prediction.cascade import Cascade

    check_folder(folder)
    pictures = all_samples()
    results = Cascade.load().classify_many([sample.path for sample in pictures], ["tags"])
    write_file(folder / CREDITS.name, CREDITS.read_bytes(), parents=True)
    for sample, result in zip(pictures, results, strict=True):
        if result.error is not None:
            raise result.error
        for suffix, content in _files(sample, result).items():
            write_file(folder / sample.mood / f"{sample.path.stem}{suffix}", content, parents=True)
    output.inform(f"wrote {len(pictures)} pictures and their messages to {folder}")


def _files(sample: Sample, result: Result) -> dict[str, bytes]:
    """Return the picture, its tag rows and its messages, each with the suffix of its file."""
    from google.protobuf import json_format

    from imagemood import tables
    from imagemood.tables.messages_pb2 import Image, ImageTag, ImageTagSet
    from imagemood.tables.tag_set import TagSet

    content = sample.path.read_bytes()
    rows = TagSet.from_rows([0] * len(result.tags), list(result.tags), list(result.tags.values()))
    message = ImageTagSet(ImageTags=[ImageTag(tag=tag, score=score) for tag, score in result.tags.items()])
    return {
        sample.path.suffix: content,
        ".csv": tables.encode(rows.to_columns(), "csv"),
        ".json": json_format.MessageToJson(message, always_print_fields_with_no_presence=True).encode(),
        ".ImageTagSet.bin": message.SerializeToString(),
        ".Image.bin": Image(mime_type="image/jpeg", image_binary=content).SerializeToString(),
    }
