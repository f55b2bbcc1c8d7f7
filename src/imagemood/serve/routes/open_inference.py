"""The routes under `/v2`: the Open Inference Protocol (KServe V2), which many model servers and clients share."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response
from pydantic import BaseModel

import imagemood
from imagemood.serve.asgi.response_compression import compress
from imagemood.serve.inference_models import VERSION, InferenceModels
from imagemood.serve.problems import problem_responses
from imagemood.serve.request_bodies.json_bodies import load_json, validate
from imagemood.serve.routes import PUBLIC
from imagemood.serve.schemas.open_inference import (
    JSON_LENGTH_HEADER,
    InferRequest,
    parse_request,
    serialize_response,
)
from imagemood.serve.schemas.openapi import PNG_BASE64, inline_schema, request_body
from imagemood.serve.service import Service

_EXTENSIONS = ["binary_tensor_data", "model_configuration", "statistics"]
_MAX_INDEX_BYTES = 10_000
_MAX_INDEX_VALUES = 100
_VERSION_PATH = "/models/{name}/versions/{version}"
_EXAMPLE = {
    "id": "1",
    "inputs": [{"name": "image", "shape": [1], "datatype": "BYTES", "data": [PNG_BASE64]}],
}


class _IndexRequest(BaseModel):
    """A request for the index of the models."""

    ready: bool = False


def create_router(service: Service) -> APIRouter:
    """Create the routes of this group."""
    router = APIRouter(prefix="/v2", tags=["Open Inference Protocol"])
    models = InferenceModels(service)
    _add_server_routes(router, service, models)
    _add_model_routes(router, models)
    _add_description_routes(router, models)
    _add_infer_routes(router, service, models)
    return router


def _add_server_routes(router: APIRouter, service: Service, models: InferenceModels) -> None:
    @router.get("", summary="Metadata of the server", responses=problem_responses(401))
    async def server() -> dict[str, Any]:
        return {"name": "imagemood", "version": imagemood.__version__, "extensions": _EXTENSIONS}

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

    index_body = request_body({"application/json": {"schema": inline_schema(_IndexRequest)}}, required=False)

    @router.post(
        "/repository/index",
        summary="List the models",
        openapi_extra=index_body,
        responses=problem_responses(401, 403, 408, 413, 415, 422, 503),
    )
    async def index(request: Request) -> list[dict[str, str]]:
        async with service.bodies.read(request, _MAX_INDEX_BYTES) as received:
            value = load_json(received.content or b"{}", _MAX_INDEX_VALUES)
            return models.index(only_ready=validate(value, _IndexRequest).ready)


def _add_model_routes(router: APIRouter, models: InferenceModels) -> None:
    not_found = problem_responses(401, 404)
    not_ready = problem_responses(401, 404, 503)

    @router.get(
        "/models/stats", summary="Numbers and times of requests, of all models", responses=problem_responses(401)
    )
    async def all_statistics() -> dict[str, Any]:
        return models.statistics()

    @router.get("/models/{name}", summary="Inputs and outputs of a model", responses=not_found)
    async def metadata(name: str) -> dict[str, Any]:
        return models.metadata(name, VERSION)

    @router.get(_VERSION_PATH, summary="Inputs and outputs of a version of a model", responses=not_found)
    async def version_metadata(name: str, version: str) -> dict[str, Any]:
        return models.metadata(name, version)

    @router.get("/models/{name}/ready", summary="Whether a model is ready", responses=not_ready)
    async def model_ready(name: str) -> dict[str, Any]:
        return models.readiness(name, VERSION)

    @router.get(
        f"{_VERSION_PATH}/ready",
        summary="Whether a version of a model is ready",
        responses=not_ready,
    )
    async def version_ready(name: str, version: str) -> dict[str, Any]:
        return models.readiness(name, version)


def _add_description_routes(router: APIRouter, models: InferenceModels) -> None:
    not_found = problem_responses(401, 404)

    @router.get("/models/{name}/config", summary="Configuration of a model", responses=not_found)
    async def config(name: str) -> dict[str, Any]:
        return models.config(name, VERSION)

    @router.get(f"{_VERSION_PATH}/config", summary="Configuration of a version of a model", responses=not_found)
    async def version_config(name: str, version: str) -> dict[str, Any]:
        return models.config(name, version)

    @router.get("/models/{name}/stats", summary="Numbers and times of requests, of a model", responses=not_found)
    async def statistics(name: str) -> dict[str, Any]:
        return models.statistics(name)

    @router.get(
        f"{_VERSION_PATH}/stats",
        summary="Numbers and times of requests, of a version of a model",
        responses=not_found,
    )
    async def version_statistics(name: str, version: str) -> dict[str, Any]:
        return models.statistics(name, version)


def _add_infer_routes(router: APIRouter, service: Service, models: InferenceModels) -> None:
    # Binary tensors are not described: openapi-python-client generates no valid code for two types of bodies.
    body = request_body({"application/json": {"schema": inline_schema(InferRequest), "example": _EXAMPLE}})
    failures = problem_responses(401, 403, 404, 408, 413, 415, 422, 503)

    @router.post("/models/{name}/infer", summary="Run a model", openapi_extra=body, responses=failures)
    async def infer(request: Request, name: str) -> Response:
        return await infer_version(request, name, VERSION)

    @router.post(
        f"{_VERSION_PATH}/infer", summary="Run a version of a model", openapi_extra=body, responses=failures
    )
    async def infer_version(request: Request, name: str, version: str) -> Response:
        models.check_exists(name, version)
        with models.measure(name) as measurement:
            async with service.bodies.read(request) as received:
                json_length = request.headers.get(JSON_LENGTH_HEADER)
                parsed, inputs = await service.bodies.parse(
                    received, lambda: parse_request(received.content, json_length)
                )
                received.memory.add(models.memory_bytes(inputs))
                measurement.begin("model")
                outputs = await models.infer(name, inputs)
                measurement.begin("output")
                measurement.n_items = sum(len(tensor.values) for tensor in inputs.values())
                response, headers = serialize_response(parsed, name, outputs)
                return await compress(response, headers, request.headers.get("accept-encoding"))
