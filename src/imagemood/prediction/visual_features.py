"""Raw visual features of many pictures, without the models."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from imagemood import visual
from imagemood.models.device import cpu_count
from imagemood.pictures.picture import Decoder
from imagemood.pictures.picture_like import Pictures, as_pictures
from imagemood.pictures.pixels import decoding, memory_budget
from imagemood.prediction.batch_size import max_batch_size
from imagemood.prediction.pipeline import predict_stream
from imagemood.prediction.result import Result


def compute_many(
    pictures: Pictures,
    *,
    n_workers: int | None = None,
    decoder: Decoder = decoding.decode,
) -> Iterator[Result]:
    """Compute the raw visual features of many pictures in several threads.

    The results have `visual` only, in the order of the pictures. If a picture cannot be read or decoded, the
    result has an `error`.

    Examples
    --------
    >>> from sklearn.datasets import load_sample_image
    >>> (result,) = compute_many([load_sample_image("flower.jpg")])
    >>> dict(zip(visual.NAMES, result.visual.tolist(), strict=True))["colour_black"] > 0.5
    True
    """
    memory_budget.configured_bytes()  # raises an error in the setting before any picture is read
    return predict_stream(
        as_pictures(pictures),
        _compute_batch,
        size_px=visual.SIZE_PX,
        n_workers=n_workers or cpu_count(),
        batch_size=max_batch_size(),
        decoder=decoder,
    )


def _compute_batch(names: list[str], pixels: NDArray[np.uint8]) -> list[Result]:
    return [Result(name, visual=visual.extract(image)) for name, image in zip(names, pixels, strict=True)]
