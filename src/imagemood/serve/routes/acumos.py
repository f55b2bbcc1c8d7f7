"""The same routes as those of the official Acumos runner: the methods of `imagemood.proto`, and artifacts."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.resources import files
from typing import Any, cast

from fastapi import APIRouter, Request
from fastapi.responses import PlainTextResponse, Response

import imagemood
from imagemood.pictures.picture import Picture
from imagemood.prediction.result import Result
from imagemood.serve.inference.engine import PredictionOptions
from imagemood.serve.problems import Problem, problem_responses
from imagemood.serve.request_bodies.bodies import Body
from imagemood.serve.schemas import messages
from imagemood.serve.schemas.known_rows import KnownRows
from imagemood.serve.schemas.messages import JSON, PROTOBUF, Row
from imagemood.serve.schemas.openapi import BINARY, PNG_BASE64, request_body
from imagemood.serve.schemas.rows import to_matrix
from imagemood.serve.service import Service
from imagemood.serve.settings import MAX_TAG_ROWS_BYTES
from imagemood.tables.matrix import TagMatrix
from imagemood.tables.messages_pb2 import DESCRIPTOR

_OTHER_NAMES = ("application/x-protobuf", "application/protobuf", "text/plain")  # of the media type of protobuf
_ROWS_COPIES = 10  # the memory that parsing tag rows takes, as a multiple of the body's size
_DESCRIPTIONS = {
    "tag": "Score the tags of a picture",
    "classify": "Classify images by rows of their tags, or a picture",
    "mood": "Classify a picture",
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
_RESPONSES: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "Rows, those of each image in descending order of score",
        "content": {JSON: {"schema": _ROWS_SCHEMA}, PROTOBUF: BINARY},
    },
    **problem_responses(401, 403, 406, 408, 413, 415, 422, 502, 503),
}


def _describe(schema: dict[str, Any], example: Any) -> dict[str, Any]:
    return request_body(
        {
            JSON: {"schema": schema, "example": example},
            # Without application/octet-stream: openapi-python-client generates no valid code for two types of
            # bodies, and ignores the others.
            **dict.fromkeys((messages.PROTOBUF, *_OTHER_NAMES), BINARY),
        }
    )


class Methods:
    """The methods of the Acumos model."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._known_rows = KnownRows(service.engine.row_columns)

    async def predict_picture(self, request: Request, method: str) -> Response:
        """Respond to an `Image` with an `ImageTagSet` of tags (method ``tag``) or of moods (method ``mood``)."""
        if method == "tag" and not self._service.engine.known_tags:
            raise Problem(404, "the network computes no tags; use the method mood")
        media_types = messages.MediaTypes.from_headers(request.headers)
        self._service.engine.pictures.check_capacity()
        async with self._service.bodies.read(request) as body:
            request_type, response_type = media_types.resolve(body.content)
            content = await self._service.bodies.parse(
                body, lambda: messages.parse_image(body.content, request_type)
            )
            result = await self._predict(content, body, PredictionOptions(tags=method == "tag"))
        scores = result.tags if method == "tag" else result.moods
        return await self._respond(request, method, _rows(scores), response_type)

    async def classify(self, request: Request) -> Response:
        """Respond to an `ImageTagSet` of tags, or to an `Image`, with an `ImageTagSet` of moods."""
        media_types = messages.MediaTypes.from_headers(request.headers)
        engine = self._service.engine
        engine.rows.check_capacity()
        async with self._service.bodies.read(request, MAX_TAG_ROWS_BYTES) as body:
            request_type, response_type = media_types.resolve(body.content)

            def parse() -> TagMatrix | bytes:
                known = self._known_rows.read(body.content) if request_type == PROTOBUF else None
                if known is not None:
                    return known
                message = messages.parse_rows_or_image(body.content, request_type)
                return message if isinstance(message, bytes) else to_matrix(message, engine.row_columns)

            matrix = await self._service.bodies.parse(body, parse, _ROWS_COPIES)
            if isinstance(matrix, bytes):
                moods = (await self._predict(matrix, body, PredictionOptions(tags=False))).moods
                return await self._respond(request, "classify", _rows(moods), response_type)
            body.memory.add(2 * matrix.values.nbytes)
            rows = await self._classify_rows(matrix) if matrix.images else []
        headers = {"X-Unknown-Tag-Rows": str(matrix.n_unknown_rows)} if matrix.n_unknown_rows else {}
        return await self._respond(request, "classify", rows, response_type, headers)

    async def _predict(self, content: bytes, body: Body, options: PredictionOptions) -> Result:
        """Classify the content of a picture file."""
        engine, limits = self._service.engine, self._service.settings.limits
        body.memory.add(len(content) + engine.picture_bytes)
        picture = Picture.from_bytes(content, max_pixels=limits.max_pixels)
        (prediction,) = await engine.predict([picture], options)
        if prediction.result.error is not None:
            raise prediction.result.error
        return prediction.result

    async def _classify_rows(self, matrix: TagMatrix) -> list[Row]:
        """Return the moods of each image, in descending order of probability."""
        engine = self._service.engine
        probabilities = await engine.predict_rows(matrix)
        labels = engine.row_classifier.labels
        order = (-probabilities).argsort(axis=1, kind="stable").tolist()
        images = cast("list[int]", matrix.images)  # messages identify images by number
        return [
            (image, labels[i], scores[i])
            for image, ranks, scores in zip(images, order, probabilities.tolist(), strict=True)
            for i in ranks
        ]

    async def _respond(
        self,
        request: Request,
        method: str,
        rows: list[Row],
        media_type: str,
        headers: dict[str, str] | None = None,
    ) -> Response:
        """Respond with the rows, or with the response of the downstream services to them."""
        downstream = self._service.downstream
        addresses = downstream.addresses(method, request.headers)
        if not addresses:
            return Response(messages.serialize_rows(rows, media_type), media_type=media_type, headers=headers)
        content = await downstream.forward(messages.serialize_rows(rows, PROTOBUF), addresses)
        if media_type == JSON:
            try:
                found = messages.parse_rows(content, PROTOBUF)
            except Problem as error:
                raise Problem(502, f"invalid response of the downstream service: {error.detail}") from error
            content = messages.serialize_rows(zip(found.images, found.tags, found.scores, strict=True), JSON)
        return Response(content, media_type=media_type, headers=headers)


