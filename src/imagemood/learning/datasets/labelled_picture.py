"""One picture of a dataset, with what its annotators said of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from imagemood.pictures.picture import Picture


@dataclass(frozen=True)
class LabelledPicture:
    """A picture with its labels.

    Attributes
    ----------
    picture : Picture
        The picture.
    mood : str
        Its mood; the one with the most votes, or the first of several. Empty if the dataset has only ratings.
    votes : mapping of str to float, or None
        The share of the votes for each mood. The shares sum to 1.
    valence, arousal : float or None
        Mean ratings, on the scale of the dataset.
    split : str
        The official split that the picture belongs to: ``train``, ``val`` or ``test``. Empty without one.
    """

    picture: Picture
    mood: str = ""
    votes: Mapping[str, float] | None = None
    valence: float | None = None
    arousal: float | None = None
    split: str = ""

    @property
    def is_tied(self) -> bool:
        """Whether several moods have the most votes."""
        shares = list((self.votes or {}).values())
        return shares.count(max(shares, default=0)) > 1

    @classmethod
    def of_votes(cls, picture: Picture, counts: Mapping[str, float]) -> LabelledPicture:
        """Create a picture from numbers of votes, or from shares, whose sum is not 0."""
        total = sum(counts.values())
        shares = {mood: count / total for mood, count in counts.items()}
        return cls(picture, max(shares, key=lambda mood: shares[mood]), shares)
