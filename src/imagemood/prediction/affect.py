"""Valence and arousal of a picture, computed from the probabilities of its moods.

Valence runs from unpleasant to pleasant, and arousal from calm to excited. The values for each mood are ratings
of the mood's name, on scales from 1 to 9: means of the norms for 13,915 English words [1]_. They describe words,
so a picture that evokes awe is not necessarily as pleasant as the word; read the figures as a summary of the
moods, not as a measurement. Four of the eight moods are positive and four are negative [2]_.

References
----------
.. [1] A. B. Warriner, V. Kuperman, M. Brysbaert, "Norms of valence, arousal, and dominance for 13,915 English
   lemmas", Behavior Research Methods 45, 2013. https://doi.org/10.3758/s13428-012-0314-x
.. [2] J. A. Mikels et al., "Emotional category data on images from the International Affective Picture System",
   Behavior Research Methods 37(4), 2005. https://doi.org/10.3758/BF03192732
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

_RATINGS = {
    "amusement": (7.00, 4.82),
    "anger": (2.50, 5.93),
    "awe": (6.85, 3.83),
    "contentment": (6.62, 4.60),
    "disgust": (3.32, 5.00),
    "excitement": (7.62, 6.21),
    "fear": (2.93, 6.14),
    "sadness": (2.40, 2.81),
}
POSITIVE_MOODS = frozenset({"amusement", "awe", "contentment", "excitement"})
"""The pleasant moods among the eight."""
VALENCE_AROUSAL = {mood: ((valence - 5) / 4, (arousal - 5) / 4) for mood, (valence, arousal) in _RATINGS.items()}
"""Valence and arousal of each of the eight moods, in [-1, 1]."""


@dataclass(frozen=True)
class Affect:
    """Expected valence and arousal of a picture.

    Attributes
    ----------
    valence : float
        Expected valence, from -1 (unpleasant) to 1 (pleasant).
    arousal : float
        Expected arousal, from -1 (calm) to 1 (excited).
    positive, negative : float
        Probabilities of a pleasant and of an unpleasant mood, in [0, 1]. They sum to 1.
    """

    valence: float
    arousal: float
    positive: float
    negative: float


def affect_of(moods: Mapping[str, float]) -> Affect | None:
    """Return the means of the moods' valence and arousal, weighted by their probabilities, which sum to 1.

    The result is None if `moods` is empty or contains a mood without ratings.

    Examples
    --------
    >>> affect_of({"contentment": 0.75, "fear": 0.25}).positive
    0.75
    >>> affect_of({"nostalgia": 1.0}) is None
    True
    """
    if not moods or not set(moods) <= set(VALENCE_AROUSAL):
        return None
    valence, arousal = (sum(p * VALENCE_AROUSAL[mood][axis] for mood, p in moods.items()) for axis in (0, 1))
    positive = sum(p for mood, p in moods.items() if mood in POSITIVE_MOODS)
    return Affect(valence, arousal, positive, 1 - positive)
