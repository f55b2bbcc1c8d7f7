"""The Acumos door: methods of the `.proto`, as the official runner serves them, and what it says of a model."""

from __future__ import annotations

from importlib.resources import files
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import PlainTextResponse, Response

import imagemood
from imagemood.serve.bodies import aside
from imagemood.serve.engine import Asked
from imagemood.serve.problems import Problem, described
from imagemood.serve.schemas import examples, messages
from imagemood.serve.schemas.messages import JSON, PROTOBUF, Row
from imagemood.serve.schemas.rows import to_matrix
from imagemood.serve.service import Service
from imagemood.serve.settings import MAX_ROWS_BYTES
from imagemood.tables.messages_pb2 import DESCRIPTOR

_FAILURES = (401, 406, 408, 413, 415, 422, 502, 503)
_DESCRIPTIONS = {
    "tag": "Score the tags of a picture.",
    "classify": "Tell the moods of images from rows of their tags.",
    "mood": "Tell the moods of a picture.",
}
_IMAGE_SCHEMA = {
    "type": "object",
    "properties": {"mime_type": {"type": "string"}, "image_binary": {"type": "string", "format": "byte"}},
    "required": ["image_binary"],
}
_ROWS_SCHEMA = {
    "type": "object",
    "properties": {
        "ImageTags": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {
                    "image": {"type": ["string", "integer"], "format": "int64"},
                    "tag": {"type": "string"},
                    "score": {"type": "number", "minimum": 0, "maximum": 1},
                },
            },
        }
    },
}
_ROWS_EXAMPLE = {
    "ImageTags": [
        {"image": "0", "tag": "lakeside, lakeshore", "score": 0.75},
        {"image": "0", "tag": "pier", "score": 0.25},
    ]
}


def _described(schema: dict[str, Any], example: Any) -> dict[str, Any]:
    binary = {"schema": {"type": "string", "format": "binary"}}
    content = {JSON: {"schema": schema, "example": example}, **dict.fromkeys(messages.PROTOBUF_NAMES, binary)}
    return {"requestBody": {"required": True, "content": content}}


_ANSWER: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "Rows, those of each image in descending order of score.",
        "content": {
            JSON: {"schema": _ROWS_SCHEMA},
            PROTOBUF: {"schema": {"type": "string", "format": "binary"}},
        },
    },
    **described(*_FAILURES),
}


class Methods:
    """The three methods of the service `Model`.

    Parameters
    ----------
    service : Service
        What they share.
    """

    def __init__(self, service: Service) -> None:
        self._service = service

    async def of_picture(self, request: Request, method: str) -> Response:
        """Answer a picture by rows of tags or of moods.

        Parameters
        ----------
        request : Request
            An `Image` message.
        method : str
            ``tag`` or ``mood``.

        Returns
        -------
        Response
            An `ImageTagSet` message.
        """
        kind = messages.request_type(request.headers.get("content-type"))
        answer_kind = messages.answer_type(request.headers.get("accept"), kind)
        self._service.engine.pictures.check_room()
        async with self._service.bodies.read(request) as body:
            content = await aside(lambda: messages.read_image(body, kind), len(body))
            (told,) = await self._service.engine.tell([Asked("image", content)])
        if told.result.error is not None:
            raise told.result.error
        scores = told.result.tags if method == "tag" else told.result.moods
        rows = [(0, name, score) for name, score in scores.items()]
        return await self._answer(request, method, rows, answer_kind)

    async def classify(self, request: Request) -> Response:
        """Answer rows of tags by rows of moods.

        Parameters
        ----------
        request : Request
            An `ImageTagSet` message of tags.

        Returns
        -------
        Response
            An `ImageTagSet` message of moods.
        """
        kind = messages.request_type(request.headers.get("content-type"))
        answer_kind = messages.answer_type(request.headers.get("accept"), kind)
        engine = self._service.engine
        engine.rows.check_room()
        async with self._service.bodies.read(request, MAX_ROWS_BYTES) as body:
            matrix = await aside(lambda: to_matrix(messages.read_rows(body, kind), engine.places), len(body))
        rows: list[Row] = []
        if matrix.images:
            probabilities = await engine.moods_of_rows(matrix)
            labels, order = engine.row_moods.labels, (-probabilities).argsort(axis=1, kind="stable").tolist()
            rows = [
                (image, labels[i], scores[i])
                for image, ranks, scores in zip(matrix.images, order, probabilities.tolist(), strict=True)
                for i in ranks
            ]
        headers = {"X-Unknown-Tag-Rows": str(matrix.n_unknown_rows)} if matrix.n_unknown_rows else {}
        return await self._answer(request, "classify", rows, answer_kind, headers)

    async def _answer(
        self,
        request: Request,
        method: str,
        rows: list[Row],
        kind: str,
        headers: dict[str, str] | None = None,
    ) -> Response:
        addresses = self._service.downstream.of(method, request.headers.get("via"))
        if not addresses:
            return Response(messages.write_rows(rows, kind), media_type=kind, headers=headers)
        answer = await self._service.downstream.forward(messages.write_rows(rows, PROTOBUF), addresses)
        if kind == JSON:
            try:
                found = messages.read_rows(answer, PROTOBUF)
            except Problem as error:
                raise Problem(502, f"the service downstream gives something else: {error.detail}") from error
            answer = messages.write_rows(zip(found.images, found.tags, found.scores, strict=True), JSON)
        return Response(answer, media_type=kind, headers=headers)


