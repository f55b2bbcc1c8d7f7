"""The door for programs and the page: pictures to moods, in JSON."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response
from starlette.concurrency import run_in_threadpool
from starlette.responses import JSONResponse

from imagemood.errors import VocabularyError
from imagemood.prediction.result import Result
from imagemood.serve import uploads
from imagemood.serve.engine import Asked, Told
from imagemood.serve.problems import described
from imagemood.serve.schemas import v1
from imagemood.serve.schemas.v1 import Answer, ExplainWhat, GivenImages, Labels
from imagemood.serve.service import Service

_BINARY = {"schema": {"type": "string", "format": "binary"}}
_BODY = {
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {
                "schema": GivenImages.model_json_schema(ref_template="#/components/schemas/{model}"),
            },
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["image"],
                    "properties": {
                        "image": {"type": "array", "minItems": 1, "items": {"type": "string", "format": "binary"}}
                    },
                }
            },
            "image/*": _BINARY,
            "application/octet-stream": _BINARY,
        },
    }
}


def router(service: Service) -> APIRouter:
    """Give the routes of `/v1`.

    Parameters
    ----------
    service : Service
        What they share.

    Returns
    -------
    APIRouter
        The routes.
    """
    routes = APIRouter(prefix="/v1", tags=["Moods"])
    engine, limits = service.engine, service.settings.limits
    model = {"name": engine.name, "hash": engine.hash}

    @routes.get("/labels", response_model=Labels, summary="Moods, tags and limits.", responses=described(401))
    async def labels() -> dict[str, Any]:
        return {
            "model": model,
            "moods": v1.moods_in_order(engine.cascade.needed_moods.labels),
            "tags": list(engine.cascade.tagger.labels),
            "limits": {
                "max_bytes": limits.max_bytes,
                "max_pixels": limits.max_pixels,
                "max_images": limits.max_images,
            },
        }

    @routes.post(
        "/moods",
        summary="Tell the moods of pictures.",
        response_model=Answer,
        responses=described(401, 408, 413, 415, 422, 502, 503),
        openapi_extra=_BODY,
    )
    async def moods(
        request: Request,
        top: Annotated[int | None, Query(ge=1, description="Only so many moods.")] = None,
        tags: Annotated[int, Query(ge=0, description="So many of the strongest tags, too.")] = 0,
        explain: Annotated[
            ExplainWhat | None, Query(description="Say which tags, or which region, carried the mood.")
        ] = None,
        mood: Annotated[
            str | None, Query(description="Which mood to explain; the most probable one by default.")
        ] = None,
        without: Annotated[
            list[str] | None, Query(description="Tags to leave out of account.", max_length=1000)
        ] = None,
    ) -> Response:
        question = Asked(
            "",
            b"",
            tags=explain in (ExplainWhat.tags, ExplainWhat.all),
            region=explain in (ExplainWhat.map, ExplainWhat.all),
            mood=mood,
            without=tuple(without or ()),
        )
        _check(question)
        engine.pictures.check_room()
        async with service.bodies.read(request) as body:
            given = uploads.with_question(await uploads.given(service, request, body), question)
            told = iter(await engine.tell([entry for entry in given if isinstance(entry, Asked)]))
            answers = [Told(entry) if isinstance(entry, Result) else next(told) for entry in given]
        if len(answers) == 1 and answers[0].result.error is not None:
            raise answers[0].result.error

        def written() -> list[dict[str, Any]]:
            return [v1.as_json(answer, top, tags, with_map=question.region) for answer in answers]

        # Maps are drawn and packed, which takes a while.
        results = await run_in_threadpool(written) if question.region else written()
        return JSONResponse({"model": model, "results": results})

    def _check(question: Asked) -> None:
        known = engine.cascade.needed_moods.labels
        if question.mood is not None and question.mood not in known:
            raise VocabularyError(f"no mood '{question.mood}'", where="mood", hint=f"one of {', '.join(known)}")
        for tag in question.without:
            if tag not in engine.tags:
                raise VocabularyError(f"no tag '{tag}'", where="without", hint="GET /v1/labels names them")

    return routes
