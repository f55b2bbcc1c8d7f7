"""The Open Inference Protocol (KServe V2), for clients that speak to any model server."""

from __future__ import annotations

from typing import Any

import numpy as np
from fastapi import APIRouter, Request
from fastapi.responses import Response

import imagemood
from imagemood.errors import InputError
from imagemood.serve.bodies import aside
from imagemood.serve.engine import Asked, Engine
from imagemood.serve.problems import Problem, described
from imagemood.serve.schemas import examples, open_inference
from imagemood.serve.schemas.open_inference import HEADER, InferRequest, Tensor
from imagemood.serve.schemas.rows import RowMatrix
from imagemood.serve.service import Service
from imagemood.serve.settings import MAX_ROW_IMAGES
from imagemood.tables.tag_columns import MAX_SCORE

VERSION = "1"
_PICTURE = {
    "id": "1",
    "inputs": [{"name": "image", "shape": [1], "datatype": "BYTES", "data": [examples.PNG_BASE64]}],
}


class Models:
    """The cascade and its two stages as models of the protocol.

    Parameters
    ----------
    engine : Engine
        What computes.
    max_images : int
        Pictures in a request at most.
    """

    def __init__(self, engine: Engine, max_images: int) -> None:
        self._engine = engine
        self._max_images = max_images
        moods, row_moods = engine.cascade.needed_moods.labels, engine.row_moods.labels
        image = _declared("image", "BYTES", -1)
        self.declared = {
            "mood": ([image], _outputs("probabilities", "FP64", len(moods))),
            "tag": ([image], _outputs("scores", "FP32", len(engine.cascade.tagger.labels))),
            "classify": (
                [_declared("scores", "FP32", -1, len(engine.row_moods.vocabulary))],
                _outputs("probabilities", "FP64", len(row_moods)),
            ),
        }

    def metadata(self, name: str, version: str) -> dict[str, Any]:
        """Describe a model.

        Parameters
        ----------
        name : str
            ``mood``, ``tag`` or ``classify``.
        version : str
            Its version.

        Returns
        -------
        dict
            Name, versions, platform, inputs and outputs.

        Raises
        ------
        Problem
            404 if there is no such model.
        """
        self.check(name, version)
        inputs, outputs = self.declared[name]
        facts = {"name": name, "versions": [VERSION], "platform": "onnxruntime_onnx"}
        return {**facts, "inputs": inputs, "outputs": outputs}

    def check(self, name: str, version: str) -> None:
        """Refuse the name of a model that there is not."""
        if name not in self.declared or version != VERSION:
            raise Problem(404, f"no model '{name}' of version {version}; there are {', '.join(self.declared)}")

    async def infer(self, name: str, inputs: dict[str, Tensor]) -> dict[str, Tensor]:
        """Compute.

        Parameters
        ----------
        name : str
            Which model.
        inputs : dict of str to Tensor
            Its inputs.

        Returns
        -------
        dict of str to Tensor
            Its outputs.

        Raises
        ------
        Problem
            422 or 413 if the inputs are not what the model takes.
        MoodError
            If a picture cannot be used, or there is too much to do.
        """
        declared = self.declared[name][0][0]
        given = inputs.get(declared["name"])
        if given is None or len(inputs) != 1:
            raise Problem(422, f"the model takes one input, '{declared['name']}', not {', '.join(inputs)}")
        if name == "classify":
            return await self._classify(given)
        if not isinstance(given.values, list) or not given.values:
            raise Problem(422, f"'{given.name}' holds no pictures as BYTES")
        if len(given.values) > self._max_images:
            raise Problem(413, f"{len(given.values)} pictures are more than the {self._max_images} of a request")
        asked = [Asked(f"image {i}", content) for i, content in enumerate(given.values)]
        results = [told.result for told in await self._engine.tell(asked)]
        for result in results:
            if result.error is not None:
                raise result.error
        if name == "tag":
            scores = np.stack([result.scores for result in results if result.scores is not None])
            return _named(Tensor("scores", "FP32", scores), self._engine.cascade.tagger.labels)
        found = np.stack([result.probabilities for result in results if result.probabilities is not None])
        return _named(Tensor("probabilities", "FP64", found), self._engine.cascade.needed_moods.labels)

    async def _classify(self, given: Tensor) -> dict[str, Tensor]:
        values, engine = given.values, self._engine
        if isinstance(values, list) or values.ndim != 2 or values.shape[1] != len(engine.places):
            raise InputError(f"'{given.name}' is not of shape (n, {len(engine.places)})")
        if not 0 < len(values) <= MAX_ROW_IMAGES:
            raise InputError(f"'{given.name}' has {len(values)} rows, not 1 to {MAX_ROW_IMAGES}")
        if not ((values >= 0) & (values <= MAX_SCORE)).all():
            raise InputError(f"'{given.name}' holds what is no number from 0 to 1")
        matrix = RowMatrix(values.astype(np.float32), list(range(len(values))), 0)
        probabilities = await engine.moods_of_rows(matrix)
        return _named(Tensor("probabilities", "FP64", probabilities), engine.row_moods.labels)