def router(service: Service) -> APIRouter:
    """Give the routes of the Acumos door.

    Parameters
    ----------
    service : Service
        What they share.

    Returns
    -------
    APIRouter
        The routes.
    """
    routes = APIRouter(tags=["Acumos"])
    methods = Methods(service)
    picture = _described(_IMAGE_SCHEMA, {"mime_type": "image/png", "image_binary": examples.PNG_BASE64})
    rows = _described(_ROWS_SCHEMA, _ROWS_EXAMPLE)

    @routes.post("/model/methods/tag", responses=_ANSWER, openapi_extra=picture, summary=_DESCRIPTIONS["tag"])
    async def tag(request: Request) -> Response:
        return await methods.of_picture(request, "tag")

    @routes.post("/model/methods/mood", responses=_ANSWER, openapi_extra=picture, summary=_DESCRIPTIONS["mood"])
    async def mood(request: Request) -> Response:
        return await methods.of_picture(request, "mood")

    @routes.post("/classify", responses=_ANSWER, openapi_extra=rows, summary="The same at the address of 2018.")
    @routes.post(
        "/model/methods/classify", responses=_ANSWER, openapi_extra=rows, summary=_DESCRIPTIONS["classify"]
    )
    async def classify(request: Request) -> Response:
        return await methods.classify(request)

    @routes.get("/model/artifacts/metadata", summary="What an Acumos catalogue knows of the model.")
    async def metadata() -> dict[str, Any]:
        return _metadata(service.engine.name)

    @routes.get("/model/artifacts/protobuf", summary="The messages and methods.", response_class=PlainTextResponse)
    async def protobuf() -> str:
        return files("imagemood.tables").joinpath("messages.proto").read_text("utf-8")

    @routes.get("/model/artifacts/license", summary="The licence.")
    async def licence() -> dict[str, str]:
        return {"license": "Apache-2.0"}

    return routes


def _metadata(name: str) -> dict[str, Any]:
    def message(kind: str) -> dict[str, Any]:
        return {"name": kind, "media_type": [PROTOBUF], "metadata": {}, "description": ""}

    return {
        "schema": "acumos.schema.model:0.6.0",
        "name": f"image-mood-classifier {name}",
        "version": imagemood.__version__,
        "methods": {
            method.name: {
                "input": message(method.input_type.name),
                "output": message(method.output_type.name),
                "description": _DESCRIPTIONS[method.name],
            }
            for method in DESCRIPTOR.services_by_name["Model"].methods
        },
    }
