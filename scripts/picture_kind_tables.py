"""The table of what users can pass as pictures, and of what comes back: each row is classified."""

from __future__ import annotations

import io
import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import PIL.Image
import torch
from markdown_table import table

from imagemood import Cascade, InputError
from imagemood.pictures import samples

_TOLERANCE = 0.02  # of probabilities; a JPEG file is decoded at a reduced scale, and decoded images are not


def picture_kinds() -> str:
    """Return the table of the elements of a list."""
    cascade = Cascade.load()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "photo.jpg")
        path.write_bytes(samples.all_samples()[0].path.read_bytes())
        cases = list(_cases(path))
        results = list(cascade.classify_many([value for _, value in cases]))
        expected = cascade.classify(path).moods
    rows = [(kind, _outcome(result, expected, folder)) for (kind, _), result in zip(cases, results, strict=True)]
    return table(("element", "result"), rows)


def whole_arguments() -> str:
    """Return the table of what `classify_many` accepts besides lists."""
    cascade = Cascade.load()
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "a.jpg")
        path.write_bytes(samples.all_samples()[0].path.read_bytes())
        Path(folder, "b.jpg").write_bytes(path.read_bytes())
        batch = np.zeros((2, 32, 48, 3), np.uint8)
        for kind, value in (
            ("a folder or glob pattern", folder),
            ("an array `(n, height, width, channels)` or `(n, channels, height, width)`", batch),
            ("an iterator", iter([path, None])),
            ("a column, such as `pandas.Series`, `polars.Series` or `pyarrow.Array`", np.array([path, None])),
            ("one picture of any other kind in the table above", path.read_bytes()),
        ):
            n_results = len(list(cascade.classify_many(value)))
            rows.append((kind, "one result for each picture" if n_results == 2 else f"{n_results} result"))
    try:
        cascade.classify_many(DataFrame())
    except InputError as error:
        rows.append(("a table, such as `pandas.DataFrame`", f"raises `InputError`: {error.message}"))
    return table(("argument", "result"), rows)


class DataFrame:
    """An object like a table of pandas."""

    columns = ("image",)


def _cases(path: Path) -> Iterator[tuple[str, Any]]:
    """Yield descriptions and elements."""
    content = path.read_bytes()
    with PIL.Image.open(path) as opened:
        image = opened.convert("RGB")
    pixels = np.asarray(image)
    chw = np.ascontiguousarray(pixels.transpose(2, 0, 1))
    opaque = np.dstack([pixels, np.full(pixels.shape[:2], 255, np.uint8)])
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as writer:
        writer.write(path, "photo.jpg")
    closed = image.copy()
    closed.close()
    yield "a path: `str`, `pathlib.Path` and other path objects", path
    yield "a URL", path.as_uri()
    yield "`bytes`, `bytearray`, `memoryview`", memoryview(content)
    yield "`io.BytesIO`, an open file, a temporary file, a member of an archive, a response", io.BytesIO(content)
    yield "`zipfile.Path` and other objects with `read_bytes`", zipfile.Path(zipfile.ZipFile(archive), "photo.jpg")
    yield "a file that is open in text mode", io.StringIO("text")
    yield "a Pillow image of any mode, also one that is not loaded yet", image
    yield "a Pillow image that was closed", closed
    yield "an array `(height, width, 3)`, also a view that is not contiguous", np.asfortranarray(pixels)
    yield "an array `(3, height, width)`", chw
    yield "an array with alpha: `(height, width, 4)`, `(4, height, width)`", opaque
    yield "floats from 0 to 1", pixels / 255
    yield "`uint16`", pixels.astype(np.uint16) * 257
    yield "other integers from 0 to 255", pixels.astype(np.int64)
    yield "a tensor of PyTorch, also on a GPU, with gradients, or in `bfloat16`", torch.from_numpy(chw).to("cpu")
    yield "a batch with one picture: `(1, height, width, 3)`, `(1, 3, height, width)`", chw[np.newaxis]
    yield "a batch with several pictures", np.stack([chw, chw])
    yield "an array of another shape", np.zeros((20, 20, 7), np.uint8)
    yield "floats outside 0 to 1", pixels.astype(np.float32)
    yield "NaN or infinity in an array", np.full((32, 32), np.nan)
    yield "`{'bytes': …, 'path': …}`, as in the library `datasets`", {"bytes": content, "path": "photo.jpg"}
    yield "`{'bytes': None, 'path': …}`", {"bytes": None, "path": str(path)}
    yield "`None`, NaN, `pandas.NA`, `pandas.NaT`", float("nan")
    yield "a folder or glob pattern", path.parent
    yield "a file that does not exist", path.parent / "absent.jpg"
    yield "anything else", 7


def _outcome(result: Any, expected: dict[str, float], folder: str) -> str:
    if result.error is not None:
        return f"error: {result.error.message.replace(folder, '')}"
    difference = max(abs(result.moods[mood] - expected[mood]) for mood in expected)
    return "moods" if difference < _TOLERANCE else f"other moods, by {difference:.2f}"
