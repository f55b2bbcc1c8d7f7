"""What is left of the accuracy when pictures come in low resolution."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

import numpy as np
import PIL.Image
from numpy.typing import NDArray
from sklearn.model_selection import train_test_split

from imagemood.learning import Recipe, check_moods, train
from imagemood.learning.labelled_photos import LabelledPhotos
from imagemood.pictures.picture import Picture
from imagemood.prediction.cascade import Cascade

RESOLUTIONS_PX = (16, 32, 64, 96, 128, 160, 224)
_N_TEST = 4000  # pictures looked at again at each resolution, at most


def resolution_curve(
    photos: LabelledPhotos,
    cascade: Cascade,
    recipe: Recipe,
    *,
    sizes_px: Sequence[int] = RESOLUTIONS_PX,
    progress: Callable[[int, int], object] | None = None,
) -> dict[str, list[tuple[int, float]]]:
    """Judge a recipe on pictures of lower resolution than those it learned from.

    A stratified fifth of the photos (4,000 at most) is kept from training. These are squared, reduced to each
    size, brought back, and classified: by a model of the photos' inputs and by one of tags alone.

    Parameters
    ----------
    photos : LabelledPhotos
        Photos and their training set.
    cascade : Cascade
        Whose tagger looks at the pictures.
    recipe : Recipe
        How to train.
    sizes_px : sequence of int
        Sides of the reduced pictures.
    progress : callable, optional
        Called with the number of pictures classified and their total.

    Returns
    -------
    dict of str to list of (int, float)
        By inputs, such as ``tags+embedding``: side in pixels and accuracy.

    Raises
    ------
    VocabularyError
        If a mood has too few images to be in both parts.
    """
    data = photos.training_set
    check_moods(data, min_images_per_mood=5)
    places = np.arange(len(data.moods))
    n_test = min(len(places) // 5, _N_TEST)
    learned, test = train_test_split(
        places, test_size=n_test, stratify=data.moods, random_state=recipe.random_state
    )
    sets = dict.fromkeys([tuple(data.inputs), *([("tags",)] if "tags" in data.inputs else [])])
    models = {"+".join(names): train(data.select(names).take(learned), recipe).classifier() for names in sets}
    truth = np.array(data.moods)[test]
    curves: dict[str, list[tuple[int, float]]] = {name: [] for name in models}
    for step, size_px in enumerate(sizes_px):
        right = dict.fromkeys(models, 0)
        reduced = _reduced((photos.paths[i] for i in test), size_px, cascade.tagger.size_px)
        results = cascade.tag_many(reduced, with_visual="visual" in data.inputs)
        for done, (mood, result) in enumerate(zip(truth, results, strict=True), start=1):
            rows = {name: row[np.newaxis] for name, row in result.inputs.items()}
            for name, model in models.items():
                right[name] += model.labels[int(model.predict(**rows).argmax())] == mood
            if progress is not None:
                progress(step * len(test) + done, len(sizes_px) * len(test))
        for name, n_right in right.items():
            curves[name].append((size_px, n_right / len(test)))
    return curves


def _reduced(paths: Iterable[str], size_px: int, full_px: int) -> Iterator[NDArray[np.uint8]]:
    """Square pictures, reduce them, and bring them back."""
    for path in paths:
        pixels = Picture.from_address(path).decode(full_px)
        if size_px < full_px:
            small = PIL.Image.fromarray(pixels).resize((size_px, size_px), PIL.Image.Resampling.LANCZOS)
            pixels = np.asarray(small.resize((full_px, full_px), PIL.Image.Resampling.BICUBIC))
        yield pixels
