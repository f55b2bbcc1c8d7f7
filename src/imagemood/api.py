"""The public functions of the package."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from imagemood.models.model_directory import load as load_model
from imagemood.pictures.picture_like import PictureLike
from imagemood.prediction.cascade import Cascade
from imagemood.prediction.result import Result

__all__ = ["classify", "load_model"]


@lru_cache(maxsize=4)
def _cached_cascade(model: str | None, tagger: str | None, device: str) -> Cascade:
    return Cascade.load(model, tagger=tagger, device=device)


def classify(
    picture: PictureLike,
    *,
    model: str | Path | None = None,
    tagger: str | Path | None = None,
    device: str = "auto",
) -> Result:
    """Classify one picture. The models are loaded on the first call and kept in memory.

    All computation takes place on this machine. To classify many pictures, use `classify_many`.

    Parameters
    ----------
    picture : picture-like
        A path or URL, the content of a picture file (bytes), a file object, an image of Pillow, an array of NumPy
        or a tensor of PyTorch, a dictionary with ``bytes`` or ``path``, or a `Picture`.
    model : str or Path, optional
        A model directory or the name of a built-in model, as for `load_model`. Defaults to ``default``.
    tagger : str or Path, optional
        Path of an ONNX image classifier, with its card in the same folder. Defaults to the built-in tagger.
    device : str
        Device that runs the tagger: ``auto``, ``cpu``, ``cuda`` or ``cuda:N``.

    Returns
    -------
    Result
        The moods and tags: `Result.moods` maps each mood to its probability, in descending order.

    Raises
    ------
    ImageError
        If the picture cannot be decoded, or an array is not a picture.
    InputError
        If the picture is missing or cannot be read, or the device is unknown or not usable.
    RemoteError
        If the server of a URL refuses the request, fails, or takes too long.
    ModelError
        If a model is missing or damaged, or the two models do not match.

    Examples
    --------
    >>> from sklearn.datasets import load_sample_image
    >>> result = classify(load_sample_image("flower.jpg"))
    >>> next(iter(result.tags))
    'daisy'
    >>> round(sum(result.moods.values()), 6)
    1.0
    """
    cascade = _cached_cascade(
        None if model is None else str(model), None if tagger is None else str(tagger), device
    )
    return cascade.classify(picture)
