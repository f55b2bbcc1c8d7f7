"""The route of previews, with which the web page displays pictures in formats that browsers do not support."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import Response

from imagemood.errors import ImageError
from imagemood.serve.previews import SIDE_PX
from imagemood.serve.problems import Problem, problem_responses
from imagemood.serve.schemas.openapi import BINARY, request_body
from imagemood.serve.service import Service
from imagemood.serve.uploads import read_pictures


def create_router(service: Service) -> APIRouter:
    """Create the routes of this group."""
    router = APIRouter(prefix="/v1", tags=["Moods"])

    @router.post(
        "/preview",
        operation_id="preview_picture",
        summary="A picture as a JPEG of at most 1024 pixels",
        response_class=Response,
        responses={
            200: {"description": "The preview", "content": {"image/jpeg": BINARY}},
            **problem_responses(401, 403, 408, 413, 415, 422, 502, 503),
        },
        openapi_extra=request_body({"image/*": BINARY, "application/octet-stream": BINARY}),
    )
    async def preview(request: Request) -> Response:
        async with service.bodies.read(request) as received:
            pictures = await read_pictures(service, request, received)
            if len(pictures) != 1:
                raise Problem(422, f"the request has {len(pictures)} pictures, but must have one")
            received.memory.add(3 * SIDE_PX**2)
            try:
                content = await service.previews.make(pictures[0])
            except ImageError as error:
                raise Problem.from_error(error, picture=pictures[0].name) from error
        return Response(content, media_type="image/jpeg", headers={"Cache-Control": "no-store"})

    return router
