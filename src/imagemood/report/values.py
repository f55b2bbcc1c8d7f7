"""The content of a report as plain values: what report.json contains and the page shows."""

from __future__ import annotations

from typing import Any

from imagemood.evaluation.diagnostics import confident_mistakes, confusions
from imagemood.report.plots import PLOTS
from imagemood.report.report_data import ReportData

N_MISTAKES = 24
"""Number of mistakes that a report shows."""
N_TAGS = 10
"""Number of tags that a report shows for each mood."""


def report_values(data: ReportData) -> dict[str, Any]:
    """Return everything that the report shows, as values that JSON can represent."""
    labels = data.evaluation.labels
    counts = confusions(data.training_set.moods, data.evaluation.probabilities, labels)
    return {
        "algorithm": data.recipe.algorithm,
        "recipe": data.recipe.to_dict(),
        "inputs": list(data.training_set.inputs),
        "labels": list(labels),
        "images_per_mood": data.training_set.images_per_mood,
        **data.evaluation.to_dict(),
        "label_measures": data.measures.to_dict(),
        "confusions": counts.tolist(),
        **{plot.key: plot.data(data) for plot in PLOTS},
        "mistakes": _mistakes(data),
        "top_tags": data.training_set.summary(N_TAGS),
    }


def _mistakes(data: ReportData) -> list[dict[str, Any]]:
    """Return the wrong predictions with the highest probabilities."""
    labels, probabilities = data.evaluation.labels, data.evaluation.probabilities
    indices = confident_mistakes(data.training_set.moods, probabilities, labels, n_top=N_MISTAKES)
    return [
        {
            "image": i if data.paths is None else data.paths[i],
            "mood": data.training_set.moods[i],
            "answer": labels[int(probabilities[i].argmax())],
            "probability": float(probabilities[i].max()),
        }
        for i in indices
    ]
