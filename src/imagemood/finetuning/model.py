"""Evaluates a fine-tuned network on the photos that were held out, and makes a model of it."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from imagemood.errors import ModelError, first_line
from imagemood.evaluation.intervals import N_RESAMPLES
from imagemood.evaluation.metrics import Evaluation, evaluate_predictions
from imagemood.finetuning.calibration import calibrate, mood_head
from imagemood.finetuning.export import export, prepared
from imagemood.finetuning.network import MoodNetwork, normalise
from imagemood.finetuning.photo_set import PhotoSet
from imagemood.models import model_directory
from imagemood.models.metadata import ModelMetadata
from imagemood.models.network import Network
from imagemood.models.run_limit import interruptible
from imagemood.models.tagger_files import TaggerFiles

_LICENSE = "Apache-2.0 (of the weights that fine-tuning started from)"
_PACKAGES = ("image-mood-classifier", "torch", "onnx")
_N_BATCH, _N_CHECKED = 16, 4
_TOLERANCE = 1e-3  # of logits, between PyTorch and ONNX Runtime


@dataclass(frozen=True, eq=False)
class FinetunedModel:
    """A fine-tuned network with its mood classifier.

    Attributes
    ----------
    head : bytes
        The network of the mood classifier.
    metadata : ModelMetadata
        Its metadata.
    tagger : TaggerFiles
        The fine-tuned network.
    evaluation : Evaluation or None
        The metrics on the photos that were held out, if there are any.
    """

    head: bytes
    metadata: ModelMetadata
    tagger: TaggerFiles
    evaluation: Evaluation | None

    def write(self, path: str | Path) -> None:
        """Write a model directory that contains the network; raise an `InputError` if that is impossible."""
        model_directory.write(path, self.head, self.metadata, tagger=self.tagger)


def make_model(
    network: MoodNetwork,
    photos: PhotoSet,
    parameters: dict[str, Any],
    *,
    progress: Callable[[int, int], object] | None = None,
) -> FinetunedModel:
    """Export a network, and calibrate and evaluate it on the photos that were held out.

    Parameters
    ----------
    network : MoodNetwork
        The trained network, on the CPU.
    photos : PhotoSet
        The photos.
    parameters : dict
        What the metadata record about the training.
    progress : callable, optional
        Called with the number of photos that were predicted, and their total.

    Raises
    ------
    ModelError
        If the exported network does not compute what the network in PyTorch computes.
    """
    built_in = TaggerFiles.at().card()
    name = f"{built_in.name}, fine-tuned"
    content, card = _export(network, name, built_in.labels, photos.labels)
    card |= {"license": _LICENSE, "source": "imagemood finetune"}
    network = prepared(network)
    exported = Network(content, name=name)
    _check(exported, network, photos.pixels[photos.learned[:_N_CHECKED]])
    evaluation, factor = None, 1.0
    if len(photos.held_out):
        logits = _predict(exported, photos.pixels, photos.held_out, progress)
        truth = photos.moods[photos.held_out]
        factor, probabilities = calibrate(logits, truth)
        moods = np.array(photos.labels)[truth]
        evaluation = evaluate_predictions(moods, probabilities, photos.labels, n_resamples=N_RESAMPLES)
    counts = photos.counts(photos.learned)
    metadata = ModelMetadata(
        labels=photos.labels,
        vocabulary=(),
        inputs=("embedding",),
        prior={mood: n / len(photos.learned) for mood, n in counts.items()},
        algorithm="mood head of the fine-tuned network",
        parameters={**parameters, "factor_of_logits": factor},
        training_set={
            "n_images": len(photos.learned),
            "n_tags": 0,
            "images_per_mood": counts,
            "n_held_out": len(photos.held_out),
        },
        metrics={} if evaluation is None else evaluation.to_dict(),
        versions={name: version(name) for name in _PACKAGES},
    )
    weight, bias = (part.detach().numpy() for part in (network.moods.weight, network.moods.bias))
    files = TaggerFiles.of_content(content, json.dumps(card, indent=1, ensure_ascii=False).encode())
    return FinetunedModel(mood_head(weight, bias, factor), metadata, files, evaluation)


def _export(
    network: MoodNetwork, name: str, tags: tuple[str, ...], moods: tuple[str, ...]
) -> tuple[bytes, dict[str, Any]]:
    try:
        return interruptible(lambda: export(network, name, tags=tags, moods=moods))
    except MemoryError:
        raise
    except Exception as error:  # PyTorch and onnxscript raise many unrelated classes
        raise ModelError(
            f"the trained network cannot be exported: {first_line(error)}",
            hint="install other versions of torch and onnxscript, and run the same command again",
        ) from error


@torch.no_grad()
def _check(exported: Network, network: MoodNetwork, pixels: NDArray[np.uint8]) -> None:
    shared = network.shared(normalise(torch.from_numpy(np.array(pixels))))
    expected = network.moods(network.embedding(shared)).numpy()
    found = exported.run("moods", image=np.array(pixels), with_tags=np.array(False))["moods"]
    difference = float(np.abs(found - expected).max())
    if not difference < _TOLERANCE * max(1.0, float(np.abs(expected).max())):
        raise ModelError(f"the exported network differs from the trained one by {difference:.3g}")


def _predict(
    network: Network,
    pixels: NDArray[np.uint8],
    indices: NDArray[np.intp],
    progress: Callable[[int, int], object] | None,
) -> NDArray[np.float32]:
    """Return the logits of some photos, (n, n_moods)."""
    parts = []
    for start in range(0, len(indices), _N_BATCH):
        batch = pixels[indices[start : start + _N_BATCH]]
        parts.append(network.run("moods", image=batch, with_tags=np.array(False))["moods"])
        if progress is not None:
            progress(min(start + _N_BATCH, len(indices)), len(indices))
    return np.concatenate(parts)
