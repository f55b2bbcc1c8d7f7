"""The functions of the package's top level."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from imagemood.models.model_directory import load as load_model
from imagemood.pictures.picture_like import PictureLike
from imagemood.prediction.cascade import Cascade
from imagemood.prediction.result import Result

__all__ = ["classify", "load_model"]


@lru_cache(maxsize=4)
def _loaded(model: str | None, tagger: str | None, device: str) -> Cascade:
    return Cascade.load(model, tagger=tagger, device=device)


def classify(
    image: PictureLike, *, model: str | Path | None = None, tagger: str | Path | None = None, device: str = "auto"
) -> Result:
    """Tell the moods of one picture. The models are loaded at the first call and kept.

    Parameters
    ----------
    image : str, Path, bytes, ndarray or PIL.Image.Image
        A file, a URL, a picture file's content, or pixels: ``(height, width, 3)`` uint8.
    model : str or Path, optional
        A model directory; the built-in one by default.
    tagger : str or Path, optional
        An ONNX image classifier with its card beside it; the built-in one by default.
    device : str
        Where to run the tagger's network: ``auto``, ``cpu``, ``cuda`` or ``cuda:N``.

    Returns
    -------
    Result
        Moods and tags. The picture itself goes nowhere: everything is computed here.

    Raises
    ------
    ImageError
        If the picture cannot be read or decoded.
    ModelError
        If a model is missing or damaged.
    InputError
        If there is no such device, or it was asked for and cannot be used.

    Examples
    --------
    >>> from sklearn.datasets import load_sample_image
    >>> result = classify(load_sample_image("flower.jpg"))
    >>> next(iter(result.tags))
    'daisy'
    """
    cascade = _loaded(None if model is None else str(model), None if tagger is None else str(tagger), device)
    return cascade.classify(image)
