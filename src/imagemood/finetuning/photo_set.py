"""The photos that a network is trained on, and those that are held out."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from imagemood.errors import VocabularyError
from imagemood.finetuning.held_out import hold_out
from imagemood.finetuning.stored_photos import StoredPhotos
from imagemood.learning.training import check_images_per_mood

MIN_PHOTOS = 2
"""The number of different photos that each mood needs."""


@dataclass(frozen=True, eq=False)
class PhotoSet:
    """Labelled photos in two parts.

    Attributes
    ----------
    pixels : ndarray of shape (n_all, 224, 224, 3), uint8
        Red, green and blue.
    labels : tuple of str
        The moods, in ascending order.
    moods : ndarray of shape (n_all,), intp
        Indices of the moods; -1 for photos that could not be read.
    learned, held_out : ndarray of intp
        Indices of the photos of each part.
    """

    pixels: NDArray[np.uint8]
    labels: tuple[str, ...]
    moods: NDArray[np.intp]
    learned: NDArray[np.intp]
    held_out: NDArray[np.intp]

    @classmethod
    def split(
        cls, photos: StoredPhotos, moods: list[str], fraction: float, *, inform: Callable[[str], object]
    ) -> PhotoSet:
        """Hold out a fraction of the photos of each mood, and report photos that are identical.

        Raises
        ------
        VocabularyError
            If there is only one mood, or too few different photos of a mood that could be read.
        """
        different: dict[str, set[str]] = defaultdict(set)
        for i in photos.readable.tolist():
            different[moods[i]].add(photos.hashes[i])
        _report_identical([photos.hashes[i] for i in photos.readable.tolist()], different, inform)
        counts = {mood: len(different.get(mood, ())) for mood in sorted(set(moods))}
        try:
            check_images_per_mood(counts, min_images_per_mood=MIN_PHOTOS)
        except VocabularyError:
            for failure in photos.failures:  # they may be the cause
                inform(str(failure))
            raise
        labels = tuple(sorted(different))
        indices = np.full(len(moods), -1)
        for i in photos.readable.tolist():
            indices[i] = labels.index(moods[i])
        readable = photos.readable
        is_held_out = hold_out([photos.hashes[i] for i in readable.tolist()], indices[readable], fraction)
        learned = readable[~is_held_out]
        for i, label in enumerate(labels):
            if i not in indices[learned]:
                raise VocabularyError(
                    f"no photo of '{label}' remains for training, because all are held out or in several moods",
                    hint="add photos, or remove the mood",
                )
        return cls(photos.pixels, labels, indices, learned, readable[is_held_out])

    def counts(self, indices: NDArray[np.intp]) -> dict[str, int]:
        """Return the number of photos of each mood in a part."""
        numbers = np.bincount(self.moods[indices], minlength=len(self.labels))
        return dict(zip(self.labels, numbers.tolist(), strict=True))

    def targets(self, label_smoothing: float, *, balanced: bool) -> NDArray[np.float32]:
        """Return the target probabilities of the photos, (n_all, n_moods).

        With `balanced`, they are multiplied by weights with which all moods have the same total weight.
        """
        targets = np.eye(len(self.labels), dtype=np.float32)[self.moods]
        targets = targets * np.float32(1 - label_smoothing) + np.float32(label_smoothing / len(self.labels))
        if balanced:
            numbers = np.bincount(self.moods[self.learned], minlength=len(self.labels))
            weights = len(self.learned) / (len(self.labels) * numbers)
            targets *= weights[self.moods, np.newaxis].astype(np.float32)
        return targets


def _report_identical(hashes: list[str], different: dict[str, set[str]], inform: Callable[[str], object]) -> None:
    """Report how many photos are identical, and how many are in the folders of several moods."""
    n_identical = len(hashes) - len(set(hashes))
    n_moods = Counter(value for values in different.values() for value in values)
    n_ambiguous = sum(n > 1 for n in n_moods.values())
    if n_identical:
        several = f"{n_identical:,} photos are identical to others, and are"
        identical = "1 photo is identical to another, and is" if n_identical == 1 else several
        ambiguous = f"; {n_ambiguous:,} of them {'has' if n_ambiguous == 1 else 'have'} several moods"
        inform(f"{identical} in the same part{ambiguous if n_ambiguous else ''}")
