"""Tagger and mood classifier in one: decoded pictures to results."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from imagemood.models.matching import check_visual_names, vocabulary_columns
from imagemood.models.mood_classifier import MoodClassifier
from imagemood.models.tagger import Tagger
from imagemood.models.tagger_output import TaggerOutput
from imagemood.prediction.result import Result

_BATCH = 8  # enough for what comes once in a batch to cost little
_GPU_BATCH = 32


class Stages:
    """Both stages of the cascade.

    Parameters
    ----------
    tagger : Tagger
        Stage one.
    moods : MoodClassifier, optional
        Stage two; without it there are only tags.
    n_views : int
        1, or 2 to look at each picture's mirror image, too.

    Raises
    ------
    IncompatibleModelError
        If the mood classifier needs what the tagger does not give.
    """

    def __init__(self, tagger: Tagger, moods: MoodClassifier | None, n_views: int) -> None:
        self.tagger = tagger
        self.moods = moods
        self.n_views = n_views
        self._columns = None if moods is None else vocabulary_columns(moods, tagger.labels)
        if moods is not None and "visual" in moods.inputs:
            from imagemood import visual  # noqa: PLC0415 (an extra that few models need)

            check_visual_names(moods, visual.NAMES)

    @property
    def n_batch(self) -> int:
        """So many pictures at a time the tagger's device is quickest with."""
        return _GPU_BATCH if self.tagger.network.on_gpu else _BATCH

    def with_threads(self, n_threads: int) -> Stages:
        """Make both stages anew, to run with another number of threads.

        Parameters
        ----------
        n_threads : int
            Threads that one run may use.

        Returns
        -------
        Stages
            New ones, which give the same answers.
        """
        moods = None if self.moods is None else self.moods.with_threads(n_threads)
        return Stages(self.tagger.with_threads(n_threads), moods, self.n_views)

    def answer(
        self, names: list[str], pixels: NDArray[np.uint8], *, with_moods: bool = True, with_visual: bool = False
    ) -> list[Result]:
        """Tell the moods of decoded pictures.

        Parameters
        ----------
        names : list of str
            Their names.
        pixels : ndarray of shape (n_images, size_px, size_px, 3), uint8
            Red, green and blue.
        with_moods : bool
            Whether to go on to stage two.
        with_visual : bool
            Whether to measure the raw visual features, even if stage two does not need them.

        Returns
        -------
        list of Result
            In the order of the pictures.
        """
        moods = self.moods if with_moods else None
        tagging = self.tagger.predict(pixels)
        if self.n_views == 2:
            tagging = tagging.averaged(self.tagger.predict(np.ascontiguousarray(pixels[:, :, ::-1])))
        needs_visual = with_visual or (moods is not None and "visual" in moods.inputs)
        visual = _visual(pixels) if needs_visual else None
        probabilities = None if moods is None else self._predict(tagging, visual, moods)
        return [
            Result(
                name,
                labels=() if moods is None else moods.labels,
                probabilities=_row(probabilities, i),
                tag_labels=self.tagger.labels,
                scores=tagging.scores[i],
                embedding=_row(tagging.embedding, i),
                visual=_row(visual, i),
                map_labels=self.tagger.card.mood_labels,
                mood_maps=_row(tagging.mood_maps, i),
            )
            for i, name in enumerate(names)
        ]

    def without(self, result: Result, tags: Collection[str]) -> Result:
        """Tell the moods again as if some tags had not been seen.

        Parameters
        ----------
        result : Result
            An answer of these stages.
        tags : collection of str
            Tags whose score is to be 0; what the tagger does not know changes nothing.

        Returns
        -------
        Result
            The same picture with other moods, and without these tags.
        """
        if result.scores is None or self.moods is None:
            return result
        gone = np.isin(result.tag_labels, list(tags))
        scores = np.where(gone, np.float32(0), result.scores)
        embedding, visual = (None if a is None else a[np.newaxis] for a in (result.embedding, result.visual))
        probabilities = self.moods.predict(self.known(scores[np.newaxis]), embedding, visual)
        return replace(result, scores=scores, probabilities=probabilities[0])

    def known(self, scores: NDArray[np.float32]) -> NDArray[np.float32]:
        """Bring the tagger's scores to the order of the mood classifier's vocabulary.

        Parameters
        ----------
        scores : ndarray of shape (n_images, n_tags), float32
            The tagger's.

        Returns
        -------
        ndarray of shape (n_images, n_vocabulary), float32
            0 where the tagger does not know the tag.
        """
        if self._columns is None:
            return scores
        return np.where(self._columns >= 0, scores[:, self._columns], np.float32(0))

    def _predict(
        self, tagging: TaggerOutput, visual: NDArray[np.float32] | None, moods: MoodClassifier
    ) -> NDArray[np.float64]:
        return moods.predict(self.known(tagging.scores), tagging.embedding, visual)


def _visual(pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
    from imagemood import visual  # noqa: PLC0415

    return np.stack([visual.extract(picture) for picture in pixels])


def _row(array: NDArray[Any] | None, i: int) -> NDArray[Any] | None:
    return None if array is None else array[i]
