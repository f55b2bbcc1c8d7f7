"""What the tagger saw: scores of tags, the embedding behind them, and maps of moods."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class Tagging:
    """What the tagger saw in some pictures.

    Attributes
    ----------
    scores : ndarray of shape (n_images, n_tags), float32, in [0, 1]
        Scores of the tags; each row sums to 1.
    embedding : ndarray of shape (n_images, n_embedding), float32, or None
        The layer below the scores, where the network gives it.
    mood_maps : ndarray of shape (n_images, n_moods, height, width), float32, or None
        Logit of each mood at each place of the picture, from top left, where the network gives it.
    """

    scores: NDArray[np.float32]
    embedding: NDArray[np.float32] | None
    mood_maps: NDArray[np.float32] | None = None

    def averaged(self, mirrored: Tagging) -> Tagging:
        """Take the mean of this and what the tagger saw in the mirror images of the same pictures.

        Parameters
        ----------
        mirrored : Tagging
            Of the same pictures, left and right exchanged.

        Returns
        -------
        Tagging
            Means of scores, embeddings, and maps (turned back).
        """
        embedding = maps = None
        if self.embedding is not None and mirrored.embedding is not None:
            embedding = _mean(self.embedding, mirrored.embedding)
        if self.mood_maps is not None and mirrored.mood_maps is not None:
            maps = _mean(self.mood_maps, mirrored.mood_maps[..., ::-1])
        return Tagging(_mean(self.scores, mirrored.scores), embedding, maps)


def _mean(one: NDArray[np.float32], other: NDArray[np.float32]) -> NDArray[np.float32]:
    return (one + other) * np.float32(0.5)
