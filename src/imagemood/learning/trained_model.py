"""A fitted estimator with everything that a model directory records about it."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import Any

import msgspec

from imagemood import __version__
from imagemood.learning.algorithms import ALGORITHMS
from imagemood.learning.onnx_export import to_onnx
from imagemood.learning.recipe import Recipe
from imagemood.learning.training_set import TrainingSet
from imagemood.models import model_directory
from imagemood.models.metadata import ModelMetadata
from imagemood.models.mood_classifier import MoodClassifier
from imagemood.models.network import Network
from imagemood.models.tagger_files import TaggerFiles

_PACKAGES = ("scikit-learn", "skl2onnx", "onnx")
_RECORDED_PARAMETERS = {name for algorithm in ALGORITHMS.values() for name in algorithm.grid} | {
    "kernel",
    "random_state",
}


@dataclass(frozen=True, eq=False)
class TrainedModel:
    """A trained mood classifier, before or after it is exported to ONNX.

    Attributes
    ----------
    estimator : estimator
        The fitted scikit-learn classifier.
    recipe : Recipe
        The recipe it was trained with.
    training_set : TrainingSet
        The images it was trained on.
    metrics : dict
        Cross-validated metrics to record with the model.
    """

    estimator: Any
    recipe: Recipe
    training_set: TrainingSet
    metrics: dict[str, Any] = field(default_factory=dict)

    def metadata(self) -> ModelMetadata:
        """Return the metadata of the model directory: labels, vocabulary, training set, metrics and versions."""
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
                **_recorded_parameters(self.estimator),
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
            versions={"image-mood-classifier": __version__, **{name: version(name) for name in _PACKAGES}},
            visual=data.visual_names,
        )

    def to_onnx(self) -> bytes:
        """Return the content of the model's ONNX file."""
        return to_onnx(self.estimator, self.training_set.widths)

    def classifier(self) -> MoodClassifier:
        """Return the mood classifier; it predicts the same as after `write` and loading."""
        return MoodClassifier(Network(self.to_onnx(), name=self.recipe.algorithm), self.metadata())

    def write(self, path: str | Path, tagger: str | Path | TaggerFiles | None = None) -> None:
        """Write a model directory, replacing an older model.

        Parameters
        ----------
        path : str or Path
            The folder.
        tagger : str, Path or TaggerFiles, optional
            The tagger that computed the features of the training set, as for `Tagger.load`. The model directory
            will contain it. By default, the model is used with the built-in tagger.

        Raises
        ------
        InputError
            If the folder contains other files, or cannot be written.
        ModelError
            If the tagger cannot be read.
        """
        files = model_directory.tagger_at(tagger) if isinstance(tagger, str | Path) else tagger
        metadata = self.metadata()
        if files is None and "embedding" in metadata.inputs:
            metadata = msgspec.structs.replace(metadata, network=TaggerFiles.at().network_sha256())
        model_directory.write(path, self.to_onnx(), metadata, files)


def _recorded_parameters(estimator: Any) -> dict[str, Any]:
    """Return the tunable parameters of an estimator and of its steps, without the steps' prefixes."""
    recorded = {}
    for key, value in estimator.get_params().items():
        name = key.rsplit("__", 1)[-1]
        if name in _RECORDED_PARAMETERS and isinstance(value, str | int | float | tuple):
            recorded[name] = value
    return recorded
