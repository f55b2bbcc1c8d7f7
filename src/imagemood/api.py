"""The public functions of the package."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from imagemood.models.model_directory import load as load_model
from imagemood.pictures.picture_like import PictureLike, Pictures
from imagemood.prediction.cascade import DEFAULT_OUTPUTS, Cascade
from imagemood.prediction.embeddings import OnError
from imagemood.prediction.progress import Progress
from imagemood.prediction.result import Result
from imagemood.prediction.results import Results
from imagemood.prediction.stages import Outputs

__all__ = ["classify", "classify_many", "embed", "load_model"]


@lru_cache(maxsize=4)
def _cached_cascade(model: str | None, tagger: str | None, device: str) -> Cascade:
    return Cascade.load(model, tagger=tagger, device=device)


def cascade_of(model: str | Path | None, tagger: str | Path | None, device: str) -> Cascade:
    """Return a cascade, which is loaded on the first call and kept in memory."""
    return _cached_cascade(None if model is None else str(model), None if tagger is None else str(tagger), device)


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
    return cascade_of(model, tagger, device).classify(picture)


def classify_many(
    pictures: Pictures,
    outputs: Outputs = DEFAULT_OUTPUTS,
    *,
    model: str | Path | None = None,
    tagger: str | Path | None = None,
    device: str = "auto",
    progress: Progress = False,
) -> Results:
    """Classify many pictures in several threads. The models are loaded on the first call and kept in memory.

    Parameters
    ----------
    pictures : str, Path, or iterable of picture-like
        A folder or glob pattern; an iterable of pictures as in `classify`; or an array of several pictures, of
        shape ``(n, height, width, channels)`` or ``(n, channels, height, width)``. An iterator is consumed a few
        pictures ahead of the results, so it may be endless.
    outputs : collection of {'tags', 'embedding', 'mood_maps', 'visual'}
        What to compute in addition to the moods. By default, there are no tags, with which the built-in models
        take 1.6 times as long.
    model, tagger, device
        As for `classify`.
    progress : bool or callable
        Whether to show a progress bar, which appears only in terminals and notebooks; or a function to call with
        the number of finished pictures and their total, which is None for an iterator.

    Returns
    -------
    Results
        An iterator over the results. Each element of an iterable has one result, in the same order; the `error` of
        the result is set if the picture is missing or cannot be used.

    Raises
    ------
    InputError
        If `pictures` is a table, or the device is unknown or not usable.
    ModelError
        If a model is missing or damaged, or the two models do not match.

    Examples
    --------
    >>> from imagemood.pictures import samples
    >>> results = classify_many([samples.all_samples()[0].path, None])
    >>> [result.error is None for result in results]
    [True, False]
    """
    return cascade_of(model, tagger, device).classify_many(pictures, outputs, progress=progress)


def embed(
    pictures: Pictures,
    *,
    tagger: str | Path | None = None,
    device: str = "auto",
    errors: OnError | None = None,
    progress: Progress = False,
) -> NDArray[np.float32]:
    """Compute the embeddings of one or many pictures: vectors that are similar for similar pictures.

    Parameters
    ----------
    pictures : picture-like, or iterable of picture-like
        One picture as in `classify`, or many as in `classify_many`.
    tagger : str or Path, optional
        A tagger, or a model directory that contains one. Defaults to the built-in tagger.
    device : str
        As for `classify`.
    errors : {"raise", "nan"}, optional
        Whether a picture that cannot be used raises its error, or has a row of NaN. By default, one picture
        raises, and several have rows of NaN, with a warning.
    progress : bool or callable
        As for `classify_many`.

    Returns
    -------
    ndarray of shape (n_pictures, n_embedding), float32
        One row for each picture, in the same order.

    Raises
    ------
    MoodError
        If a picture cannot be used and `errors` is ``raise``, or the tagger computes no embedding.

    Examples
    --------
    >>> from sklearn.datasets import load_sample_images
    >>> embed(load_sample_images().images).shape
    (2, 1280)
    """
    return cascade_of(None, tagger, device).embed(pictures, errors=errors, progress=progress)
