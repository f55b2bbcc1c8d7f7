"""The output of a tagger."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

OutputName = Literal["tags", "embedding", "mood_maps"]
"""Names of what a tagger computes."""
ALL_OUTPUTS: frozenset[OutputName] = frozenset(get_args(OutputName))


@dataclass(frozen=True, eq=False)
class TaggerOutput:
    """The output of a tagger for a batch of pictures; what was not requested is None.

    Attributes
    ----------
    scores : ndarray of shape (n_images, n_tags), float32, in [0, 1], or None
        Scores of the tags; each row sums to 1.
    embedding : ndarray of shape (n_images, n_embedding), float32, or None
        The feature vectors of the network, if it has such an output.
    mood_maps : ndarray of shape (n_images, n_moods, height, width), float32, or None
        Logit of each mood at each position of the picture, if the network has such an output.
    """

    scores: NDArray[np.float32] | None
    embedding: NDArray[np.float32] | None
    mood_maps: NDArray[np.float32] | None = None

    def averaged(self, mirrored: TaggerOutput) -> TaggerOutput:
        """Return the mean of this output and the output for the mirror images of the same pictures."""
        mirrored_maps = None if mirrored.mood_maps is None else mirrored.mood_maps[..., ::-1]
        return TaggerOutput(
            _mean(self.scores, mirrored.scores),
            _mean(self.embedding, mirrored.embedding),
            _mean(self.mood_maps, mirrored_maps),
        )


def _mean(a: NDArray[np.float32] | None, b: NDArray[np.float32] | None) -> NDArray[np.float32] | None:
    return None if a is None or b is None else (a + b) * np.float32(0.5)
