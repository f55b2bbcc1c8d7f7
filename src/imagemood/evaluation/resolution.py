"""Accuracy as a function of the resolution of the pictures."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

import numpy as np
import PIL.Image
from numpy.typing import NDArray
from sklearn.model_selection import train_test_split

from imagemood.errors import MoodError
from imagemood.learning import Recipe, TrainingSet, check_moods, train
from imagemood.learning.labelled_pictures import LabelledPictures
from imagemood.models.mood_classifier import MoodClassifier
from imagemood.models.tagger_card import TaggerCard
from imagemood.pictures.finding.listing import OnError, raise_error
from imagemood.pictures.finding.opening import opener
from imagemood.pictures.picture import Picture
from imagemood.prediction.cascade import Cascade

RESOLUTIONS_PX = (16, 32, 64, 96, 128, 160, 224)
_MAX_TEST_PICTURES = 4000  # each one is tagged at every resolution


def resolution_curve(
    pictures: LabelledPictures,
    cascade: Cascade,
    recipe: Recipe,
    *,
    sizes_px: Sequence[int] = RESOLUTIONS_PX,
    progress: Callable[[int, int], object] | None = None,
    on_error: OnError = raise_error,
) -> dict[str, list[tuple[int, float]]]:
    """Evaluate a recipe on pictures whose resolution is lower than that of the training pictures.

    A stratified fifth of the pictures, at most 4,000, is held out from training. These are reduced to each size,
    enlarged again, tagged, and classified by two models: one on all inputs of the training set and one on tags.
    They become squares, or, if the tagger keeps the aspect ratio, their shorter side is reduced. The result has
    one curve for the inputs of each model, such as ``tags+embedding``: pairs of the side of the reduced pictures
    in pixels and the accuracy. A picture that can no longer be read is omitted, and `on_error` is called with its
    error.

    Raises
    ------
    VocabularyError
        If a mood has fewer than five pictures.
    """
    data = pictures.training_set
    check_moods(data, min_images_per_mood=5)
    n_test = min(len(data.moods) // 5, _MAX_TEST_PICTURES)
    train_index, test_index = train_test_split(
        np.arange(len(data.moods)), test_size=n_test, stratify=data.moods, random_state=recipe.random_state
    )
    models = _train_models(data.take(train_index), recipe)
    paths = [pictures.paths[i] for i in test_index]
    moods = [data.moods[i] for i in test_index]
    curves: dict[str, list[tuple[int, float]]] = {name: [] for name in models}
    unreadable: set[str] = set()
    for step, size_px in enumerate(sizes_px):
        n_correct, n_read = dict.fromkeys(models, 0), 0
        reduced = _reduce(paths, size_px, cascade.tagger.card)
        results = cascade.tag_many(reduced, data.inputs)
        for done, (mood, result) in enumerate(zip(moods, results, strict=True), start=1):
            if result.error is None:
                n_read += 1
                features = {name: row[np.newaxis] for name, row in result.inputs.items()}
                for name, model in models.items():
                    n_correct[name] += model.labels[int(model.predict(**features).argmax())] == mood
            elif result.image not in unreadable:
                unreadable.add(result.image)
                on_error(result.error)
            if progress is not None:
                progress(step * n_test + done, len(sizes_px) * n_test)
        for name, count in n_correct.items():
            curves[name].append((size_px, count / max(1, n_read)))
    return curves


def _train_models(training_set: TrainingSet, recipe: Recipe) -> dict[str, MoodClassifier]:
    """Train one model on all inputs and, if there are tags, one on tags."""
    input_sets = dict.fromkeys(
        [tuple(training_set.inputs), *([("tags",)] if "tags" in training_set.inputs else [])]
    )
    return {"+".join(names): train(training_set.select(names), recipe).classifier() for names in input_sets}


def _reduce(paths: Iterable[str], size_px: int, card: TaggerCard) -> Iterator[NDArray[np.uint8] | Picture]:
    """Decode pictures, and reduce the larger ones; yield a failed picture if that fails.

    If the tagger keeps the aspect ratio, the shorter side is reduced, and otherwise the picture becomes square.
    """
    open_picture = opener()
    is_full = size_px >= card.size_px
    for path in paths:
        try:
            pixels = open_picture(path).decode(None if card.resizing else card.size_px)
        except MoodError as error:
            yield Picture.failed(path, error)
            continue
        yield pixels if is_full else _enlarge(_resize(pixels, size_px, card), card)


def _resize(pixels: NDArray[np.uint8], size_px: int, card: TaggerCard) -> PIL.Image.Image:
    image = PIL.Image.fromarray(pixels)
    width, height = image.size
    size = (size_px, size_px)
    if card.resizing is not None and card.resizing.keep_aspect:
        factor = min(1.0, size_px / min(width, height))
        size = (max(1, round(width * factor)), max(1, round(height * factor)))
    return image.resize(size, PIL.Image.Resampling.LANCZOS)


def _enlarge(image: PIL.Image.Image, card: TaggerCard) -> NDArray[np.uint8]:
    """Enlarge a reduced picture to the input of the tagger, unless the tagger resizes it in its own way."""
    if card.resizing is None:
        image = image.resize((card.size_px, card.size_px), PIL.Image.Resampling.BICUBIC)
    return np.asarray(image)
