"""Reads the pictures in a request: files of a form, the body itself, or JSON. Nothing is written to disk."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from fastapi import Request

from imagemood._tracebacks import without_traceback
from imagemood.errors import InputError, MoodError, RemoteError
from imagemood.pictures.picture import Picture
from imagemood.pictures.reading import data_urls
from imagemood.pictures.reading.urls import display_name, is_data, is_web
from imagemood.serve.problems import Problem
from imagemood.serve.request_bodies.bodies import Body
from imagemood.serve.request_bodies.body_parts import MAX_NAME_LENGTH
from imagemood.serve.request_bodies.encoded_files import decode_base64, is_data_url
from imagemood.serve.request_bodies.form_parser import split_form
from imagemood.serve.request_bodies.json_bodies import check_length, load_json, validate
from imagemood.serve.schemas.v1 import MAX_URL_LENGTH, MoodsRequest, PictureInput
from imagemood.serve.schemas.vision import VisionRequest
from imagemood.serve.service import Service
from imagemood.serve.settings import Limits

_RAW_MEDIA_TYPES = ("", "application/octet-stream", "application/x-www-form-urlencoded")  # curl sends the last one
_MAX_FILES = 1000  # of a form; another limit applies to those that are accepted
_MAX_VALUES = 100_000  # in JSON; commas in names and URLs count
MAX_FETCHES = 8
"""Number of pictures of a request that are fetched at the same time."""


@dataclass(frozen=True)
class ParsedInput:
    """A picture in JSON: its name, and its content, its URL, or the error that occurred."""

    name: str
    content: bytes | None = None
    url: str | None = None
    error: MoodError | None = None


async def read_pictures(service: Service, request: Request, body: Body) -> list[Picture]:
    """Return the pictures of a request in order. A picture that cannot be fetched has its `error` set."""
    limits = service.settings.limits
    content_type = request.headers.get("content-type", "")
    media_type = content_type.partition(";")[0].strip().lower()
    if media_type == "multipart/form-data":
        files = await service.bodies.parse(body, lambda: split_form(content_type, body.content, _MAX_FILES))
        inputs = [ParsedInput(file.name, file.content) for file in files]
        body.memory.add(sum(len(file.content) for file in files))
    elif media_type == "application/json":
        inputs = await service.bodies.parse(body, lambda: parse_inputs(body.content, limits))
        body.memory.add(sum(len(entry.content or b"") for entry in inputs))
    elif media_type.startswith("image/") or media_type in _RAW_MEDIA_TYPES:
        inputs = [ParsedInput("image", body.content)]
    else:
        raise Problem(
            415, f"unsupported Content-Type: {media_type}; send image/*, multipart/form-data or application/json"
        )
    return await _to_all_pictures(inputs, service, body)


async def read_vision_request(service: Service, body: Body) -> tuple[str, list[Picture]]:
    """Return the identifier and the pictures of a request of PhotoPrism."""
    limits = service.settings.limits

    def parse() -> tuple[str, list[ParsedInput]]:
        value = load_json(body.content, _MAX_VALUES)
        check_length(value, "images", limits.max_images, "pictures")
        parsed = validate(value, VisionRequest)
        images = parsed.images or [parsed.url] * bool(parsed.url)
        return parsed.id, [_parse_input(_vision_input(image), limits) for image in images]

    identifier, inputs = await service.bodies.parse(body, parse)
    body.memory.add(sum(len(entry.content or b"") for entry in inputs))
    return identifier, await _to_all_pictures(inputs, service, body)


def _vision_input(image: str) -> PictureInput:
    """Return the picture in a text, which PhotoPrism does not declare as a URL or as base64."""
    is_url = is_data(image) or image.startswith(("http://", "https://"))
    return PictureInput(url=image) if is_url else PictureInput(base64=image)


def check_n_pictures(n_pictures: int, limits: Limits) -> None:
    """Raise a problem if a request has no pictures, or more than allowed."""
    if not n_pictures:
        raise Problem(422, "the request contains no pictures")
    if n_pictures > limits.max_images:
        raise Problem(413, f"the request has {n_pictures} pictures; the limit is {limits.max_images}")


def parse_inputs(body: bytes, limits: Limits) -> list[ParsedInput]:
    """Parse pictures in JSON."""
    value = load_json(body, _MAX_VALUES)
    check_length(value, "images", limits.max_images, "pictures")
    inputs = validate(value, MoodsRequest).images
    _check_sources(inputs)
    return [_parse_input(entry, limits) for entry in inputs]


def parse_line(line: bytes, limits: Limits) -> ParsedInput:
    """Parse a picture in JSON that is a line of NDJSON."""
    entry = validate(load_json(line, _MAX_VALUES, "the line"), PictureInput)
    _check_sources([entry])
    return _parse_input(entry, limits)


def _check_sources(inputs: list[PictureInput]) -> None:
    if any((entry.base64 is None) == (entry.url is None) for entry in inputs):
        raise Problem(422, "each picture must have either base64 or url")


def _parse_input(entry: PictureInput, limits: Limits) -> ParsedInput:
    name = entry.name or display_name(entry.url or "image")  # of a data URL, the hash takes some time
    text = str(entry.base64 if entry.url is None else entry.url)
    try:
        if is_data_url(text):
            return ParsedInput(name, data_urls.decode_picture(text, limits.max_bytes))
    except MoodError as error:
        return ParsedInput(name, error=without_traceback(error))
    if entry.url is None:
        return ParsedInput(name, _decode_base64(text))
    if len(entry.url) > MAX_URL_LENGTH:
        too_long = InputError(f"a URL may have at most {MAX_URL_LENGTH} characters")
        return ParsedInput(name[:MAX_NAME_LENGTH], error=too_long)
    return ParsedInput(name, url=entry.url)


async def _to_all_pictures(inputs: list[ParsedInput], service: Service, body: Body) -> list[Picture]:
    """Create all pictures of a request, if their number is allowed and there is memory for their pixels."""
    check_n_pictures(len(inputs), service.settings.limits)  # before any picture is fetched
    body.memory.add(len(inputs) * service.engine.picture_bytes)
    return await to_pictures(inputs, service, body)


async def to_pictures(inputs: list[ParsedInput], service: Service, body: Body) -> list[Picture]:
    """Create the pictures, and fetch those with a URL; all of them together must arrive in time."""
    limits = service.settings.limits
    deadline = asyncio.get_running_loop().time() + limits.body_timeout_s
    turn = asyncio.Semaphore(MAX_FETCHES)

    async def fetch(url: str) -> bytes:
        if service.fetcher is None:
            raise InputError("fetching pictures by URL is disabled", hint="send the picture itself")
        try:
            async with asyncio.timeout_at(deadline), turn:
                return await service.fetcher.fetch(url, body.memory.receive)
        except TimeoutError:
            raise RemoteError("the server did not respond in time", where=url) from None

    async def to_picture(entry: ParsedInput) -> Picture:
        content, error = entry.content, entry.error
        if entry.url is not None:
            try:
                content = await fetch(entry.url)
            except MoodError as caught:
                error = without_traceback(caught)
        if content is None:
            return Picture.failed(entry.name, error or InputError("no content"))
        return Picture.from_bytes(content, name=entry.name, max_pixels=limits.max_pixels)

    return list(await asyncio.gather(*map(to_picture, inputs)))


def _decode_base64(text: str) -> bytes:
    try:
        return decode_base64(text)
    except InputError as error:
        if is_web(text):
            raise Problem(422, "a picture is a URL in the field base64; use the field url") from error
        raise Problem(422, f"a picture is {error.message}") from error
