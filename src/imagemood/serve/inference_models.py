"""The cascade and its two stages as models of the Open Inference Protocol."""

from __future__ import annotations

from typing import Any

import numpy as np

from imagemood.errors import InputError
from imagemood.pictures.picture import Picture
from imagemood.serve.inference.engine import PredictionOptions
from imagemood.serve.inference_statistics import InferenceStatistics, Measurement
from imagemood.serve.problems import Problem
from imagemood.serve.schemas.open_inference import Tensor
from imagemood.serve.service import Service
from imagemood.serve.settings import MAX_TAG_ROW_IMAGES
from imagemood.serve.uploads import check_n_pictures
from imagemood.tables.matrix import TagMatrix
from imagemood.tables.scores import are_scores

VERSION = "1"
"""The version of every model."""
_PLATFORM = "onnxruntime_onnx"
_CONFIG_TYPES = {"BYTES": "TYPE_STRING", "FP32": "TYPE_FP32", "FP64": "TYPE_FP64"}


class InferenceModels:
    """The cascade and its two stages as models of the protocol: ``mood``, ``tag`` and ``classify``."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._engine = service.engine
        self._limits = service.settings.limits
        self._picture_bytes = service.engine.picture_bytes
        n_tags, n_moods = len(self._engine.cascade.tagger.labels), len(self._engine.mood_classifier.labels)
        n_columns, n_row_moods = len(self._engine.row_columns), len(self._engine.row_classifier.labels)
        image = _tensor_metadata("image", "BYTES", -1)
        self._metadata = {
            "mood": ([image], _output_metadata("probabilities", "FP64", n_moods)),
            "tag": ([image], _output_metadata("scores", "FP32", n_tags)),
            "classify": (
                [_tensor_metadata("scores", "FP32", -1, n_columns)],
                _output_metadata("probabilities", "FP64", n_row_moods),
            ),
        }
        if not n_tags:
            del self._metadata["tag"]
        self._statistics = InferenceStatistics(service.metrics, self._metadata)

    def metadata(self, name: str, version: str) -> dict[str, Any]:
        """Return the metadata of a model: its name, versions, platform, inputs and outputs."""
        self.check_exists(name, version)
        inputs, outputs = self._metadata[name]
        return {
            "name": name,
            "versions": [VERSION],
            "platform": _PLATFORM,
            "inputs": inputs,
            "outputs": outputs,
        }

    def config(self, name: str, version: str) -> dict[str, Any]:
        """Return the configuration of a model, as Triton describes it; the shapes include the number of items."""
        self.check_exists(name, version)
        inputs, outputs = self._metadata[name]
        return {
            "name": name,
            "platform": _PLATFORM,
            "backend": "onnxruntime",
            "version_policy": {"latest": {"num_versions": 1}},
            "max_batch_size": 0,
            "input": [_tensor_config(tensor) for tensor in inputs],
            "output": [_tensor_config(tensor) for tensor in outputs],
        }

    def readiness(self, name: str, version: str) -> dict[str, Any]:
        """Return that a model is ready, or raise a problem with status 503."""
        self.check_exists(name, version)
        self._service.check_ready()
        return {"name": name, "ready": True}

    def index(self, *, only_ready: bool) -> list[dict[str, str]]:
        """Return the name, version and state of each model."""
        if self._service.is_ready:
            return [{"name": name, "version": VERSION, "state": "READY", "reason": ""} for name in self._metadata]
        entry = {"version": VERSION, "state": "UNAVAILABLE", "reason": "the service is starting or stopping"}
        return [] if only_ready else [{"name": name, **entry} for name in self._metadata]

    def statistics(self, name: str | None = None, version: str = VERSION) -> dict[str, Any]:
        """Return the statistics of a model, or of all of them."""
        if name is not None:
            self.check_exists(name, version)
        read = self._statistics.read()
        names = self._metadata if name is None else [name]
        return {"model_stats": [{"name": model, "version": VERSION, **read[model]} for model in names]}

    def measure(self, name: str) -> Measurement:
        """Measure a request in a ``with`` block, for the statistics of a model."""
        return self._statistics.measure(name)

    def check_exists(self, name: str, version: str) -> None:
        """Raise a problem with status 404 if no model has this name and version."""
        if name not in self._metadata or version != VERSION:
            models = ", ".join(self._metadata)
            raise Problem(404, f"no model '{name}' with version {version}; the models are {models}")

    def memory_bytes(self, inputs: dict[str, Tensor]) -> int:
        """Return the memory that the inputs take, together with their pixels or with a copy of their numbers."""
        return sum(
            sum(map(len, tensor.values)) + min(len(tensor.values), self._limits.max_images) * self._picture_bytes
            if isinstance(tensor.values, list)
            else 2 * tensor.values.nbytes
            for tensor in inputs.values()
        )

    async def infer(self, name: str, inputs: dict[str, Tensor]) -> dict[str, Tensor]:
        """Run a model, and return its outputs by name."""
        expected = self._metadata[name][0][0]["name"]
        tensor = inputs.get(expected)
        if tensor is None or len(inputs) != 1:
            raise Problem(422, f"the model has one input, '{expected}', not {', '.join(inputs)}")
        return await (self._infer_scores(tensor) if name == "classify" else self._infer_pictures(name, tensor))

    async def _infer_pictures(self, name: str, tensor: Tensor) -> dict[str, Tensor]:
        if not isinstance(tensor.values, list):
            raise Problem(422, f"'{tensor.name}' must have the datatype BYTES")
        check_n_pictures(len(tensor.values), self._limits)
        pictures = [
            Picture.from_bytes(content, name=f"image {i}", max_pixels=self._limits.max_pixels)
            for i, content in enumerate(tensor.values)
        ]
        options = PredictionOptions(tags=name == "tag")
        results = [prediction.result for prediction in await self._engine.predict(pictures, options)]
        for result in results:
            if result.error is not None:
                raise result.error
        if name == "tag":
            scores = np.stack([result.scores for result in results if result.scores is not None])
            return _with_labels(Tensor("scores", "FP32", scores), self._engine.cascade.tagger.labels)
        probabilities = np.stack([result.probabilities for result in results if result.probabilities is not None])
        return _with_labels(Tensor("probabilities", "FP64", probabilities), self._engine.mood_classifier.labels)

    async def _infer_scores(self, tensor: Tensor) -> dict[str, Tensor]:
        values, n_columns = tensor.values, len(self._engine.row_columns)
        if isinstance(values, list) or values.ndim != 2 or values.shape[1] != n_columns:
            raise InputError(f"'{tensor.name}' must have the shape (n, {n_columns})")
        if not 0 < len(values) <= MAX_TAG_ROW_IMAGES:
            raise InputError(f"'{tensor.name}' has {len(values)} rows, not 1 to {MAX_TAG_ROW_IMAGES}")
        if not are_scores(values).all():
            raise InputError(f"'{tensor.name}' contains a value that is not a number from 0 to 1")
        matrix = TagMatrix(values.astype(np.float32), list(range(len(values))), 0)
        probabilities = await self._engine.predict_rows(matrix)
        return _with_labels(Tensor("probabilities", "FP64", probabilities), self._engine.row_classifier.labels)


def _tensor_metadata(name: str, datatype: str, *shape: int) -> dict[str, Any]:
    return {"name": name, "datatype": datatype, "shape": list(shape)}


def _tensor_config(tensor: dict[str, Any]) -> dict[str, Any]:
    return {"name": tensor["name"], "data_type": _CONFIG_TYPES[tensor["datatype"]], "dims": tensor["shape"]}


def _output_metadata(name: str, datatype: str, n_labels: int) -> list[dict[str, Any]]:
    return [_tensor_metadata(name, datatype, -1, n_labels), _tensor_metadata("labels", "BYTES", n_labels)]


def _with_labels(tensor: Tensor, labels: tuple[str, ...]) -> dict[str, Tensor]:
    return {tensor.name: tensor, "labels": Tensor("labels", "BYTES", [label.encode() for label in labels])}
