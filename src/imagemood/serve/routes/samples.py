"""The sample pictures for the page: those of the installed scikit-image, if it is there, also as thumbnails."""

from __future__ import annotations

import io
import mimetypes
from functools import cache

import PIL.Image
from fastapi import APIRouter
from fastapi.responses import Response
from pydantic import BaseModel

from imagemood.errors import MissingExtraError
from imagemood.pictures import decoding
from imagemood.pictures.samples import Sample, all_samples
from imagemood.serve.problems import Problem, described

_THUMBNAIL_PX = 240
_KEEP = {"Cache-Control": "private, max-age=86400"}


class SamplePicture(BaseModel):
    """A sample picture, whom to thank for it, and where it is."""

    name: str
    title: str
    credit: str
    license: str
    url: str
    thumbnail: str


def router() -> APIRouter:
    """Give the routes of the sample pictures.

    Returns
    -------
    APIRouter
        A list, which is empty without the extra `samples`; the pictures; and their thumbnails.
    """
    routes = APIRouter(prefix="/v1/samples", tags=["Samples"])

    @routes.get("", summary="Freely licensed pictures to try.", responses=described(401))
    def samples() -> list[SamplePicture]:
        return [
            SamplePicture(
                name=name,
                title=sample.title,
                credit=sample.source,
                license=sample.licence,
                url=f"/v1/samples/{name}",
                thumbnail=f"/v1/samples/{name}/thumbnail",
            )
            for name, sample in _by_name().items()
        ]

    @routes.get(
        "/{name}", summary="One of them.", response_class=Response, responses=_picture("image/png", "image/jpeg")
    )
    def sample(name: str) -> Response:
        path = _known(name).path
        return Response(path.read_bytes(), media_type=mimetypes.guess_type(path.name)[0], headers=_KEEP)

    @routes.get(
        "/{name}/thumbnail",
        summary="A small view of it.",
        response_class=Response,
        responses=_picture("image/jpeg"),
    )
    def thumbnail(name: str) -> Response:
        _known(name)
        return Response(_thumbnail(name), media_type="image/jpeg", headers=_KEEP)

    return routes


def _picture(*media_types: str) -> dict[int | str, dict[str, object]]:
    content = {kind: {"schema": {"type": "string", "format": "binary"}} for kind in media_types}
    return {200: {"description": "A picture.", "content": content}, **described(401, 404)}


def _by_name() -> dict[str, Sample]:
    try:
        return {sample.path.name: sample for sample in all_samples()}
    except MissingExtraError:
        return {}


def _known(name: str) -> Sample:
    """Look a name up among those there are, so that no name from a request becomes a path."""
    try:
        return _by_name()[name]
    except KeyError:
        raise Problem(404, "there is no such sample; GET /v1/samples lists them") from None


@cache
def _thumbnail(name: str) -> bytes:
    pixels = decoding.decode(_by_name()[name].path.read_bytes(), name=name)
    small = PIL.Image.fromarray(pixels)
    small.thumbnail((_THUMBNAIL_PX, _THUMBNAIL_PX), PIL.Image.Resampling.LANCZOS)
    buffer = io.BytesIO()
    small.save(buffer, format="JPEG", quality=80)
    return buffer.getvalue()
