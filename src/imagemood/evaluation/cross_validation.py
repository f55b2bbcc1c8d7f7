"""Evaluates candidates by stratified cross-validation, in parallel; interrupted runs can be resumed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict
from functools import partial
from importlib.metadata import version
from typing import Any

import numpy as np
from threadpoolctl import threadpool_limits

from imagemood import __version__
from imagemood.evaluation.candidate import Candidate, CandidateResult
from imagemood.evaluation.fold import Fold, FoldMetrics, FoldResult, evaluate_fold, split_folds
from imagemood.evaluation.intervals import N_RESAMPLES
from imagemood.evaluation.journal import Journal
from imagemood.evaluation.metrics import Evaluation, evaluate_predictions
from imagemood.evaluation.parallel import Backend, run_parallel
from imagemood.learning import Recipe, TrainingSet, check_moods, get_algorithm
from imagemood.learning.algorithms import DEFAULT_ALGORITHM
from imagemood.models.device import cpu_count

Progress = Callable[[int, int], object]
"""Called with the number of finished folds and their total."""


def cross_validate(
    training_set: TrainingSet,
    candidates: Sequence[Candidate],
    *,
    n_folds: int = 5,
    random_state: int = 0,
    export: bool = True,
    keep_probabilities: bool = False,
    backend: Backend = "processes",
    journal: Journal | None = None,
    n_jobs: int | None = None,
    progress: Progress | None = None,
) -> list[CandidateResult]:
    """Evaluate candidates on the same stratified folds.

    Parameters
    ----------
    training_set : TrainingSet
        Labelled images.
    candidates : sequence of Candidate
        Candidates to evaluate.
    n_folds : int
        Number of folds.
    random_state : int
        Seed of the division into folds.
    export : bool
        Whether to evaluate the models as exported to ONNX, with their size and speed, which takes longer.
    keep_probabilities : bool
        Whether to return and record the predicted probabilities.
    backend : {"processes", "threads"}
        Processes train each fold on one core, so that times are comparable. Threads start faster, and let an
        algorithm that uses all cores do so.
    journal : Journal, optional
        Folds that it contains are not evaluated again; each finished fold is recorded in it immediately.
    n_jobs : int, optional
        Number of CPU cores to use. Defaults to all.
    progress : callable, optional
        Called with the number of finished folds and their total.

    Returns
    -------
    list of CandidateResult
        In the order of the candidates.

    Raises
    ------
    VocabularyError
        If there is only one mood, or a mood has fewer images than there are folds.
    InputError
        If a candidate needs an input that the training set does not have, or the journal cannot be written.
    """
    check_moods(training_set, min_images_per_mood=n_folds, hint="use fewer folds, or remove the mood")
    journal = Journal() if journal is None else journal
    folds = split_folds(training_set.moods, n_folds=n_folds, random_state=random_state)
    selected = {candidate.inputs: training_set.select(candidate.inputs) for candidate in candidates}
    fingerprints = {inputs: data.fingerprint() for inputs, data in selected.items()}
    versions = {"image-mood-classifier": __version__, "scikit-learn": version("scikit-learn")}
    shared = {"export": export, "versions": versions} | ({"probabilities": True} if keep_probabilities else {})
    tasks = {
        (c, f): _journal_key(candidate, fingerprints[candidate.inputs], (n_folds, random_state, f)) | shared
        for c, candidate in enumerate(candidates)
        for f in range(n_folds)
    }
    pending = [task for task, key in tasks.items() if key not in journal]
    n_parallel, n_jobs_per_fit = _share_cores(candidates, len(pending), n_jobs or cpu_count(), backend)
    calls = [
        partial(_evaluate, selected[candidates[c].inputs], candidates[c], folds[f], export, n_jobs_per_fit)
        for c, f in pending
    ]
    with (
        threadpool_limits(n_jobs_per_fit, user_api="blas"),  # more threads than cores slow each other down
        run_parallel(calls, n_jobs=n_parallel, backend=backend) as results,
    ):
        for n_done, (index, result) in enumerate(results, start=len(tasks) - len(pending) + 1):
            journal.put(tasks[pending[index]], _to_record(result, keep_probabilities=keep_probabilities))
            if progress is not None:
                progress(n_done, len(tasks))
    return [
        _from_records(candidate, [journal[tasks[c, f]] for f in range(n_folds)], folds)
        for c, candidate in enumerate(candidates)
    ]


def evaluate(
    training_set: TrainingSet,
    recipe: Recipe | str = DEFAULT_ALGORITHM,
    *,
    n_folds: int = 5,
    journal: Journal | None = None,
    n_jobs: int | None = None,
    progress: Progress | None = None,
) -> Evaluation:
    """Evaluate one recipe by stratified cross-validation, and return metrics over all images.

    Each image is predicted by the model that was trained without it. The seed of the recipe is also the seed of
    the folds; augmentation is applied to training images only. See `cross_validate` for the parameters.
    """
    recipe = Recipe.of(recipe)
    (result,) = cross_validate(
        training_set,
        [Candidate(recipe, tuple(training_set.inputs))],
        n_folds=n_folds,
        random_state=recipe.random_state,
        export=False,
        keep_probabilities=True,
        backend="threads",
        journal=journal,
        n_jobs=n_jobs,
        progress=progress,
    )
    return pooled(result, training_set)


def pooled(result: CandidateResult, training_set: TrainingSet) -> Evaluation:
    """Return metrics over all images, with confidence intervals, from the predictions of all folds."""
    return evaluate_predictions(
        training_set.moods,
        result.probabilities,
        tuple(training_set.images_per_mood),
        n_folds=len(result.folds),
        spread={metric: result.std(metric) for metric in ("accuracy", "macro_f1")},
        n_resamples=N_RESAMPLES,
    )


def _journal_key(candidate: Candidate, fingerprint: str, fold: tuple[int, int, int]) -> dict[str, Any]:
    """Return what distinguishes the evaluation of one fold from any other."""
    key = {"recipe": candidate.recipe.to_dict(), "inputs": candidate.inputs, "data": fingerprint, "fold": fold}
    return key if candidate.n_train is None else key | {"n_train": candidate.n_train}


def _share_cores(candidates: Sequence[Candidate], n_tasks: int, n_jobs: int, backend: Backend) -> tuple[int, int]:
    """Return the number of folds to evaluate at the same time, and the number of cores for each."""
    one_by_one = any(get_algorithm(candidate.recipe.algorithm).uses_all_cores for candidate in candidates)
    n_parallel = 1 if backend == "threads" and one_by_one else max(1, min(n_jobs, n_tasks))
    return n_parallel, n_jobs // n_parallel if backend == "threads" else 1


def _evaluate(
    training_set: TrainingSet, candidate: Candidate, fold: Fold, export: bool, n_jobs: int
) -> FoldResult:
    train_set, test_set = (training_set.take(indices) for indices in fold)
    if candidate.n_train is not None:
        train_set = train_set.sample(candidate.n_train, random_state=candidate.recipe.random_state)
    return evaluate_fold(train_set, test_set, candidate.recipe, export=export, n_jobs=n_jobs)


def _to_record(result: FoldResult, *, keep_probabilities: bool) -> dict[str, Any]:
    """Return the result of a fold as the journal records it."""
    record = asdict(result.metrics)
    return record | {"probabilities": result.probabilities.tolist()} if keep_probabilities else record


def _from_records(candidate: Candidate, records: list[dict[str, Any]], folds: list[Fold]) -> CandidateResult:
    """Combine the recorded folds of a candidate."""
    metrics, parts = [], []
    for record in records:
        parts.append(record.pop("probabilities", None))
        metrics.append(FoldMetrics(**record))
    if parts[0] is None:
        return CandidateResult(candidate, metrics)
    test_index = np.concatenate([test for _, test in folds])
    probabilities = np.concatenate(parts)[np.argsort(test_index)]
    return CandidateResult(candidate, metrics, probabilities)