def _declared(name: str, datatype: str, *shape: int) -> dict[str, Any]:
    return {"name": name, "datatype": datatype, "shape": list(shape)}


def _outputs(name: str, datatype: str, n_labels: int) -> list[dict[str, Any]]:
    return [_declared(name, datatype, -1, n_labels), _declared("labels", "BYTES", n_labels)]


def _named(values: Tensor, labels: tuple[str, ...]) -> dict[str, Tensor]:
    names = Tensor("labels", "BYTES", [label.encode() for label in labels])
    return {values.name: values, "labels": names}


def router(service: Service) -> APIRouter:
    """Give the routes of `/v2`.

    Parameters
    ----------
    service : Service
        What they share.

    Returns
    -------
    APIRouter
        The routes.
    """
    routes = APIRouter(prefix="/v2", tags=["Open Inference Protocol"])
    _add_server(routes, service)
    _add_models(routes, service)
    return routes


def _add_server(routes: APIRouter, service: Service) -> None:
    @routes.get("", summary="What serves.", responses=described(401))
    async def server() -> dict[str, Any]:
        about = {"name": "imagemood", "version": imagemood.__version__}
        return {**about, "extensions": ["binary_tensor_data"]}

    @routes.get("/health/live", summary="Is the process alive?")
    async def live() -> dict[str, bool]:
        return {"live": True}

    @routes.get("/health/ready", summary="Does it take requests?", responses=described(503))
    async def ready() -> dict[str, bool]:
        if not service.is_ready:
            raise Problem(503, "the service is starting or stopping")
        return {"ready": True}


def _add_models(routes: APIRouter, service: Service) -> None:
    models = Models(service.engine, service.settings.limits.max_images)
    body = {
        "requestBody": {
            "required": True,
            "content": {
                "application/json": {
                    "schema": InferRequest.model_json_schema(ref_template="#/components/schemas/{model}"),
                    "example": _PICTURE,
                },
                "application/octet-stream": {"schema": {"type": "string", "format": "binary"}},
            },
        }
    }

    known = described(401, 404)
    failures = described(401, 404, 408, 413, 422, 503)
    of_version = "/models/{name}/versions/{version}"

    @routes.get("/models/{name}", summary="Inputs and outputs of a model.", responses=known)
    async def metadata(name: str) -> dict[str, Any]:
        return models.metadata(name, VERSION)

    @routes.get(of_version, summary="Inputs and outputs of a version.", responses=known)
    async def metadata_of_version(name: str, version: str) -> dict[str, Any]:
        return models.metadata(name, version)

    @routes.get("/models/{name}/ready", summary="Is a model ready?", responses=known)
    async def model_ready(name: str) -> dict[str, Any]:
        return await version_ready(name, VERSION)

    @routes.get(f"{of_version}/ready", summary="Is a version ready?", responses=known)
    async def version_ready(name: str, version: str) -> dict[str, Any]:
        models.check(name, version)
        return {"name": name, "ready": service.is_ready}

    @routes.post("/models/{name}/infer", summary="Compute.", openapi_extra=body, responses=failures)
    async def infer(request: Request, name: str) -> Response:
        return await infer_with_version(request, name, VERSION)

    @routes.post(f"{of_version}/infer", summary="Compute with a version.", openapi_extra=body, responses=failures)
    async def infer_with_version(request: Request, name: str, version: str) -> Response:
        models.check(name, version)
        async with service.bodies.read(request) as content:
            json_length = request.headers.get(HEADER)
            asked, inputs = await aside(lambda: open_inference.read(content, json_length), len(content))
            answer, headers = open_inference.write(asked, name, await models.infer(name, inputs))
        return Response(answer, headers=headers)
