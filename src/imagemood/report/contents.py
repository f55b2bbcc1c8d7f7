"""What a report says, as plain values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from functools import cached_property
from typing import Any

from imagemood.evaluation.diagnostics import confident_mistakes, confusions, precision_recall, reliability
from imagemood.evaluation.learning_curve import LearningPoint
from imagemood.evaluation.metrics import Evaluation
from imagemood.learning import Recipe, TrainingSet

N_MISTAKES = 24
N_TAGS = 10


@dataclass(frozen=True, eq=False)
class Contents:
    """What a report says.

    Attributes
    ----------
    evaluation : Evaluation
        Cross-validated figures of all images.
    recipe : Recipe
        What was judged.
    training_set : TrainingSet
        The images.
    learning : list of LearningPoint
        Figures against the number of training images.
    resolution : dict of str to list of (int, float)
        For each kind of model, accuracy against the side of the pictures in pixels; empty without pictures.
    paths : list of str, optional
        Where the pictures lie; without, mistakes are named by number.
    """

    evaluation: Evaluation
    recipe: Recipe
    training_set: TrainingSet
    learning: Sequence[LearningPoint] = ()
    resolution: Mapping[str, Sequence[tuple[int, float]]] = field(default_factory=dict)
    paths: Sequence[str] | None = None

    @cached_property
    def values(self) -> dict[str, Any]:
        """Everything the report shows, as JSON can hold it."""
        moods, labels = self.training_set.moods, self.evaluation.labels
        answers = self.evaluation.probabilities
        curves = precision_recall(moods, answers, labels)
        return {
            "algorithm": self.recipe.algorithm,
            "recipe": self.recipe.to_dict(),
            "inputs": list(self.training_set.inputs),
            "labels": list(labels),
            "images_per_mood": self.training_set.images_per_mood,
            **self.evaluation.to_dict(),
            "confusions": confusions(moods, answers, labels).tolist(),
            "reliability": asdict(reliability(moods, answers, labels)),
            "precision_recall": {mood: asdict(curve) for mood, curve in curves.items()},
            "mistakes": self._mistakes(),
            "top_tags": self.training_set.summary(N_TAGS),
            "learning_curve": [asdict(point) for point in self.learning],
            "resolution_curve": {
                name: [{"size_px": size_px, "accuracy": accuracy} for size_px, accuracy in points]
                for name, points in self.resolution.items()
            },
        }

    def _mistakes(self) -> list[dict[str, Any]]:
        labels, answers = self.evaluation.labels, self.evaluation.probabilities
        places = confident_mistakes(self.training_set.moods, answers, labels, n_top=N_MISTAKES)
        return [
            {
                "image": i if self.paths is None else self.paths[i],
                "mood": self.training_set.moods[i],
                "answer": labels[int(answers[i].argmax())],
                "probability": float(answers[i].max()),
            }
            for i in places
        ]
