"""Trains and evaluates mood classifiers on pictures that are in memory, in a list, or in a labelled dataset."""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from imagemood.errors import InputError, MoodError
from imagemood.estimators.transformers import cached_cascade
from imagemood.evaluation import cross_validation
from imagemood.evaluation.metrics import Evaluation
from imagemood.learning import Recipe, TrainedModel, TrainingSet, training
from imagemood.learning.algorithms import DEFAULT_ALGORITHM
from imagemood.learning.feature_rows import FeatureRows, default_inputs
from imagemood.learning.labelled_pictures import read_labelled_pictures
from imagemood.models.metadata import INPUTS
from imagemood.pictures.picture_like import Pictures
from imagemood.prediction.cascade import Cascade
from imagemood.prediction.progress import Progress


def train(
    pictures: Pictures | TrainingSet,
    moods: Iterable[str] | None = None,
    recipe: Recipe | str = DEFAULT_ALGORITHM,
    *,
    inputs: Sequence[str] | None = None,
    tagger: str | Path | None = None,
    device: str = "auto",
    n_jobs: int | None = None,
    progress: Progress = False,
) -> TrainedModel:
    """Train a mood classifier on pictures with labels.

    Parameters
    ----------
    pictures : iterable of picture-like, str, Path or TrainingSet
        Pictures as for `imagemood.classify_many`; without `moods`, the folder of a labelled dataset, such as one
        with a subfolder for each mood, or a training set. A picture that cannot be used is left out, with a
        warning.
    moods : iterable of str, optional
        The label of each picture.
    recipe : Recipe or str
        How to train, or the name of an algorithm in `imagemood.learning.ALGORITHMS`.
    inputs : sequence of {"tags", "embedding", "visual"}, optional
        Features of the pictures to use. Defaults to the tags and the embedding, as far as the tagger computes
        them.
    tagger : str or Path, optional
        A tagger, as for `imagemood.Tagger.load`. Defaults to the built-in tagger. Pass another one also to the
        method ``write`` of the model.
    device : str
        Device that runs the tagger: ``auto``, ``cpu``, ``cuda`` or ``cuda:N``.
    n_jobs : int, optional
        Number of CPU cores to use. Defaults to all.
    progress : bool or callable
        As for `imagemood.classify_many`.

    Returns
    -------
    TrainedModel
        The model. Its method ``write`` writes a model directory for `imagemood.Cascade.load` and all commands, and
        its method ``classifier`` returns the `imagemood.MoodClassifier`.

    Raises
    ------
    InputError
        If the numbers of labels and pictures differ, no picture can be used, or the algorithm, a parameter or an
        input is unknown.
    VocabularyError
        If there is only one mood, or a mood has too few pictures for the algorithm.

    Examples
    --------
    >>> from imagemood.pictures import samples
    >>> album = [sample.path for sample in samples.all_samples()[:6]]
    >>> model = train(album, ["people", "scene"] * 3)
    >>> model.classifier().labels
    ('people', 'scene')
    """
    training_set = _training_set(pictures, moods, inputs, tagger, device, n_jobs, progress)
    return training.train(training_set, recipe, n_jobs=n_jobs)


def evaluate(
    pictures: Pictures | TrainingSet,
    moods: Iterable[str] | None = None,
    recipe: Recipe | str = DEFAULT_ALGORITHM,
    *,
    n_folds: int = 5,
    inputs: Sequence[str] | None = None,
    tagger: str | Path | None = None,
    device: str = "auto",
    n_jobs: int | None = None,
    progress: Progress = False,
) -> Evaluation:
    """Evaluate a mood classifier by stratified cross-validation on pictures with labels.

    Each picture is predicted by a classifier that was trained on the pictures of the other folds.

    Parameters
    ----------
    pictures, moods, recipe, inputs, tagger, device, n_jobs, progress
        As for `imagemood.train`.
    n_folds : int
        Number of folds.

    Returns
    -------
    Evaluation
        Accuracy, F1, calibration and other metrics, with confidence intervals, and the probabilities that were
        predicted for each usable picture.

    Raises
    ------
    InputError
        As for `imagemood.train`.
    VocabularyError
        If there is only one mood, or a mood has fewer pictures than there are folds.

    Examples
    --------
    >>> from imagemood.learning import TrainingSet
    >>> evaluation = evaluate(TrainingSet.example().sample(80), n_folds=2)
    >>> evaluation.n_images, evaluation.accuracy > 0.2
    (80, True)
    """
    training_set = _training_set(pictures, moods, inputs, tagger, device, n_jobs, progress)
    return cross_validation.evaluate(training_set, recipe, n_folds=n_folds, n_jobs=n_jobs)


def _training_set(
    pictures: Any,
    moods: Iterable[str] | None,
    inputs: Sequence[str] | None,
    tagger: str | Path | None,
    device: str,
    n_jobs: int | None,
    progress: Progress,
) -> TrainingSet:
    if isinstance(pictures, TrainingSet):
        if moods is not None:
            raise InputError("a training set has labels of its own", hint="omit the moods")
        return pictures if inputs is None else pictures.select(inputs)
    cascade = cached_cascade(tagger, device, n_jobs)
    chosen = _choose_inputs(inputs, cascade)
    if moods is not None:
        return _from_list(pictures, list(moods), chosen, cascade, progress)
    if not isinstance(pictures, str | Path):
        raise InputError(
            "the pictures have no labels", hint="pass their moods, or the folder of a labelled dataset"
        )
    labelled = read_labelled_pictures(pictures, cascade, inputs=chosen)
    _warn(labelled.failures, len(labelled.paths) + len(labelled.failures))
    return labelled.training_set


def _choose_inputs(inputs: Sequence[str] | None, cascade: Cascade) -> tuple[str, ...]:
    """Return the inputs in the order that models use."""
    if inputs is None:
        return default_inputs(cascade.tagger)
    chosen = [inputs] if isinstance(inputs, str) else inputs
    unknown = [name for name in chosen if name not in INPUTS]
    if unknown or not chosen:
        raise InputError(f"unknown input '{''.join(unknown[:1])}'", hint=f"use one or more of {', '.join(INPUTS)}")
    return tuple(name for name in INPUTS if name in chosen)


def _from_list(
    pictures: Any, moods: list[str], inputs: tuple[str, ...], cascade: Cascade, progress: Progress
) -> TrainingSet:
    results = list(cascade.tag_many(pictures, inputs, progress=progress))
    if len(results) != len(moods):
        raise InputError(f"{len(moods)} moods for {len(results)} pictures", hint="each picture needs one mood")
    usable = [i for i, result in enumerate(results) if result.error is None]
    errors = [result.error for result in results if result.error is not None]
    if not usable:
        hint = str(errors[0]) if errors else None
        raise InputError("no picture can be used", hint=hint)
    _warn(errors, len(results))
    features = FeatureRows(inputs)
    for i in usable:
        features.append(results[i])
    return features.to_training_set([str(moods[i]) for i in usable], cascade.tagger)


def _warn(errors: Sequence[MoodError], n_pictures: int) -> None:
    if errors:
        what = f"{len(errors)} of {n_pictures} pictures cannot be used and are left out, the first of them: "
        warnings.warn(f"{what}{errors[0]}", stacklevel=4)
