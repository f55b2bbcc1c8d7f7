"""The data from which a report is made."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from imagemood.evaluation.label_measures import LabelMeasures
from imagemood.evaluation.learning_curve import LearningPoint
from imagemood.evaluation.metrics import Evaluation
from imagemood.learning import Recipe, TrainingSet


@dataclass(frozen=True, eq=False)
class ReportData:
    """An evaluation and what is shown with it.

    Attributes
    ----------
    evaluation : Evaluation
        Results of the cross-validation over all pictures of the training set.
    recipe : Recipe
        The training recipe that was evaluated.
    training_set : TrainingSet
        The labelled pictures.
    learning_curve : sequence of LearningPoint
        Results by number of training pictures; may be empty.
    resolution_curves : mapping of str to sequence of (int, float)
        For each combination of inputs, pairs of picture size in pixels and accuracy; may be empty.
    paths : sequence of str, optional
        Paths of the pictures, from which the thumbnails of mistakes are made. Without paths, mistakes are
        identified by their index.
    measures : LabelMeasures
        Comparisons with votes and ratings.
    """

    evaluation: Evaluation
    recipe: Recipe
    training_set: TrainingSet
    learning_curve: Sequence[LearningPoint] = ()
    resolution_curves: Mapping[str, Sequence[tuple[int, float]]] = field(default_factory=dict)
    paths: Sequence[str] | None = None
    measures: LabelMeasures = field(default_factory=LabelMeasures)
