"""After an error response, the content of the request is freed at once, without the garbage collector."""

from __future__ import annotations

import base64
import gc
import json
import time

import pytest
from starlette.exceptions import HTTPException

from imagemood.errors import MoodError
from imagemood.pictures.picture import Picture
from imagemood.serve.app import create_app
from imagemood.serve.picture_stream import PictureStream
from imagemood.serve.problems import Problem
from imagemood.serve.request_bodies.form_parser import FormParser
from imagemood.serve.settings import Settings
from imagemood.tables.messages_pb2 import Image
from tests.serve.serving import in_process

TRACKED = (Problem, MoodError, HTTPException, ValueError, FormParser, PictureStream, Picture)
"""Classes whose objects keep the content of a request, directly or through the frames of a traceback."""
INVALID = b"\xff\xd8" + bytes(range(256)) * 10
TEXT = base64.b64encode(INVALID).decode()
FORM, NDJSON, JSON = "multipart/form-data; boundary=B", "application/x-ndjson", "application/json"
PROTOBUF = "application/vnd.google.protobuf"
FILE = b'--B\r\nContent-Disposition: form-data; name="image"; filename="a.jpg"\r\n\r\n' + INVALID
REQUESTS = [
    ("/v1/moods", FORM, FILE),
    ("/v1/moods", FORM, FILE + b"\r\n--B\x00"),
    ("/v1/moods", FORM, FILE + b"\r\n--B--\r\n"),
    ("/v1/moods", FORM, b"--B\r\n\r\n"),
    ("/v1/moods", JSON, json.dumps({"images": [{"base64": TEXT}]})),
    ("/v1/moods", JSON, json.dumps({"images": [{"base64": TEXT}], "x": 1})),
    ("/v1/moods", JSON, json.dumps({"images": [{"base64": TEXT}]})[:-3]),
    ("/v1/moods", JSON, json.dumps({"images": [{"url": f"data:image/png;base64,{TEXT}!"}]})),
    ("/v1/moods", JSON, json.dumps({"images": [{"url": "http://localhost/a.jpg"}]})),
    ("/v1/moods", "image/jpeg", INVALID),
    ("/v1/moods?top=x", "image/jpeg", INVALID),
    ("/v1/moods/", "image/jpeg", INVALID),
    ("/v1/labels", "image/jpeg", INVALID),
    ("/v1/moods/stream", FORM, FILE),
    ("/v1/moods/stream", FORM, FILE + b"\r\n--B\x00"),
    ("/v1/moods/stream", FORM, FILE + b"\r\n--B--\r\n"),
    ("/v1/moods/stream", NDJSON, json.dumps({"base64": TEXT}) + '\n{"base64": 1}\n'),
    ("/v1/moods/stream", NDJSON, json.dumps({"base64": TEXT})[:-3]),
    ("/v1/moods/stream", "text/plain", INVALID),
    ("/v1/preview", "image/jpeg", INVALID),
    ("/v2/models/mood/infer", JSON, json.dumps({"inputs": [{"data": [TEXT]}]})),
    (
        "/v2/models/mood/infer",
        JSON,
        json.dumps({"inputs": [{"name": "image", "shape": [1], "datatype": "BYTES", "data": [TEXT]}]}),
    ),
    ("/model/methods/mood", PROTOBUF, Image(image_binary=INVALID).SerializeToString()),
    ("/model/methods/mood", PROTOBUF, b"\xff\xff" + INVALID),
    ("/model/methods/mood", JSON, json.dumps({"mime_type": "image/png", "image_binary": TEXT})),
    ("/model/methods/classify", PROTOBUF, b"\xff\xff" + INVALID),
    ("/model/methods/classify", JSON, json.dumps({"ImageTags": [{"tag": TEXT, "score": "x"}]})),
    ("/api/v1/vision/labels", JSON, json.dumps({"images": [f"data:image/png;base64,{TEXT}"]})),
]


@pytest.fixture(scope="module")
def send():
    with in_process(create_app(Settings(access_log=False))) as send:
        yield send


def tracked():
    """Return the objects' identities and representations; references to them would keep them."""
    return {id(value): repr(value)[:200] for value in gc.get_objects() if isinstance(value, TRACKED)}


@pytest.mark.parametrize(("path", "media_type", "content"), REQUESTS)
def test_nothing_of_an_invalid_request_is_kept(send, path, media_type, content):
    def request():
        return send("POST", path, content=content, headers={"Content-Type": media_type})

    first = request()  # what is cached is created now
    is_answered = first.status_code == 200 and '"error"' in first.text
    assert is_answered or 400 <= first.status_code < 500, first.text
    gc.collect()
    gc.disable()
    try:
        before = tracked()
        assert request().status_code == first.status_code
        end = time.monotonic() + 10
        while (kept := tracked().items() - before.items()) and time.monotonic() < end:
            time.sleep(0.01)  # a thread may not have forgotten its last task
        assert not kept
    finally:
        gc.enable()
