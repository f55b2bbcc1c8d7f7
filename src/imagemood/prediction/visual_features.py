"""Raw visual features of many pictures."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from imagemood import visual
from imagemood.models.device import cpu_count
from imagemood.pictures.picture import PictureLike
from imagemood.pictures.sources import as_pictures
from imagemood.prediction.pipeline import stream
from imagemood.prediction.result import Result

_BATCH = 8  # pictures are measured one by one; so many at a time only spares handing them over


def measure_many(
    pictures: str | Path | Iterable[PictureLike], *, n_workers: int | None = None
) -> Iterator[Result]:
    """Measure the raw visual features of many pictures.

    Parameters
    ----------
    pictures : str, Path, or iterable of pictures
        Paths may be folders and glob patterns.
    n_workers : int, optional
        Threads; as many as there are cores by default.

    Yields
    ------
    Result
        In the order of the pictures, with `visual` alone. A picture that cannot be used has its `error` set.

    Examples
    --------
    >>> from sklearn.datasets import load_sample_image
    >>> (result,) = measure_many([load_sample_image("flower.jpg")])
    >>> dict(zip(visual.NAMES, result.visual.tolist(), strict=True))["colour_black"] > 0.5
    True
    """
    n_workers = n_workers or cpu_count()
    return stream(as_pictures(pictures), _measure, size_px=visual.SIZE_PX, n_workers=n_workers, n_batch=_BATCH)


def _measure(names: list[str], pixels: NDArray[np.uint8]) -> list[Result]:
    return [Result(name, visual=visual.extract(picture)) for name, picture in zip(names, pixels, strict=True)]
