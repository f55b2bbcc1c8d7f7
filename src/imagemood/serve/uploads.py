"""Reads the pictures in a request: files of a form, the body itself, or JSON. Nothing is written to disk."""

from __future__ import annotations

import base64
from collections.abc import AsyncGenerator

from fastapi import Request
from starlette.datastructures import UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser

from imagemood.errors import InputError, MoodError
from imagemood.pictures import data_urls
from imagemood.pictures.picture import Picture
from imagemood.pictures.urls import is_data
from imagemood.serve.bodies import parse_json, run_parser
from imagemood.serve.fetch import Fetcher
from imagemood.serve.problems import Problem
from imagemood.serve.schemas.v1 import MAX_URL_LENGTH, MoodsRequest, PictureInput
from imagemood.serve.service import Service
from imagemood.serve.settings import Limits

_RAW_MEDIA_TYPES = ("", "application/octet-stream", "application/x-www-form-urlencoded")  # curl sends the last one
_MAX_NAME_LENGTH = 500


class _InMemoryParser(MultiPartParser):
    """Keeps files in memory instead of writing them to disk; the limit on the body bounds their size."""

    spool_max_size = 2**62


async def read_pictures(service: Service, request: Request, body: bytes) -> list[Picture]:
    """Return the pictures of a request in order. A picture that cannot be fetched has its `error` set."""
    limits = service.settings.limits
    content_type = request.headers.get("content-type", "")
    media_type = content_type.partition(";")[0].strip().lower()
    if media_type == "multipart/form-data":
        pictures = await _from_form(request, body, limits)
    elif media_type == "application/json":
        inputs = await run_parser(lambda: parse_inputs(body), len(body))
        check_n_pictures(len(inputs), limits)  # before any picture is fetched
        pictures = [await _from_input(entry, service.fetcher, limits) for entry in inputs]
    elif media_type.startswith("image/") or media_type in _RAW_MEDIA_TYPES:
        pictures = [Picture.from_bytes(body, max_pixels=limits.max_pixels)]
    else:
        raise Problem(
            415, f"unsupported Content-Type: {media_type}; send image/*, multipart/form-data or application/json"
        )
    check_n_pictures(len(pictures), limits)
    return pictures


def check_n_pictures(n_pictures: int, limits: Limits) -> None:
    """Raise a problem if a request has no pictures, or more than allowed."""
    if not n_pictures:
        raise Problem(422, "the request contains no pictures")
    if n_pictures > limits.max_images:
        raise Problem(413, f"the request has {n_pictures} pictures; the limit is {limits.max_images}")


async def _from_form(request: Request, body: bytes, limits: Limits) -> list[Picture]:
    async def stream() -> AsyncGenerator[bytes, None]:
        yield body

    try:
        form = await _InMemoryParser(request.headers, stream(), max_files=1000, max_fields=100).parse()
    except (MultiPartException, KeyError, UnicodeError) as error:
        default = "missing boundary" if isinstance(error, KeyError) else "unknown charset"
        reason = getattr(error, "message", default)
        message = f"the body is not valid multipart/form-data: {reason[:1].lower()}{reason[1:].rstrip('.')}"
        raise Problem(422, message) from error
    try:
        files = [part for _, part in form.multi_items() if isinstance(part, UploadFile)]
        return [
            Picture.from_bytes(
                await file.read(),
                name=(file.filename or "image")[:_MAX_NAME_LENGTH],
                max_pixels=limits.max_pixels,
            )
            for file in files
        ]
    finally:
        await form.close()


def parse_inputs(body: bytes) -> list[tuple[PictureInput, bytes | None]]:
    """Parse pictures in JSON. Return each input with its decoded content, or with None if it has a URL."""
    inputs = parse_json(body, MoodsRequest).images
    if any((entry.base64 is None) == (entry.url is None) for entry in inputs):
        raise Problem(422, "each picture must have either base64 or url")
    return [(entry, None if entry.base64 is None else _decode_base64(entry.base64)) for entry in inputs]


async def _from_input(
    entry: tuple[PictureInput, bytes | None], fetcher: Fetcher | None, limits: Limits
) -> Picture:
    picture, content = entry
    name = picture.name or picture.url or "image"
    try:
        if content is None and is_data(str(picture.url)):
            content = data_urls.decode(str(picture.url), limits.max_bytes)
        elif content is None:
            if len(str(picture.url)) > MAX_URL_LENGTH:
                name = name[:_MAX_NAME_LENGTH]
                raise InputError(f"a URL may have at most {MAX_URL_LENGTH} characters")
            if fetcher is None:
                raise InputError("fetching pictures by URL is disabled", hint="send the picture itself")
            content = await fetcher.fetch(str(picture.url))
    except MoodError as error:
        return Picture.failed(name, error)
    return Picture.from_bytes(content, name=name, max_pixels=limits.max_pixels)


def _decode_base64(text: str) -> bytes:
    try:
        return base64.b64decode("".join(text.split()), validate=True)  # many tools break base64 into lines
    except ValueError as error:
        raise Problem(422, f"a picture is not valid base64: {error}") from error
