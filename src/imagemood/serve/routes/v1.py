"""The routes under `/v1`: classification of pictures in JSON, for programs and the web page."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response

from imagemood.serve import mood_formats
from imagemood.serve.asgi.fixed_content import FixedContent
from imagemood.serve.moods_query import MoodsQuery, model_info, moods_query
from imagemood.serve.problems import Problem, problem_responses, to_json
from imagemood.serve.schemas import v1
from imagemood.serve.schemas.openapi import BINARY, FORM_SCHEMA, inline_schema, request_body
from imagemood.serve.schemas.v1 import LabelsResponse, MoodsRequest, MoodsResponse
from imagemood.serve.service import Service
from imagemood.serve.uploads import read_pictures

_FORMATS: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "The results, in the format that `Accept` prefers",
        "content": {
            mood_formats.NDJSON: {
                "schema": {"type": "string", "description": "A result for each line."},
                "example": mood_formats.NDJSON_EXAMPLE,
            },
            mood_formats.CSV: {
                "schema": {"type": "string", "description": "A row for each mood of each picture."},
                "example": mood_formats.CSV_EXAMPLE,
            },
        },
    }
}


def create_router(service: Service) -> APIRouter:
    """Create the routes of this group."""
    router = APIRouter(prefix="/v1", tags=["Moods"])
    _add_labels_route(router, service)
    _add_moods_route(router, service)
    return router


def _add_labels_route(router: APIRouter, service: Service) -> None:
    engine, limits = service.engine, service.settings.limits
    fields = {
        "model": model_info(engine),
        "moods": v1.ordered_moods(engine.mood_classifier.labels),
        "tags": list(engine.cascade.tagger.labels),
        "tags_only": engine.cascade.tags_only_classifier is not None,
        "limits": {
            "max_bytes": limits.max_bytes,
            "max_pixels": limits.max_pixels,
            "max_images": limits.max_images,
            "accepts_urls": service.settings.allow_urls,
        },
    }
    content = FixedContent(to_json(fields), "application/json", {"Cache-Control": "private, no-cache"})

    @router.get(
        "/labels",
        operation_id="get_labels",
        response_model=LabelsResponse,
        summary="Moods, tags and limits",
        responses=problem_responses(401),
    )
    async def labels(request: Request) -> Response:
        return content.respond(request)


def _add_moods_route(router: APIRouter, service: Service) -> None:
    engine = service.engine
    body = request_body(
        {
            "application/json": {"schema": inline_schema(MoodsRequest)},
            "multipart/form-data": {"schema": FORM_SCHEMA},
            "image/*": BINARY,
            "application/octet-stream": BINARY,
        }
    )

    @router.post(
        "/moods",
        operation_id="classify_pictures",
        summary="Classify pictures",
        response_model=MoodsResponse,
        responses={**_FORMATS, **problem_responses(401, 403, 406, 408, 413, 415, 422, 502, 503)},
        openapi_extra=body,
    )
    async def moods(request: Request, query: Annotated[MoodsQuery, Depends(moods_query)]) -> Response:
        query.check_names(engine)
        engine.pictures.check_capacity()
        async with service.bodies.read(request) as received:
            pictures = await read_pictures(service, request, received)
            media_type = mood_formats.choose_format(
                request.headers.get("accept"), is_table_enough=not query.has_details
            )
            predictions = await engine.predict(pictures, query.options)
        if len(predictions) == 1 and (result := predictions[0].result).error is not None:
            raise Problem.from_error(result.error, picture=result.image)
        model = model_info(engine, tags_only=query.options.tags_only)
        content = mood_formats.render(media_type, model, await query.render(predictions))
        return Response(content, media_type=media_type, headers={"Vary": "Accept"})
