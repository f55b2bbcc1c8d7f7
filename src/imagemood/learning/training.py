"""Train a mood classifier."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.pipeline import Pipeline
from sklearn.utils.class_weight import compute_sample_weight

from imagemood.errors import InputError, VocabularyError
from imagemood.learning.algorithms import GRIDS, Problem, make_estimator
from imagemood.learning.augmentation import Augmentation
from imagemood.learning.onnx_export import to_onnx
from imagemood.learning.recipe import Recipe
from imagemood.learning.training_set import TrainingSet
from imagemood.models import model_directory
from imagemood.models.metadata import ModelMetadata
from imagemood.models.mood_classifier import MoodClassifier
from imagemood.models.network import Network, n_cores

_PACKAGES = ("image-mood-classifier", "scikit-learn", "skl2onnx", "onnx")
_N_PER_MOOD = {"svm": 3, "linear-svm": 3, "mlp": 2, "ensemble": 2}
"""Images that each mood needs where an algorithm keeps some back, to calibrate itself or to know when to stop."""
_PARAMETERS = {name for grid in GRIDS.values() for name in grid} | {"kernel", "random_state"}


@dataclass(frozen=True, eq=False)
class TrainedModel:
    """A trained estimator and what it was trained on.

    Attributes
    ----------
    estimator : estimator
        The fitted scikit-learn classifier.
    recipe : Recipe
        How it was trained.
    training_set : TrainingSet
        What it learned from.
    metrics : dict
        Cross-validated figures to record with the model.
    """

    estimator: Any
    recipe: Recipe
    training_set: TrainingSet
    metrics: dict[str, Any] = field(default_factory=dict)

    def metadata(self) -> ModelMetadata:
        """Describe the model.

        Returns
        -------
        ModelMetadata
            Labels, vocabulary, training set, figures and versions.
        """
        data = self.training_set
        n_images = len(data.moods)
        labels = tuple(str(label) for label in self.estimator.classes_)
        return ModelMetadata(
            labels=labels,
            vocabulary=data.vocabulary,
            inputs=tuple(data.inputs),
            prior={label: data.images_per_mood[label] / n_images for label in labels},
            algorithm=self.recipe.algorithm,
            parameters={
                **_parameters(self.estimator),
                "balanced": self.recipe.balanced,
                "augmentation": asdict(self.recipe.augmentation),
            },
            training_set={
                "n_images": n_images,
                "n_tags": len(data.vocabulary),
                "images_per_mood": data.images_per_mood,
                "sha256": data.fingerprint(),
            },
            metrics=self.metrics,
            versions={name: version(name) for name in _PACKAGES},
            visual=data.visual_names,
        )

    def to_onnx(self) -> bytes:
        """Export the model.

        Returns
        -------
        bytes
            The ONNX file's content.
        """
        return to_onnx(self.estimator, self.training_set.widths)

    def classifier(self) -> MoodClassifier:
        """Make the classifier that predicts, without writing anything.

        Returns
        -------
        MoodClassifier
            The same that `write` and `bundle.load` give.
        """
        return MoodClassifier(Network(self.to_onnx(), name=self.recipe.algorithm), self.metadata())

    def write(self, path: str | Path) -> None:
        """Write a model directory.

        Parameters
        ----------
        path : str or Path
            The directory; an older model there is replaced.

        Raises
        ------
        InputError
            If it cannot be written, or holds something else than a model.
        """
        model_directory.write(path, self.to_onnx(), self.metadata())


def train(
    training_set: TrainingSet, recipe: Recipe | str = "logistic", *, n_jobs: int | None = None
) -> TrainedModel:
    """Train a mood classifier.

    Parameters
    ----------
    training_set : TrainingSet
        Labelled images.
    recipe : Recipe or str
        How to train, or the name of an algorithm in `ALGORITHMS`.
    n_jobs : int, optional
        Cores to use; all by default.

    Returns
    -------
    TrainedModel
        Ready to write.

    Raises
    ------
    VocabularyError
        If there is only one mood, or one with too few images for the algorithm.
    InputError
        If there is no such algorithm.

    Examples
    --------
    >>> from imagemood.tables.tag_set import TagSet
    >>> from imagemood.tables import Labels
    >>> tags = TagSet.from_rows([0, 1, 2, 3], ["cat", "shark", "cat", "shark"], [1.0, 1.0, 0.5, 0.5])
    >>> trained = train(TrainingSet.from_rows(tags, Labels(["joy", "fear", "joy", "fear"])), "rf")
    >>> trained.classifier().labels
    ('fear', 'joy')
    """
    recipe = Recipe(recipe) if isinstance(recipe, str) else recipe
    return TrainedModel(fit(training_set, recipe, n_jobs=n_jobs), recipe, training_set)


def fit(training_set: TrainingSet, recipe: Recipe, *, n_jobs: int | None = None) -> Any:
    """Fit the estimator of a recipe, on what the recipe makes of the training images.

    Parameters
    ----------
    training_set : TrainingSet
        Labelled images.
    recipe : Recipe
        How to train.
    n_jobs : int, optional
        Cores to use; all by default.

    Returns
    -------
    estimator
        A fitted scikit-learn classifier.

    Raises
    ------
    VocabularyError
        If there is only one mood, or one with too few images for the algorithm, or all images are alike.
    InputError
        If there is no such algorithm.
    """
    check_moods(training_set, at_least=_N_PER_MOOD.get(recipe.algorithm, 1))
    problem = Problem(training_set.widths, len(training_set.moods), recipe.random_state, n_jobs or n_cores())
    estimator = make_estimator(recipe, problem)
    features, moods = _augmented(training_set, recipe.augmentation)
    if (features == features[0]).all():
        raise VocabularyError(
            f"all images have the same {' and '.join(training_set.inputs)}", hint="there is nothing to learn from"
        )
    n_neighbours = estimator.get_params().get("kneighborsclassifier__n_neighbors", 0)
    if len(moods) < n_neighbours:
        raise VocabularyError(
            f"'knn' asks {n_neighbours} neighbours, but there are {len(moods)} images", hint="add images"
        )
    return estimator.fit(features, moods, **_weights(estimator, moods, recipe))


def _augmented(
    training_set: TrainingSet, augmentation: Augmentation
) -> tuple[NDArray[np.float32], NDArray[np.str_]]:
    moods = np.array(training_set.moods)
    if training_set.tags is None or augmentation.is_none:
        return training_set.features, moods
    tags, origin = augmentation.apply(training_set.tags)
    copies = training_set.take(origin).inputs | {"tags": tags}
    return np.hstack(list(copies.values())), moods[origin]


def _weights(estimator: Any, moods: NDArray[np.str_], recipe: Recipe) -> dict[str, Any]:
    """Weigh the images so that each mood counts alike, if the recipe says so."""
    if not recipe.balanced:
        return {}
    if recipe.algorithm == "knn":
        raise InputError("'knn' cannot count each mood alike", hint="use another algorithm")
    weights = compute_sample_weight("balanced", moods)
    last_step = f"{estimator.steps[-1][0]}__" if isinstance(estimator, Pipeline) else ""
    return {f"{last_step}sample_weight": weights}


def check_moods(training_set: TrainingSet, *, at_least: int) -> None:
    """Refuse labels that nothing can be learned from.

    Parameters
    ----------
    training_set : TrainingSet
        Labelled images.
    at_least : int
        How many images each mood must have.

    Raises
    ------
    VocabularyError
        If there is only one mood, or one with fewer images.
    """
    counts = training_set.images_per_mood
    if len(counts) < 2:
        raise VocabularyError(
            f"all images have the mood '{next(iter(counts), '')}'", hint="at least two moods are needed"
        )
    few = {mood: n for mood, n in counts.items() if n < at_least}
    if few:
        named = ", ".join(f"'{mood}' has {n}" for mood, n in few.items())
        raise VocabularyError(
            f"each mood needs {at_least} images, but {named}", hint="add images or leave the mood out"
        )


def _parameters(estimator: Any) -> dict[str, Any]:
    """Pick the parameters that tell how the last step of an estimator was made."""
    nested = estimator.get_params()
    chosen = {}
    for key, value in nested.items():
        if key.rsplit("__", 1)[-1] in _PARAMETERS and isinstance(value, str | int | float | tuple):
            chosen[key.rsplit("__", 1)[-1]] = value
    return chosen
