"""Evaluates a trained model on a labelled dataset."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from imagemood.cli import output

if TYPE_CHECKING:
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

    from imagemood.cli.training_sets import TrainingSetReader
    from imagemood.evaluation.label_measures import LabelMeasures
    from imagemood.evaluation.metrics import Evaluation
    from imagemood.learning.datasets.labelled_dataset import LabelledDataset
    from imagemood.learning.datasets.labelled_picture import LabelledPicture
    from imagemood.prediction.cascade import Cascade


@dataclass(frozen=True)
class ModelEvaluation:
    """The evaluation of a trained model.

    Attributes
    ----------
    model : str
        The model.
    evaluation : Evaluation or None
        The metrics of its predictions; None if the dataset does not have its moods.
    measures : LabelMeasures
        The comparison with votes and ratings.
    n_failed : int
        The number of pictures and labels that could not be used.
    """

    model: str
    evaluation: Evaluation | None
    measures: LabelMeasures
    n_failed: int

    def to_dict(self) -> dict[str, Any]:
        """Return the evaluation as a dictionary that can be written as JSON."""
        metrics = {} if self.evaluation is None else self.evaluation.to_dict()
        return {"model": self.model, **metrics, **self.measures.to_dict()}

    def to_text(self) -> str:
        """Return the evaluation as a text for people."""
        from imagemood.report import format_evaluation
        from imagemood.report.label_measures import format_label_measures

        metrics = "" if self.evaluation is None else format_evaluation(self.evaluation)
        return (metrics + format_label_measures(self.measures)).strip("\n") + "\n"


def evaluate_model(reader: TrainingSetReader, model: str, report: Path | None) -> ModelEvaluation:
    """Predict the moods of the pictures of a dataset, and compare them with their labels.

    Of a dataset with official splits, the test split is used.

    Raises
    ------
    InputError
        If no dataset is given, or it has nothing that the model predicts.
    """
    from imagemood.errors import InputError
    from imagemood.evaluation.label_measures import measure_labels
    from imagemood.prediction.cascade import Cascade

    if reader.options.images is None:
        raise InputError("--model requires pictures", hint="use --images FOLDER")
    if report is not None:
        raise InputError("--report does not apply to --model", hint="omit one of them")
    cascade = Cascade.load(model, tagger=reader.tagger, device=reader.device)
    labels = tuple(cascade.require_mood_classifier().labels)
    dataset = reader.read_dataset(reader.options.images, ("test",))
    labelled, probabilities, n_failed = _predict(cascade, dataset)
    measures = measure_labels(labelled, probabilities, labels)
    evaluation = _evaluate(labelled, probabilities, labels)
    if evaluation is None and not measures:
        raise InputError(
            f"the dataset has no labels that the model predicts: {', '.join(labels)}", where=reader.options.images
        )
    return ModelEvaluation(model, evaluation, measures, n_failed)


def _predict(cascade: Cascade, dataset: LabelledDataset) -> tuple[list[LabelledPicture], NDArray[np.float64], int]:
    """Return the pictures that can be classified, the probabilities of their moods, and the number of failures."""
    import numpy as np

    from imagemood.errors import InputError

    for failure in dataset.failures:
        output.report_error(failure)
    n_failed = len(dataset.failures)
    labelled, rows = [], []
    pictures = [one.picture for one in dataset.pictures]
    with output.progress("Classifying", unit="pictures") as tick:
        for done, (one, result) in enumerate(
            zip(dataset.pictures, cascade.classify_many(pictures), strict=True), start=1
        ):
            tick(done, len(pictures))
            if result.error is not None:
                output.report_error(result.error)
                n_failed += 1
            elif result.probabilities is not None:
                labelled.append(one)
                rows.append(result.probabilities)
    if not labelled:
        raise InputError("no picture can be read", where=dataset.root)
    return labelled, np.stack(rows), n_failed


def _evaluate(
    labelled: list[LabelledPicture], probabilities: NDArray[np.float64], labels: tuple[str, ...]
) -> Evaluation | None:
    """Return the metrics of the pictures that have a mood; None, with a warning, if the model lacks some moods."""
    from imagemood.evaluation.metrics import evaluate_predictions

    with_mood = [i for i, one in enumerate(labelled) if one.mood]
    if not with_mood:
        return None
    moods = [labelled[i].mood for i in with_mood]
    if unknown := sorted(set(moods) - set(labels)):
        output.warn(f"no accuracy, because the model does not predict {', '.join(unknown)}")
        return None
    return evaluate_predictions(moods, probabilities[with_mood], labels)
