"""Where moods stand on the axes of valence and arousal, and what that makes of a picture.

The places are how people rated the moods' names, from 1 (unpleasant, calm) to 9 (pleasant, stirring): means of the
norms for 13,915 English words by Warriner, Kuperman and Brysbaert (2013). They are places of words. That a picture
evokes awe does not say that it is as pleasant as the word; read the figures as a summary of the moods, not as a
measurement.

References
----------
A. B. Warriner, V. Kuperman, M. Brysbaert, "Norms of valence, arousal, and dominance for 13,915 English lemmas",
Behavior Research Methods 45, 2013. https://doi.org/10.3758/s13428-012-0314-x
J. A. Mikels et al., "Emotional category data on images from the International Affective Picture System", Behavior
Research Methods 37(4), 2005: which four of the eight moods are positive, and which negative.
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
POSITIVE = frozenset({"amusement", "awe", "contentment", "excitement"})
"""The pleasant moods of the eight."""
PLACES = {mood: ((valence - 5) / 4, (arousal - 5) / 4) for mood, (valence, arousal) in _RATINGS.items()}
"""Valence and arousal of each of the eight moods, in [-1, 1]."""


@dataclass(frozen=True)
class Affect:
    """What the moods of a picture amount to on two axes.

    Attributes
    ----------
    valence : float
        Expected place between unpleasant, -1, and pleasant, 1.
    arousal : float
        Expected place between calm, -1, and stirring, 1.
    positive, negative : float
        Probability of a pleasant and of an unpleasant mood; they sum to 1.
    """

    valence: float
    arousal: float
    positive: float
    negative: float


def affect_of(moods: Mapping[str, float]) -> Affect | None:
    """Sum up the moods of a picture.

    Parameters
    ----------
    moods : mapping of str to float
        Probability of each mood, summing to 1.

    Returns
    -------
    Affect or None
        Means over the moods, weighted by their probabilities; None where there are no moods, or one whose place is
        not known.

    Examples
    --------
    >>> affect_of({"contentment": 1.0}).positive
    1.0
    >>> affect_of({"nostalgia": 1.0}) is None
    True
    """
    if not moods or not set(moods) <= set(PLACES):
        return None
    valence, arousal = (sum(p * PLACES[mood][axis] for mood, p in moods.items()) for axis in (0, 1))
    positive = sum(p for mood, p in moods.items() if mood in POSITIVE)
    return Affect(valence, arousal, positive, 1 - positive)
