"""The route that classifies any number of pictures in one request: ``POST /v1/moods/stream``."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from imagemood.serve.answers import Answers
from imagemood.serve.mood_formats import NDJSON
from imagemood.serve.moods_query import MoodsQuery, model_info, moods_query
from imagemood.serve.picture_stream import PictureStream
from imagemood.serve.problems import Problem, problem_responses
from imagemood.serve.request_bodies.body_parts import LineParser, PartParser
from imagemood.serve.request_bodies.form_parser import FormParser
from imagemood.serve.schemas.openapi import FORM_SCHEMA, PNG_BASE64, request_body
from imagemood.serve.service import Service
from imagemood.serve.uploads import parse_line

_NDJSON_NAMES = (NDJSON, "application/ndjson", "application/jsonl", "application/x-jsonlines")
_PROXY_HEADERS = ("x-forwarded-for", "forwarded", "via")
_HEADERS = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}  # the latter lets nginx pass on each line
_REQUEST = {
    "schema": {"type": "string", "description": "Lines of JSON, each a picture as in /v1/moods."},
    "example": f'{{"name": "pixel.png", "base64": "{PNG_BASE64}"}}\n',
}
_RESPONSE = {
    "schema": {"type": "string", "description": "Lines of JSON, each a result as in /v1/moods, with its index."},
    "example": (
        '{"index": 0, "image": "pixel.png", "moods": {"awe": 0.75, "anger": 0.25}, "affect": null, "tags": {}}\n'
        '{"summary": {"model": {"name": "default", "hash": "…"}, "pictures": 1, "failed": 0, "error": null}}\n'
    ),
}
_DESCRIPTION = (
    "The response has a line for each picture as soon as the picture is classified, with its position in the "
    "request as `index`, since the order may differ. The last line is a summary. Read the response while you send "
    "the request. The limits on a request apply to each picture."
)


class _StreamResponse(Response):
    """A response that is sent while the request is read."""

    media_type = NDJSON

    def __init__(self, create_stream: Callable[[Answers], PictureStream], model: dict[str, str]) -> None:
        super().__init__(headers=_HEADERS)
        del self.headers["Content-Length"]
        self._create_stream = create_stream
        self._model = model

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        start = {"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers}
        is_forwarded = any(name in Headers(scope=scope) for name in _PROXY_HEADERS)
        await self._create_stream(Answers(start, self._model, is_forwarded=is_forwarded)).run(receive, send)


def create_router(service: Service) -> APIRouter:
    """Create the routes of this group."""
    router = APIRouter(prefix="/v1", tags=["Moods"])
    limits = service.settings.limits
    body = request_body({NDJSON: _REQUEST, "multipart/form-data": {"schema": FORM_SCHEMA}})

    @router.post(
        "/moods/stream",
        operation_id="classify_many_pictures",
        summary="Classify any number of pictures",
        description=_DESCRIPTION,
        response_class=Response,  # without a schema of JSON
        responses={
            200: {"description": "A line of JSON for each picture", "content": {NDJSON: _RESPONSE}},
            **problem_responses(401, 403, 408, 413, 415, 422, 503),
        },
        openapi_extra=body,
    )
    async def moods_stream(request: Request, query: Annotated[MoodsQuery, Depends(moods_query)]) -> Response:
        query.check_names(service.engine)
        content_type = request.headers.get("content-type", "")
        media_type = content_type.partition(";")[0].strip().lower()
        if media_type == "multipart/form-data":
            parser: PartParser = FormParser(content_type, max_bytes=limits.max_bytes)
            parse = None
        elif media_type in _NDJSON_NAMES:
            parser = LineParser(limits.max_bytes)
            parse = partial(parse_line, limits=limits)
        else:
            raise Problem(
                415, f"unsupported Content-Type: {media_type or 'none'}; send {NDJSON} or multipart/form-data"
            )
        create_stream = partial(PictureStream, service, query, parser, parse)
        return _StreamResponse(create_stream, model_info(service.engine, tags_only=query.options.tags_only))

    return router
