"""The routes of the sample pictures and their thumbnails."""

from __future__ import annotations

import io
from functools import cache
from typing import Annotated

import PIL.Image
from fastapi import APIRouter, Request
from fastapi.responses import Response
from pydantic import BaseModel, Field

from imagemood.pictures.pixels import decoding
from imagemood.pictures.samples import Sample, all_samples
from imagemood.serve.asgi.forwarded import PREFIX
from imagemood.serve.problems import Problem, problem_responses
from imagemood.serve.schemas.openapi import BINARY
from imagemood.serve.service import Service

_THUMBNAIL_PX = 180
_CACHE_HEADERS = {"Cache-Control": "private, max-age=86400"}


class SamplePicture(BaseModel):
    """A sample picture with its credit, licence and addresses."""

    name: str
    mood: str
    title: str
    credit: str
    license: str
    url: Annotated[str, Field(description="The path of the picture, with the prefix of the service.")]
    thumbnail: Annotated[str, Field(description="The path of its thumbnail, likewise.")]


def create_router(service: Service) -> APIRouter:  # noqa: ARG001
    """Create the routes of this group."""
    router = APIRouter(prefix="/v1/samples", tags=["Samples"])

    @router.get(
        "",
        operation_id="list_samples",
        summary="Freely licensed sample pictures",
        responses=problem_responses(401),
    )
    def samples(request: Request) -> list[SamplePicture]:
        prefix = request.scope.get(PREFIX, "")
        return [_describe(name, sample, prefix) for name, sample in _samples_by_name().items()]

    @router.get(
        "/{name}",
        operation_id="get_sample",
        summary="A sample picture",
        response_class=Response,
        responses=_picture_responses(),
    )
    def sample(name: str) -> Response:
        return Response(_find(name).path.read_bytes(), media_type="image/jpeg", headers=_CACHE_HEADERS)

    @router.get(
        "/{name}/thumbnail",
        operation_id="get_sample_thumbnail",
        summary="The thumbnail of a sample picture",
        response_class=Response,
        responses=_picture_responses(),
    )
    def thumbnail(name: str) -> Response:
        _find(name)
        return Response(_thumbnail(name), media_type="image/jpeg", headers=_CACHE_HEADERS)

    return router


def _describe(name: str, sample: Sample, prefix: str) -> SamplePicture:
    return SamplePicture(
        name=name,
        mood=sample.mood,
        title=sample.title,
        credit=sample.source,
        license=sample.licence,
        url=f"{prefix}/v1/samples/{name}",
        thumbnail=f"{prefix}/v1/samples/{name}/thumbnail",
    )


def _picture_responses() -> dict[int | str, dict[str, object]]:
    return {
        200: {"description": "A picture", "content": {"image/jpeg": BINARY}},
        **problem_responses(401, 404),
    }


def _samples_by_name() -> dict[str, Sample]:
    return {sample.path.name: sample for sample in all_samples()}


def _find(name: str) -> Sample:
    """Look up a sample by name, so that no name in a request is used as a path."""
    try:
        return _samples_by_name()[name]
    except KeyError:
        raise Problem(404, "no such sample; GET /v1/samples lists the samples") from None


@cache
def _thumbnail(name: str) -> bytes:
    pixels = decoding.decode(_samples_by_name()[name].path.read_bytes(), name=name)
    image = PIL.Image.fromarray(pixels)
    image.thumbnail((_THUMBNAIL_PX, _THUMBNAIL_PX), PIL.Image.Resampling.LANCZOS)
    buffer = io.BytesIO()
    image.save(buffer, format="JPEG", quality=50, optimize=True, progressive=True)
    return buffer.getvalue()
