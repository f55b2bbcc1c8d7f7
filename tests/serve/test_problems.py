from __future__ import annotations

import json

import httpx
import pytest
from fastapi import FastAPI
from pydantic import BaseModel, ValidationError

from imagemood.errors import (
    ImageError,
    InputError,
    ModelDirectoryError,
    MoodError,
    OverloadedError,
    RemoteError,
    UnavailableError,
)
from imagemood.serve.problems import Problem, add_handlers, format_validation_errors, problem_responses
from tests.serve.serving import send_to


@pytest.mark.parametrize(
    ("kind", "status"),
    [
        (OverloadedError, 503),
        (RemoteError, 502),
        (UnavailableError, 502),
        (InputError, 422),
        (ImageError, 422),
        (ModelDirectoryError, 500),
        (MoodError, 500),
    ],
)
def test_each_class_of_errors_has_a_status(kind, status):
    problem = Problem.from_error(kind("broken", where="a.png", hint="fix it"))
    assert (problem.status, problem.detail) == (status, "a.png: broken (fix it)")
    assert problem.headers == ({"Retry-After": "1"} if status == 503 else {})


def test_a_retry_after_header_that_is_given_is_kept():
    assert Problem(503, "x", {"Retry-After": "9"}).headers == {"Retry-After": "9"}


def test_the_body_follows_rfc_9457_and_under_v2_the_protocol_of_that_path():
    response = Problem(413, "too large: ü", {"Connection": "close"}).response("/v1/moods")
    expected = {
        "type": "about:blank",
        "title": response_title(413),
        "status": 413,
        "detail": "too large: ü",
    }
    assert json.loads(response.body) == expected
    assert response.headers["Content-Type"] == "application/problem+json"
    assert response.headers["Connection"] == "close"
    assert json.loads(Problem(413, "x").response("/v2/models").body)["error"] == "x"


def test_text_that_utf8_does_not_have_remains_an_escape():
    response = Problem(422, "no output '\ud800ü'").response("/v2/models/mood/infer")
    assert b"'\\ud800\xc3\xbc'" in response.body
    assert json.loads(response.body)["error"] == "no output '\ud800ü'"


def response_title(status):
    return httpx.codes.get_reason_phrase(status)


class Point(BaseModel):
    x: int
    y: list[int]


def test_validation_errors_are_formatted_in_one_line():
    with pytest.raises(ValidationError) as caught:
        Point.model_validate({"x": "a", "y": [1, "b"]})
    assert format_validation_errors(caught.value.errors()) == (
        "x: input should be a valid integer, unable to parse string as an integer; 1 more"
    )
    with pytest.raises(ValidationError) as caught:
        Point.model_validate(7)
    message = format_validation_errors(caught.value.errors())
    assert message == "input should be a valid dictionary or instance of Point"


def test_an_application_responds_to_errors_with_problems():
    app = FastAPI()
    add_handlers(app)

    @app.get("/problem")
    async def problem():
        raise Problem(418, "short and stout", {"X-Pot": "tea"})

    @app.get("/error")
    async def error():
        raise InputError("broken", where="a.png")

    @app.get("/number/{n}")
    async def number(n: int): ...

    responses = {
        ("/problem", "GET"): (418, "short and stout"),
        ("/error", "GET"): (422, "a.png: broken"),
        ("/number/x", "GET"): (
            422,
            "path.n: input should be a valid integer, unable to parse string as an integer",
        ),
        ("/nowhere", "GET"): (404, "no such route"),
        ("/error", "POST"): (405, "method not allowed for this route"),
    }
    for (path, method), (status, detail) in responses.items():
        response = send_to(app, method, path)
        assert response.headers["Content-Type"] == "application/problem+json"
        assert (response.status_code, response.json()["status"]) == (status, status)
        assert response.json()["detail"] == detail
    assert send_to(app, "GET", "/problem").headers["X-Pot"] == "tea"


def test_problems_are_described_for_each_status():
    described = problem_responses(401, 413)
    assert [described[status]["description"] for status in (401, 413)] == [
        "Unauthorized",
        response_title(413),
    ]
    assert list(described[401]["content"]) == ["application/problem+json"]
