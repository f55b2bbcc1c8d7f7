"""Train a mood classifier."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

from imagemood import bundle
from imagemood.errors import VocabularyError
from imagemood.learn.algorithms import Recipe, make_estimator
from imagemood.learn.export import to_onnx
from imagemood.learn.training_set import TrainingSet
from imagemood.metadata import INPUTS, ModelMetadata
from imagemood.moods import MoodClassifier
from imagemood.network import Network, n_cores

_PACKAGES = ("image-mood-classifier", "scikit-learn", "skl2onnx", "onnx")
_PARAMETERS = ("n_estimators", "min_samples_split", "C", "kernel", "gamma", "random_state")


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
            inputs=INPUTS if data.embedding is not None else INPUTS[:1],
            prior={label: data.images_per_mood[label] / n_images for label in labels},
            algorithm=self.recipe.algorithm,
            parameters={**_parameters(self.estimator), "augmentation": asdict(self.recipe.augmentation)},
            training_set={
                "n_images": n_images,
                "n_tags": len(data.vocabulary),
                "images_per_mood": data.images_per_mood,
                "sha256": data.fingerprint(),
            },
            metrics=self.metrics,
            versions={name: version(name) for name in _PACKAGES},
        )

    def to_onnx(self) -> bytes:
        """Export the model.

        Returns
        -------
        bytes
            The ONNX file's content.
        """
        return to_onnx(
            self.estimator,
            n_tags=len(self.training_set.vocabulary),
            n_embedding=self.training_set.n_embedding,
        )

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
        bundle.write(path, self.to_onnx(), self.metadata())


def train(
    training_set: TrainingSet, recipe: Recipe | str = "logistic", *, n_jobs: int | None = None
) -> TrainedModel:
    """Train a mood classifier.

    Parameters
    ----------
    training_set : TrainingSet
        Labelled images.
    recipe : Recipe or str
        How to train, or the name of an algorithm: ``logistic``, ``rf`` (random forest of 300 trees) or ``svm``.
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
    >>> from imagemood.tags import TagSet
    >>> from imagemood.formats import Labels
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
        If there is only one mood, or one with too few images for the algorithm.
    InputError
        If there is no such algorithm.
    """
    check_moods(training_set, at_least=3 if recipe.algorithm == "svm" else 1)
    estimator = make_estimator(
        recipe,
        n_tags=len(training_set.vocabulary),
        n_embedding=training_set.n_embedding,
        n_jobs=n_jobs or n_cores(),
    )
    tags, origin = recipe.augmentation.apply(training_set.tags)
    features = tags
    if training_set.embedding is not None:
        features = np.hstack([tags, training_set.embedding[origin]])
    return estimator.fit(features, np.array(training_set.moods)[origin])


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
        if key.rsplit("__", 1)[-1] in _PARAMETERS and isinstance(value, str | int | float):
            chosen[key.rsplit("__", 1)[-1]] = value
    return chosen