def _rows(scores: Mapping[str, float]) -> list[Row]:
    return [(0, name, score) for name, score in scores.items()]


def create_router(service: Service) -> APIRouter:
    """Create the routes of this group."""
    router = APIRouter(tags=["Acumos"])
    methods = Methods(service)
    picture = _describe(_IMAGE_SCHEMA, {"mime_type": "image/png", "image_binary": PNG_BASE64})
    rows = _describe(_ROWS_SCHEMA, _ROWS_EXAMPLE)

    @router.post("/model/methods/tag", responses=_RESPONSES, openapi_extra=picture, summary=_DESCRIPTIONS["tag"])
    async def tag(request: Request) -> Response:
        return await methods.predict_picture(request, "tag")

    @router.post("/model/methods/mood", responses=_RESPONSES, openapi_extra=picture, summary=_DESCRIPTIONS["mood"])
    async def mood(request: Request) -> Response:
        return await methods.predict_picture(request, "mood")

    @router.post(
        "/classify",
        operation_id="acumos_classify_2018",
        responses=_RESPONSES,
        openapi_extra=rows,
        summary="The same as /model/methods/classify, at the path of the 2018 program",
    )
    @router.post(
        "/model/methods/classify", responses=_RESPONSES, openapi_extra=rows, summary=_DESCRIPTIONS["classify"]
    )
    async def classify(request: Request) -> Response:
        return await methods.classify(request)

    @router.get("/model/artifacts/metadata", summary="Metadata of the model for Acumos catalogues")
    async def metadata() -> dict[str, Any]:
        return _metadata(service.engine.model_name)

    @router.get(
        "/model/artifacts/protobuf", summary="Protobuf messages and methods", response_class=PlainTextResponse
    )
    async def protobuf() -> str:
        return files("imagemood.tables").joinpath("messages.proto").read_text("utf-8")

    @router.get("/model/artifacts/license", summary="Licence of the model")
    async def licence() -> dict[str, str]:
        return {"license": "Apache-2.0"}

    return router


def _metadata(model_name: str) -> dict[str, Any]:
    def message(name: str) -> dict[str, Any]:
        return {"name": name, "media_type": [PROTOBUF], "metadata": {}, "description": ""}

    return {
        "schema": "acumos.schema.model:0.6.0",
        "name": f"image-mood-classifier {model_name}",
        "version": imagemood.__version__,
        "methods": {
            method.name: {
                "input": message(method.input_type.name),
                "output": message(method.output_type.name),
                "description": f"{_DESCRIPTIONS[method.name]}.",
            }
            for method in DESCRIPTOR.services_by_name["Model"].methods
        },
    }
