"""The routes under `/v1`: classification of pictures in JSON, for programs and the web page."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response
from starlette.concurrency import run_in_threadpool

from imagemood.errors import VocabularyError
from imagemood.serve.engine import Engine, PredictionOptions
from imagemood.serve.problems import Problem, problem_responses, to_json
from imagemood.serve.schemas import v1
from imagemood.serve.schemas.openapi import BINARY, inline_schema, request_body
from imagemood.serve.schemas.v1 import ExplainTarget, LabelsResponse, MoodsRequest, MoodsResponse
from imagemood.serve.service import Service
from imagemood.serve.uploads import read_pictures

_MAX_INLINE_TAGS = 1000  # of all pictures of a request together
_FORM_SCHEMA = {
    "type": "object",
    "required": ["image"],
    "properties": {
        "image": {"type": "array", "minItems": 1, "items": {"type": "string", "format": "binary"}},
    },
}


def create_router(service: Service) -> APIRouter:
    """Create the routes of this group."""
    router = APIRouter(prefix="/v1", tags=["Moods"])
    model = {"name": service.engine.model_name, "hash": service.engine.model_hash}
    _add_labels_route(router, service, model)
    _add_moods_route(router, service, model)
    return router


def _add_labels_route(router: APIRouter, service: Service, model: dict[str, str]) -> None:
    engine, limits = service.engine, service.settings.limits

    @router.get(
        "/labels",
        response_model=LabelsResponse,
        summary="Moods, tags and limits",
        responses=problem_responses(401),
    )
    async def labels() -> dict[str, Any]:
        return {
            "model": model,
            "moods": v1.ordered_moods(engine.mood_classifier.labels),
            "tags": list(engine.cascade.tagger.labels),
            "tags_only": engine.cascade.tags_only_classifier is not None,
            "limits": {
                "max_bytes": limits.max_bytes,
                "max_pixels": limits.max_pixels,
                "max_images": limits.max_images,
            },
        }


def _add_moods_route(router: APIRouter, service: Service, model: dict[str, str]) -> None:
    engine = service.engine
    tags_only_model = {"name": engine.tags_only_name, "hash": engine.tags_only_hash}
    body = request_body(
        {
            "application/json": {"schema": inline_schema(MoodsRequest)},
            "multipart/form-data": {"schema": _FORM_SCHEMA},
            "image/*": BINARY,
            "application/octet-stream": BINARY,
        }
    )

    @router.post(
        "/moods",
        summary="Classify pictures",
        response_model=MoodsResponse,
        responses=problem_responses(401, 403, 408, 413, 415, 422, 502, 503),
        openapi_extra=body,
    )
    async def moods(
        request: Request,
        top: Annotated[int | None, Query(ge=1, description="Number of most probable moods to return.")] = None,
        tags: Annotated[int, Query(ge=0, description="Number of highest-scoring tags to return.")] = 0,
        explain: Annotated[
            ExplainTarget | None,
            Query(description="Explain the mood by the tags, by the map of a region, or by both."),
        ] = None,
        mood: Annotated[
            str | None, Query(description="Mood to explain. Defaults to the most probable one.")
        ] = None,
        without: Annotated[list[str] | None, Query(description="Tags to ignore.", max_length=1000)] = None,
        tags_only: Annotated[
            bool, Query(description="Predict the moods from the tags alone, with the model that takes only tags.")
        ] = False,
    ) -> Response:
        options = PredictionOptions(
            tags=tags > 0,
            explain_tags=explain in (ExplainTarget.tags, ExplainTarget.all),
            explain_map=explain in (ExplainTarget.map, ExplainTarget.all),
            mood=mood,
            without=tuple(without or ()),
            tags_only=tags_only,
        )
        _check_names(options, engine)
        engine.pictures.check_capacity()
        async with service.bodies.read(request) as received:
            predictions = await engine.predict(await read_pictures(service, request, received), options)
        if len(predictions) == 1 and (result := predictions[0].result).error is not None:
            raise Problem.from_error(result.error, picture=result.image)

        def render() -> bytes:
            parts = (
                to_json(v1.prediction_to_dict(prediction, top, tags, with_map=options.explain_map))
                for prediction in predictions
            )
            used = tags_only_model if options.tags_only else model
            return b'{"model":%s,"results":[%s]}' % (to_json(used), b",".join(parts))

        # Drawing and compressing maps, and many tags, would block the event loop.
        is_long = options.explain_map or tags * len(predictions) > _MAX_INLINE_TAGS
        content = await run_in_threadpool(render) if is_long else render()
        return Response(content, media_type="application/json")


def _check_names(options: PredictionOptions, engine: Engine) -> None:
    """Raise `VocabularyError` if the options name a mood or a tag that the models do not have."""
    moods = engine.mood_classifier.labels
    if options.mood is not None and options.mood not in moods:
        raise VocabularyError(f"no mood '{options.mood}'", where="mood", hint=f"choose one of {', '.join(moods)}")
    if options.tags_only and engine.cascade.tags_only_classifier is None:
        what = "no model predicts the moods of this service from the tags alone"
        raise VocabularyError(what, where="tags_only", hint="omit the parameter")
    wants_tags = options.tags or (options.explain_tags and not options.explain_map)
    if wants_tags and not engine.known_tags:
        where = "tags" if options.tags else "explain"
        raise VocabularyError("the network computes no tags", where=where, hint="omit the parameter")
    for tag in options.without:
        if tag not in engine.known_tags:
            raise VocabularyError(f"no tag '{tag}'", where="without", hint="GET /v1/labels lists the tags")
