"""The experiment of the 2018 program: a random forest on the tags of ArtPhoto, and its published results.

References
----------
.. [1] AT&T and Tech Mahindra (2018). Image mood classification guide, section "Performance".
   https://github.com/acumos/image-mood-classifier/blob/master/docs/image-mood-classifier.rst, licensed under
   CC BY 4.0.
.. [2] Machajdik, J., Hanbury, A. (2010). Affective image classification using features inspired by psychology and
   art theory. ACM Multimedia. https://doi.org/10.1145/1873951.1873965
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from imagemood.errors import VocabularyError
from imagemood.evaluation.cross_validation import Progress, evaluate
from imagemood.evaluation.hold_out import hold_out
from imagemood.evaluation.journal import Journal
from imagemood.evaluation.metrics import Evaluation
from imagemood.learning import Recipe, TrainingSet
from imagemood.learning.datasets.label_columns import mood_name

N_FOLDS = 5
"""K of the K-fold cross-validation."""
RECIPE = Recipe("rf", {"n_estimators": 300})
"""The random forest of the published results."""
_COLUMNS = ("precision", "recall", "f1", "support")
PUBLISHED: dict[str, dict[str, float]] = {
    mood: dict(zip(_COLUMNS, row, strict=True))
    for mood, row in {
        "amusement": (0.29, 0.27, 0.28, 22),
        "anger": (0.25, 0.10, 0.14, 10),
        "awe": (0.37, 0.37, 0.37, 19),
        "contentment": (0.50, 0.45, 0.48, 11),
        "disgust": (0.21, 0.27, 0.24, 11),
        "excitement": (0.38, 0.31, 0.34, 26),
        "fear": (0.38, 0.55, 0.44, 22),
        "sadness": (0.29, 0.29, 0.29, 41),
    }.items()
}
"""The published results of each mood on a fifth of the pictures [1]_."""
PUBLISHED_AVERAGE = dict(zip(_COLUMNS, (0.33, 0.33, 0.33, 162), strict=True))
"""The published averages, weighted by the number of pictures; the recall is the accuracy."""


@dataclass(frozen=True)
class Experiment:
    """The results of a repetition.

    Attributes
    ----------
    cross_validated : Evaluation
        Results of five-fold cross-validation on all pictures.
    held_out : Evaluation
        Results on a stratified fifth of the pictures, as published.
    """

    cross_validated: Evaluation
    held_out: Evaluation

    def to_dict(self) -> dict[str, Any]:
        """Return the results and the published ones as a dictionary that can be written as JSON."""
        return {
            "published": {"per_class": PUBLISHED, "weighted avg": PUBLISHED_AVERAGE},
            "cross_validated": self.cross_validated.to_dict(),
            "held_out": self.held_out.to_dict(),
        }


def run_experiment(
    training_set: TrainingSet, *, journal: Journal | None = None, progress: Progress | None = None
) -> Experiment:
    """Repeat the experiment on the tags of labelled pictures.

    Raises
    ------
    VocabularyError
        If the moods are not the eight of ArtPhoto.
    """
    moods = [mood_name(mood) for mood in training_set.moods]
    if set(moods) != set(PUBLISHED):
        raise VocabularyError(
            f"the moods are {', '.join(sorted(set(moods)))}", hint=f"the experiment has {', '.join(PUBLISHED)}"
        )
    tags = replace(training_set, moods=moods, votes=None, vote_moods=()).select(["tags"])
    cross_validated = evaluate(tags, RECIPE, n_folds=N_FOLDS, journal=journal, progress=progress)
    return Experiment(cross_validated, hold_out(tags, RECIPE))
