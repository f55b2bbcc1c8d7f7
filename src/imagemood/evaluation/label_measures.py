"""Measures that need more than one mood per picture: votes of annotators, and ratings of valence and arousal."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from imagemood.evaluation.distributions import DistributionMeasures, measure_distributions
from imagemood.evaluation.ratings import RatingCorrelations, correlate_affect, predicted_affect
from imagemood.learning.datasets.labelled_picture import LabelledPicture


@dataclass(frozen=True)
class LabelMeasures:
    """How predictions compare with the votes and ratings of people.

    Attributes
    ----------
    distributions : DistributionMeasures or None
        Differences from the votes; None without votes for the predicted moods.
    correlations : list of RatingCorrelations
        Correlations with valence and with arousal; empty without ratings or predictions of them.
    """

    distributions: DistributionMeasures | None = None
    correlations: list[RatingCorrelations] = field(default_factory=list)

    def __bool__(self) -> bool:
        return self.distributions is not None or bool(self.correlations)

    def to_dict(self) -> dict[str, Any]:
        """Return the measures as a dictionary that can be written as JSON; empty without measures."""
        values: dict[str, Any] = {}
        if self.distributions is not None:
            values["distributions"] = self.distributions.to_dict()
        if self.correlations:
            values["ratings"] = [one.to_dict() for one in self.correlations]
        return values


def measure_labels(
    labelled: Sequence[LabelledPicture], probabilities: NDArray[np.float64], moods: tuple[str, ...]
) -> LabelMeasures:
    """Compare predicted probabilities with the votes and ratings of the same pictures.

    The probabilities have the shape (n_images, n_moods). Pictures are compared with their votes if all moods with
    the most votes are predicted; votes for other moods are left out.
    """
    return LabelMeasures(
        _distributions(labelled, probabilities, moods), _correlations(labelled, probabilities, moods)
    )


def _distributions(
    labelled: Sequence[LabelledPicture], probabilities: NDArray[np.float64], moods: tuple[str, ...]
) -> DistributionMeasures | None:
    if not {one.mood for one in labelled if one.votes is not None} <= set(moods):
        return None
    votes = np.array([[(one.votes or {}).get(mood, 0.0) for mood in moods] for one in labelled])
    voted = votes.sum(axis=1) > 0
    if not voted.any():
        return None
    shares = votes[voted] / votes[voted].sum(axis=1, keepdims=True)
    return measure_distributions(shares, probabilities[voted], moods)


def _correlations(
    labelled: Sequence[LabelledPicture], probabilities: NDArray[np.float64], moods: tuple[str, ...]
) -> list[RatingCorrelations]:
    affect = predicted_affect(probabilities, moods)
    if affect is None or all(one.valence is None or one.arousal is None for one in labelled):
        return []
    ratings = [[np.nan if value is None else value for value in (one.valence, one.arousal)] for one in labelled]
    return correlate_affect(np.array(ratings, dtype=np.float64), affect)
