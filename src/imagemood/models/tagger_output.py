"""The output of a tagger."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class TaggerOutput:
    """The output of a tagger for a batch of pictures.

    Attributes
    ----------
    scores : ndarray of shape (n_images, n_tags), float32, in [0, 1]
        Scores of the tags; each row sums to 1.
    embedding : ndarray of shape (n_images, n_embedding), float32, or None
        The feature vectors of the network, if it has such an output.
    mood_maps : ndarray of shape (n_images, n_moods, height, width), float32, or None
        Logit of each mood at each position of the picture, if the network has such an output.
    """

    scores: NDArray[np.float32]
    embedding: NDArray[np.float32] | None
    mood_maps: NDArray[np.float32] | None = None

    def averaged(self, mirrored: TaggerOutput) -> TaggerOutput:
        """Return the mean of this output and the output for the mirror images of the same pictures."""
        embedding = maps = None
        if self.embedding is not None and mirrored.embedding is not None:
            embedding = _mean(self.embedding, mirrored.embedding)
        if self.mood_maps is not None and mirrored.mood_maps is not None:
            maps = _mean(self.mood_maps, mirrored.mood_maps[..., ::-1])
        return TaggerOutput(_mean(self.scores, mirrored.scores), embedding, maps)


def _mean(a: NDArray[np.float32], b: NDArray[np.float32]) -> NDArray[np.float32]:
    return (a + b) * np.float32(0.5)
