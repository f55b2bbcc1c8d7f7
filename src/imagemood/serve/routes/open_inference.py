"""The routes under `/v2`: the Open Inference Protocol (KServe V2), which many model servers and clients share."""

from __future__ import annotations

from typing import Any

import numpy as np
from fastapi import APIRouter, Request
from fastapi.responses import Response

import imagemood
from imagemood.errors import InputError
from imagemood.pictures.picture import Picture
from imagemood.serve.engine import PredictionOptions
from imagemood.serve.problems import Problem, problem_responses
from imagemood.serve.routes import PUBLIC
from imagemood.serve.schemas.open_inference import (
    JSON_LENGTH_HEADER,
    InferRequest,
    Tensor,
    parse_request,
    serialize_response,
)
from imagemood.serve.schemas.openapi import BINARY, PNG_BASE64, inline_schema, request_body
from imagemood.serve.service import Service
from imagemood.serve.settings import MAX_TAG_ROW_IMAGES
from imagemood.serve.uploads import check_n_pictures
from imagemood.tables.matrix import TagMatrix
from imagemood.tables.scores import are_scores

VERSION = "1"
_EXAMPLE = {
    "id": "1",
    "inputs": [{"name": "image", "shape": [1], "datatype": "BYTES", "data": [PNG_BASE64]}],
}


class Models:
    """The cascade and its two stages as models of the protocol: ``mood``, ``tag`` and ``classify``."""

    def __init__(self, service: Service) -> None:
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

    def metadata(self, name: str, version: str) -> dict[str, Any]:
        """Return the metadata of a model: its name, versions, platform, inputs and outputs."""
        self.check_exists(name, version)
        inputs, outputs = self._metadata[name]
        return {
            "name": name,
            "versions": [VERSION],
            "platform": "onnxruntime_onnx",
            "inputs": inputs,
            "outputs": outputs,
        }

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


def _output_metadata(name: str, datatype: str, n_labels: int) -> list[dict[str, Any]]:
    return [_tensor_metadata(name, datatype, -1, n_labels), _tensor_metadata("labels", "BYTES", n_labels)]


def _with_labels(tensor: Tensor, labels: tuple[str, ...]) -> dict[str, Tensor]:
    return {tensor.name: tensor, "labels": Tensor("labels", "BYTES", [label.encode() for label in labels])}


def create_router(service: Service) -> APIRouter:
    """Create the routes of this group."""
    router = APIRouter(prefix="/v2", tags=["Open Inference Protocol"])
    _add_server_routes(router, service)
    _add_model_routes(router, service)
    return router


def _add_server_routes(router: APIRouter, service: Service) -> None:
    @router.get("", summary="Metadata of the server", responses=problem_responses(401))
    async def server() -> dict[str, Any]:
        return {"name": "imagemood", "version": imagemood.__version__, "extensions": ["binary_tensor_data"]}

    @router.get("/health/live", summary="Whether the process is alive", openapi_extra=PUBLIC)
    async def live() -> dict[str, bool]:
        return {"live": True}

    @router.get(
        "/health/ready",
        summary="Whether the service accepts requests",
        responses=problem_responses(503),
        openapi_extra=PUBLIC,
    )
    async def ready() -> dict[str, bool]:
        service.check_ready()
        return {"ready": True}


def _add_model_routes(router: APIRouter, service: Service) -> None:
    models = Models(service)
    body = request_body(
        {
            "application/json": {"schema": inline_schema(InferRequest), "example": _EXAMPLE},
            "application/octet-stream": BINARY,
        }
    )
    not_found = problem_responses(401, 404)
    failures = problem_responses(401, 403, 404, 408, 413, 415, 422, 503)
    version_path = "/models/{name}/versions/{version}"

    @router.get("/models/{name}", summary="Inputs and outputs of a model", responses=not_found)
    async def metadata(name: str) -> dict[str, Any]:
        return models.metadata(name, VERSION)

    @router.get(version_path, summary="Inputs and outputs of a version of a model", responses=not_found)
    async def version_metadata(name: str, version: str) -> dict[str, Any]:
        return models.metadata(name, version)

    @router.get("/models/{name}/ready", summary="Whether a model is ready", responses=not_found)
    async def model_ready(name: str) -> dict[str, Any]:
        return await version_ready(name, VERSION)

    @router.get(f"{version_path}/ready", summary="Whether a version of a model is ready", responses=not_found)
    async def version_ready(name: str, version: str) -> dict[str, Any]:
        models.check_exists(name, version)
        return {"name": name, "ready": service.is_ready}

    @router.post("/models/{name}/infer", summary="Run a model", openapi_extra=body, responses=failures)
    async def infer(request: Request, name: str) -> Response:
        return await infer_version(request, name, VERSION)

    @router.post(
        f"{version_path}/infer", summary="Run a version of a model", openapi_extra=body, responses=failures
    )
    async def infer_version(request: Request, name: str, version: str) -> Response:
        models.check_exists(name, version)
        async with service.bodies.read(request) as received:
            json_length = request.headers.get(JSON_LENGTH_HEADER)
            parsed, inputs = await service.bodies.parse(
                received, lambda: parse_request(received.content, json_length)
            )
            received.memory.add(models.memory_bytes(inputs))
            response, headers = serialize_response(parsed, name, await models.infer(name, inputs))
        return Response(response, headers=headers)
