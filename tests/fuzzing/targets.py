"""The parsers of untrusted bytes, each as a function that may only return or raise the errors of this package."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from imagemood import tables
from imagemood.bulk import dataset_info
from imagemood.errors import MoodError
from imagemood.models.metadata import ModelMetadata
from imagemood.models.tagger_card import TaggerCard
from imagemood.pictures import names
from imagemood.pictures.pixels import colour_profiles, decoding
from imagemood.pictures.pixels.file_formats import orientation
from imagemood.serve import uploads
from imagemood.serve.problems import Problem
from imagemood.serve.schemas import messages, open_inference
from imagemood.serve.settings import Limits
from imagemood.tables.column_table import columns_of
from tests.corpus import hostile_pictures

EXPECTED_ERRORS = (MoodError, Problem)
"""The errors that a parser may raise."""


@dataclass(frozen=True)
class Target:
    """A parser, and valid inputs from which mutations start."""

    parse: Callable[[bytes], object]
    examples: tuple[bytes, ...]

    def check(self, content: bytes) -> None:
        """Parse the content; unexpected errors are raised."""
        message = ""
        try:
            self.parse(content)
        except EXPECTED_ERRORS as error:
            message = str(error)
        assert "\n" not in message


def _check_picture(content: bytes) -> None:
    pixels = decoding.decode(content, size_px=32)
    assert pixels.shape == (32, 32, 3)
    assert pixels.dtype == np.uint8


def _check_profile(content: bytes) -> None:
    import PIL.Image

    assert colour_profiles.to_srgb(PIL.Image.new("RGB", (8, 8)), content).mode == "RGB"


def _check_name(content: bytes) -> None:
    name = names.escape(content.replace(b"\0", b""))
    assert names.escape(names.unescape(name)) == name
    name.encode()


def _decoder_of(table_format: str) -> Callable[[bytes], object]:
    return lambda content: tables.FORMATS[table_format].decode_tag_rows(content, "tags")


def _srgb_profile() -> bytes:
    from PIL import ImageCms

    return ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


def _example_rows() -> dict[str, bytes]:
    import pyarrow as pa

    table = pa.table({"image": ["1", "2"], "tag": ["cat", "dog, hound"], "score": [0.5, 0.25]})
    numbered = table.set_column(0, "image", pa.array([1, 2]))
    return {
        name: format_.encode(columns_of(table if format_.holds_names else numbered))
        for name, format_ in tables.FORMATS.items()
    }


_EXIF = b"Exif\0\0II*\0\x08\0\0\0\1\0\x12\1\3\0\1\0\0\0\6\0\0\0\0\0\0\0"
_CARD = {"size_px": 8, "mean": 127, "std": [128, 128, 128], "labels": ["cat", "dog"], "scores": "s"}
_METADATA = {
    "format_version": 1,
    "labels": ["awe", "fear"],
    "vocabulary": ["cat"],
    "inputs": ["tags"],
    "prior": {"awe": 0.25, "fear": 0.75},
    "algorithm": "logistic",
    "parameters": {"C": 1.0},
    "training_set": {"n_images": 12},
}
_DATASET = {
    "format": 1,
    "source": "photos",
    "column": None,
    "holds_files": False,
    "folder": "/home",
    "labels": ["awe"],
    "model": "12ab",
    "options": {"embedding": False},
    "n_pictures": 12,
    "n_files": 1,
}
_INFERENCE = {"inputs": [{"name": "image", "datatype": "BYTES", "shape": [1], "data": ["aGVsbG8="]}]}

TARGETS = {
    "picture": Target(_check_picture, tuple(hostile_pictures.valid_files().values())),
    "colour profile": Target(_check_profile, (_srgb_profile(),)),
    "exif": Target(orientation.exif_orientation, (_EXIF,)),
    "xmp": Target(orientation.xmp_orientation, (b'<rdf tiff:Orientation="6"/>',)),
    "name": Target(_check_name, (rb"caf\xe9.jpg", b"caf\xe9.jpg")),
    **{f"tag rows in {name}": Target(_decoder_of(name), (example,)) for name, example in _example_rows().items()},
    "tagger card": Target(
        lambda content: TaggerCard.from_json(content, where="card"), (json.dumps(_CARD).encode(),)
    ),
    "model metadata": Target(ModelMetadata.from_json, (json.dumps(_METADATA).encode(),)),
    "dataset description": Target(
        lambda content: dataset_info.parse_info(content, "info"), (json.dumps(_DATASET).encode(),)
    ),
    "request for moods": Target(
        lambda content: uploads.parse_inputs(content, Limits()), (b'{"images": [{"base64": "aGVsbG8="}]}',)
    ),
    "request for inference": Target(
        lambda content: open_inference.parse_request(content, None), (json.dumps(_INFERENCE).encode(),)
    ),
    "message with rows": Target(
        lambda content: messages.parse_rows(content, "application/json"),
        (b'{"ImageTags": [{"image": "1", "tag": "cat", "score": 0.5}]}',),
    ),
    "binary message with rows": Target(
        lambda content: messages.parse_rows(content, messages.PROTOBUF),
        (b"\n\x10\x08\x01\x12\x03cat\x19" + bytes(6) + b"\xe0?",),
    ),
}
"""All targets by name."""
