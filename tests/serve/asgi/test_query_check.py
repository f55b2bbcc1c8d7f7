from __future__ import annotations

import pytest

from imagemood.serve.asgi.query_check import Parameters
from imagemood.serve.problems import Problem

PARAMETERS = Parameters(
    frozenset({"top", "tags", "explain", "min_probability", "without"}), frozenset({"without"})
)


@pytest.mark.parametrize(
    "query", [b"", b"&", b"top=3", b"&top=3&&tags=2&", b"%74op=3", b"min%5Fprobability=1", b"without=a&without=b"]
)
def test_known_parameters_pass(query):
    PARAMETERS.check(query)


@pytest.mark.parametrize(
    ("query", "detail"),
    [
        (b"tpo=3", "query.tpo: unknown parameter; did you mean 'top'?"),
        (b"top=3&Tags=2", "query.Tags: unknown parameter; did you mean 'tags'?"),
        (b"minProbability=1", "query.minProbability: unknown parameter; did you mean 'min_probability'?"),
        (
            b"zzz",
            "query.zzz: unknown parameter; this route has explain, min_probability, tags, top, without",
        ),
        (b"=3", "query.: unknown parameter; this route has explain, min_probability, tags, top, without"),
        (b"top=3&%74op=4", "query.top: the parameter occurs more than once"),
        (b"\xff%ff=1", "query.ÿ\ufffd: unknown parameter; this route has"),
    ],
)
def test_other_parameters_are_refused(query, detail):
    with pytest.raises(Problem) as caught:
        PARAMETERS.check(query)
    assert caught.value.status == 422
    assert caught.value.detail.startswith(detail)


def test_a_long_name_is_shortened():
    with pytest.raises(Problem) as caught:
        PARAMETERS.check(b"x" * 30_000)
    assert len(caught.value.detail) < 250


def test_every_route_refuses_unknown_parameters(service):
    for path, operations in service.get("/openapi.json").json()["paths"].items():
        for method in operations:
            url = path.format(name="mood", version="1")
            send = service.get if method == "get" else service.post
            response = send(f"{url}?tpo=3")
            assert response.status_code == 422, path
            assert response.json()["detail"].startswith("query.tpo: unknown parameter; ")
            assert response.headers["Content-Type"] == "application/problem+json"
    assert service.get("/?utm_source=letter").status_code == 200
    assert service.get("/nowhere?a=1").status_code == 404
