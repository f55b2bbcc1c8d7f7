"""Judge recipes fold by fold: side by side, and without doing twice what is in the journal."""

from __future__ import annotations

import signal
import time
import warnings
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from importlib.metadata import version
from typing import Any

import numpy as np
from joblib import Parallel, delayed

from imagemood.evaluation.evaluate import Fold, split
from imagemood.evaluation.journal import Journal
from imagemood.evaluation.metrics import Evaluation, evaluate_predictions
from imagemood.learning import Recipe, TrainedModel, TrainingSet, check_moods, fit
from imagemood.models.device import cpu_count
from imagemood.models.mood_classifier import MoodClassifier

_N_TIMED = 50  # images whose answers are timed one by one


@dataclass(frozen=True)
class Contestant:
    """A recipe and what it learns from.

    Attributes
    ----------
    recipe : Recipe
        How to train.
    inputs : tuple of str
        One or more of ``tags``, ``embedding`` and ``visual``.
    """

    recipe: Recipe
    inputs: tuple[str, ...]


@dataclass(frozen=True)
class FoldFigures:
    """How one contestant did on one fold.

    Attributes
    ----------
    accuracy, macro_f1, mean_recall, log_loss, calibration_error : float
        Of the fold's images. The mean recall is the true-positive rate averaged over the moods.
    fit_s : float
        Seconds to train, on one core.
    predict_ms : float
        Milliseconds in which the exported model answers one image from its features, on one core: the median
        over images; 0 if it was not exported.
    size_mb : float
        Megabytes of the exported model; 0 if it was not exported.
    """

    accuracy: float
    macro_f1: float
    mean_recall: float
    log_loss: float
    calibration_error: float
    fit_s: float
    predict_ms: float = 0.0
    size_mb: float = 0.0


def mean(folds: Sequence[FoldFigures], figure: str) -> float:
    """Average a figure over folds.

    Parameters
    ----------
    folds : sequence of FoldFigures
        The folds.
    figure : str
        The figure's name.

    Returns
    -------
    float
        Its mean.
    """
    return float(np.mean([getattr(fold, figure) for fold in folds]))


_Found = tuple[tuple[int, int], FoldFigures]
"""Which contestant on which fold, and how it did."""


def judge(
    training_set: TrainingSet,
    contestants: Sequence[Contestant],
    *,
    n_folds: int = 5,
    random_state: int = 0,
    export: bool = True,
    journal: Journal | None = None,
    n_jobs: int | None = None,
    progress: Callable[[int, int], object] | None = None,
) -> list[list[FoldFigures]]:
    """Judge contestants under one set of folds.

    Parameters
    ----------
    training_set : TrainingSet
        Labelled images.
    contestants : sequence of Contestant
        Whom to judge.
    n_folds : int
        Stratified folds.
    random_state : int
        Seed of the folds.
    export : bool
        Whether to judge models as they are exported, with their size and speed, or, faster, before that.
    journal : Journal, optional
        What it holds is not computed again; what is computed goes there at once.
    n_jobs : int, optional
        Folds to work on at once, each on one core; as many as there are cores by default.
    progress : callable, optional
        Called with the number of folds done and their total.

    Returns
    -------
    list of list of FoldFigures
        For each contestant its figures by fold.

    Raises
    ------
    VocabularyError
        If there is only one mood, or one with fewer images than folds.
    InputError
        If a contestant needs an input that is not there, or the journal cannot be written.
    """
    check_moods(training_set, min_images_per_mood=n_folds)
    journal = Journal() if journal is None else journal
    folds = split(training_set.moods, n_folds=n_folds, random_state=random_state)
    selected = {contestant.inputs: training_set.select(contestant.inputs) for contestant in contestants}
    prints = {inputs: part.fingerprint() for inputs, part in selected.items()}
    pieces = {
        (c, f): _piece(contestant, prints[contestant.inputs], (n_folds, random_state, f), export)
        for c, contestant in enumerate(contestants)
        for f in range(n_folds)
    }
    to_do = [place for place, piece in pieces.items() if journal.get(piece) is None]
    calls = [
        delayed(_judge_fold)((c, f), selected[contestants[c].inputs], contestants[c].recipe, folds[f], export)
        for c, f in to_do
    ]
    figures = _side_by_side(calls, min(n_jobs or cpu_count(), max(len(to_do), 1)))
    try:
        for done, (place, found) in enumerate(figures, start=len(pieces) - len(to_do) + 1):
            journal.put(pieces[place], asdict(found))
            if progress is not None:
                progress(done, len(pieces))
    finally:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # joblib's on work that is given up: it is in the journal or not
            figures.close()
    return [
        [FoldFigures(**(journal.get(pieces[c, f]) or {})) for f in range(n_folds)] for c in range(len(contestants))
    ]


def _side_by_side(calls: list[Any], n_jobs: int) -> Generator[_Found, None, None]:
    """Make calls, each in a process of its own, and give what they find as it comes."""
    with _interrupts_withheld():
        running: Generator[_Found, None, None] = Parallel(n_jobs=n_jobs, return_as="generator_unordered")(calls)
    return running


@contextmanager
def _interrupts_withheld() -> Generator[None, None, None]:
    """Keep Ctrl-C from processes that start in here: a terminal sends it to all, and only we know what to do."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _piece(contestant: Contestant, data: str, fold: tuple[int, int, int], export: bool) -> dict[str, Any]:
    """Say what tells one fold's work from any other."""
    return {
        "recipe": contestant.recipe.to_dict(),
        "inputs": contestant.inputs,
        "data": data,
        "fold": fold,
        "export": export,
        "versions": {name: version(name) for name in ("image-mood-classifier", "scikit-learn")},
    }


def _judge_fold(
    place: tuple[int, int],
    training_set: TrainingSet,
    recipe: Recipe,
    fold: Fold,
    export: bool,
) -> _Found:
    learned, test = (training_set.take(part) for part in fold)
    start = time.perf_counter()
    estimator = fit(learned, recipe, n_jobs=1)
    fit_s = time.perf_counter() - start
    labels = tuple(estimator.classes_.tolist())
    if not export:
        answers = estimator.predict_proba(test.features).astype(np.float64)
        judged = evaluate_predictions(test.moods, answers / answers.sum(axis=1, keepdims=True), labels)
        return place, _figures(judged, fit_s)
    classifier = TrainedModel(estimator, recipe, learned).classifier().with_threads(1)
    judged = evaluate_predictions(test.moods, classifier.predict(**test.inputs), labels)
    size_mb = classifier.network.size_bytes / 1e6
    return place, replace(_figures(judged, fit_s), predict_ms=_predict_ms(classifier, test), size_mb=size_mb)


def _figures(judged: Evaluation, fit_s: float) -> FoldFigures:
    return FoldFigures(
        accuracy=judged.accuracy,
        macro_f1=judged.macro_f1,
        mean_recall=judged.averages["macro avg"]["recall"],
        log_loss=judged.log_loss,
        calibration_error=judged.calibration_error,
        fit_s=fit_s,
    )


def _predict_ms(classifier: MoodClassifier, test: TrainingSet) -> float:
    seconds = []
    for i in range(min(_N_TIMED, len(test.moods))):
        single = {name: array[i : i + 1] for name, array in test.inputs.items()}
        start = time.perf_counter()
        classifier.predict(**single)
        seconds.append(time.perf_counter() - start)
    return float(np.median(seconds)) * 1000
