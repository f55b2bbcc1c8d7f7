"""The two stages of the cascade applied to a batch of decoded pictures."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from imagemood.errors import InputError, OutputError
from imagemood.models.matching import align_scores, check_visual_names, vocabulary_columns
from imagemood.models.mood_classifier import MoodClassifier
from imagemood.models.tagger import Tagger
from imagemood.models.tagger_output import ALL_OUTPUTS, OutputName, TaggerOutput
from imagemood.prediction.result import Result

Outputs = Collection[str]
"""What to compute in addition to the moods: some of ``tags``, ``embedding``, ``mood_maps`` and ``visual``."""


class Stages:
    """Tagger and mood classifier, whose networks run with a fixed number of threads.

    Raises `IncompatibleModelError` if the mood classifier does not know any of the tagger's tags, or needs other
    visual features than this version computes.
    """

    def __init__(self, tagger: Tagger, mood_classifier: MoodClassifier | None, n_views: int) -> None:
        self.tagger = tagger
        self.mood_classifier = mood_classifier
        self.n_views = n_views
        self._tagger_columns: NDArray[np.intp] | None = None
        if mood_classifier is not None:
            self._tagger_columns = vocabulary_columns(mood_classifier, tagger.labels)
            if "visual" in mood_classifier.inputs:
                from imagemood import visual  # noqa: PLC0415 (an extra that few models need)

                check_visual_names(mood_classifier, visual.NAMES)

    def with_threads(self, n_threads: int) -> Stages:
        """Return equivalent stages whose networks run with another number of threads."""
        classifier = None if self.mood_classifier is None else self.mood_classifier.with_threads(n_threads)
        return Stages(self.tagger.with_threads(n_threads), classifier, self.n_views)

    @cached_property
    def single_threaded(self) -> Stages:
        """Equivalent stages whose networks use one thread."""
        return self.with_threads(1)

    def predict(
        self,
        names: list[str],
        pixels: NDArray[np.uint8],
        *,
        outputs: Outputs = ALL_OUTPUTS,
        with_moods: bool = True,
    ) -> list[Result]:
        """Predict tags and moods of decoded pictures; `pixels` has the shape (n_images, size_px, size_px, 3).

        The outputs of the tagger and the visual features are computed if stage two needs them, or on request. If
        the output of a model is not valid for a picture, that picture gets an `error`.
        """
        unknown = set(outputs) - ALL_OUTPUTS - {"visual"}
        if unknown:
            hint = f"use {', '.join(sorted(ALL_OUTPUTS))}, visual"
            raise InputError(f"unknown output '{min(unknown)}'", hint=hint)
        try:
            return self._predict(names, pixels, outputs, with_moods=with_moods)
        except OutputError as error:
            errors = {row: Result(names[row], error=error.of_picture(names[row])) for row in error.rows}
        valid = [row for row in range(len(names)) if row not in errors]
        others: list[Result] = []
        if valid:
            valid_names = [names[row] for row in valid]
            others = self.predict(valid_names, pixels[valid], outputs=outputs, with_moods=with_moods)
        results = {**errors, **dict(zip(valid, others, strict=True))}
        return [results[row] for row in range(len(names))]

    def _predict(
        self, names: list[str], pixels: NDArray[np.uint8], outputs: Outputs, *, with_moods: bool
    ) -> list[Result]:
        classifier = self.mood_classifier if with_moods else None
        needed = set(outputs).union(() if classifier is None else classifier.inputs)
        tagging = self._tag(pixels, ALL_OUTPUTS.intersection(needed))
        visual = _visual_features(pixels) if "visual" in needed else None
        probabilities = None
        if classifier is not None:
            scores = None if tagging.scores is None else align_scores(tagging.scores, self._tagger_columns)
            probabilities = classifier.predict(scores, tagging.embedding, visual)
        return [
            Result(
                name,
                labels=() if classifier is None else classifier.labels,
                probabilities=_item(probabilities, i),
                tag_labels=self.tagger.labels,
                scores=_item(tagging.scores, i),
                embedding=_item(tagging.embedding, i),
                visual=_item(visual, i),
                map_labels=self.tagger.card.mood_labels,
                mood_maps=_item(tagging.mood_maps, i),
            )
            for i, name in enumerate(names)
        ]

    def _tag(self, pixels: NDArray[np.uint8], outputs: Collection[OutputName]) -> TaggerOutput:
        tagging = self.tagger.predict(pixels, outputs)
        if self.n_views == 1:
            return tagging
        mirrored = np.ascontiguousarray(pixels[:, :, ::-1])
        return tagging.averaged(self.tagger.predict(mirrored, outputs))

    def predict_without_tags(self, result: Result, tags: Collection[str]) -> Result:
        """Predict the moods of a result again with the scores of some tags set to 0."""
        if result.scores is None or self.mood_classifier is None:
            return result
        is_removed = np.isin(result.tag_labels, list(tags))
        scores = np.where(is_removed, np.float32(0), result.scores)
        embedding, visual = (None if a is None else a[np.newaxis] for a in (result.embedding, result.visual))
        try:
            aligned = align_scores(scores[np.newaxis], self._tagger_columns)
            probabilities = self.mood_classifier.predict(aligned, embedding, visual)
        except OutputError as error:
            raise error.of_picture(result.image) from error
        return replace(result, scores=scores, probabilities=probabilities[0])


def _visual_features(pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
    from imagemood import visual  # noqa: PLC0415 (an extra that few models need)

    return np.stack([visual.extract(image) for image in pixels])


def _item(array: NDArray[Any] | None, i: int) -> NDArray[Any] | None:
    return None if array is None else array[i]
