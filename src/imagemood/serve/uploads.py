"""Pictures in a request: files of a form, the body itself, or JSON. Nothing of them is written to a file."""

from __future__ import annotations

import base64
import json
from collections.abc import AsyncGenerator
from dataclasses import replace

from fastapi import Request
from pydantic import ValidationError
from starlette.datastructures import UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser

from imagemood.errors import InputError, MoodError
from imagemood.prediction.result import Result
from imagemood.serve.bodies import aside
from imagemood.serve.engine import Asked
from imagemood.serve.problems import Problem, sentence
from imagemood.serve.schemas.v1 import GivenImage, GivenImages
from imagemood.serve.service import Service

_RAW = ("application/octet-stream", "application/x-www-form-urlencoded")  # the latter is what curl says by itself
_MAX_NAME = 500

Given = Asked | Result
"""A picture, or why there is none."""


class _InMemory(MultiPartParser):
    """Keeps files in memory, whose bounds are those of the body, instead of writing them to disk."""

    spool_max_size = 2**62


async def given(service: Service, request: Request, body: bytes) -> list[Given]:
    """Take the pictures out of a request.

    Parameters
    ----------
    service : Service
        What may be asked for.
    request : Request
        The request.
    body : bytes
        Its body.

    Returns
    -------
    list of Asked or Result
        In their order; a Result has an error, which says why a picture of several cannot be used.

    Raises
    ------
    Problem
        If there is no picture, there are too many, or the body is not what Content-Type says.
    """
    content_type = request.headers.get("content-type", "")
    media = content_type.partition(";")[0].strip().lower()
    if media == "multipart/form-data":
        found = await _of_form(request, body)
    elif media == "application/json":
        found = await _of_json(service, body)
    elif media.startswith("image/") or media in _RAW or not media:
        found = [Asked("image", body)]
    else:
        raise Problem(415, f"Content-Type is {media}; send image/*, multipart/form-data or application/json")
    if not found:
        raise Problem(422, "there is no picture in the request")
    if len(found) > service.settings.limits.max_images:
        raise Problem(
            413, f"{len(found)} pictures are more than the {service.settings.limits.max_images} of a request"
        )
    return found


async def _of_form(request: Request, body: bytes) -> list[Given]:
    async def whole() -> AsyncGenerator[bytes, None]:
        yield body

    try:
        form = await _InMemory(request.headers, whole(), max_files=1000, max_fields=100).parse()
    except (MultiPartException, KeyError) as error:
        reason = getattr(error, "message", "there is no boundary")
        raise Problem(422, f"the body is no multipart/form-data: {reason}") from error
    files = [part for _, part in form.multi_items() if isinstance(part, UploadFile)]
    return [Asked((file.filename or "image")[:_MAX_NAME], await file.read()) for file in files]


async def _of_json(service: Service, body: bytes) -> list[Given]:
    entries = await aside(lambda: _entries(body), len(body))
    if len(entries) > service.settings.limits.max_images:  # before any is fetched
        raise Problem(413, f"{len(entries)} pictures are more than the {service.settings.limits.max_images}")
    return [entry if isinstance(entry, Asked) else await _fetched(service, entry) for entry in entries]


def _entries(body: bytes) -> list[Asked | GivenImage]:
    """Read pictures in JSON: those with content, and those still to be fetched."""
    try:
        images = GivenImages.model_validate(json.loads(body)).images
    except ValidationError as error:
        raise Problem(422, sentence(error.errors())) from error
    except (ValueError, RecursionError) as error:
        raise Problem(422, f"the body is no JSON: {error}") from error
    if any((image.base64 is None) == (image.url is None) for image in images):
        raise Problem(422, "each picture is given by base64 or by url")
    return [
        image if image.base64 is None else Asked(image.name or "image", _decoded(image.base64)) for image in images
    ]


async def _fetched(service: Service, image: GivenImage) -> Given:
    url = str(image.url)
    name = image.name or url
    if service.fetcher is None:
        error = InputError("this service fetches no URLs", hint="send the picture itself")
        return Result(name, error=error)
    try:
        return Asked(name, await service.fetcher.fetch(url))
    except MoodError as error:
        return Result(name, error=error)


def _decoded(text: str) -> bytes:
    try:
        return base64.b64decode("".join(text.split()), validate=True)  # many tools break it into lines
    except ValueError as error:
        raise Problem(422, f"a picture is no base64: {error}") from error


def with_question(found: list[Given], question: Asked) -> list[Given]:
    """Ask the same about each picture.

    Parameters
    ----------
    found : list of Asked or Result
        The pictures.
    question : Asked
        What is asked, of no picture.

    Returns
    -------
    list of Asked or Result
        The pictures, with the question.
    """
    return [
        replace(question, name=entry.name, content=entry.content) if isinstance(entry, Asked) else entry
        for entry in found
    ]
