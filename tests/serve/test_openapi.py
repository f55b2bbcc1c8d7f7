"""Tests of the running service against its OpenAPI document."""

from __future__ import annotations

from pathlib import Path

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis.config import SchemathesisConfig

ROUTES = {
    "/v1/labels": "GET",
    "/v1/preview": "POST",
    "/v1/moods": "POST",
    "/v1/moods/stream": "POST",
    "/v1/samples": "GET",
    "/v1/samples/{name}": "GET",
    "/v1/samples/{name}/thumbnail": "GET",
    "/model/methods/tag": "POST",
    "/model/methods/classify": "POST",
    "/model/methods/mood": "POST",
    "/classify": "POST",
    "/model/artifacts/metadata": "GET",
    "/model/artifacts/protobuf": "GET",
    "/model/artifacts/license": "GET",
    "/api/v1/vision/labels": "POST",
    "/api/v1/vision/labels/{name}/{version}": "POST",
    "/v2": "GET",
    "/v2/health/live": "GET",
    "/v2/health/ready": "GET",
    "/v2/repository/index": "POST",
    "/v2/models/stats": "GET",
    "/v2/models/{name}": "GET",
    "/v2/models/{name}/ready": "GET",
    "/v2/models/{name}/config": "GET",
    "/v2/models/{name}/stats": "GET",
    "/v2/models/{name}/infer": "POST",
    "/v2/models/{name}/versions/{version}": "GET",
    "/v2/models/{name}/versions/{version}/ready": "GET",
    "/v2/models/{name}/versions/{version}/config": "GET",
    "/v2/models/{name}/versions/{version}/stats": "GET",
    "/v2/models/{name}/versions/{version}/infer": "POST",
    "/healthz": "GET",
    "/readyz": "GET",
    "/metrics": "GET",
}


@pytest.fixture(scope="module")
def document(service):
    return schemathesis.openapi.from_url(f"{service.address}/openapi.json", config=SchemathesisConfig())


@pytest.mark.parametrize("path", ROUTES)
def test_each_route_conforms_to_the_document(document, path):
    @settings(max_examples=12, suppress_health_check=list(HealthCheck))
    @given(case=document[path][ROUTES[path]].as_strategy())
    def conforms(case):
        # A schema cannot require that bytes are a picture, so requests that conform to it may be refused.
        excluded = [schemathesis.checks.CHECKS.get_one("positive_data_acceptance")]
        case.call_and_validate(timeout=30, excluded_checks=excluded)

    conforms()


def test_every_route_is_in_the_document(service):
    document = service.get("/openapi.json").json()
    assert {path: next(iter(methods)).upper() for path, methods in document["paths"].items()} == ROUTES
    for path, methods in document["paths"].items():
        for method in methods.values():
            assert method["summary"], path


def test_every_route_and_parameter_is_in_the_documentation(service):
    text = (Path(__file__).parents[2] / "docs" / "service.md").read_text("utf-8")
    for path, methods in service.get("/openapi.json").json()["paths"].items():
        assert f"{path}`" in text, path
        for method in methods.values():
            for parameter in method.get("parameters", []):
                assert parameter["in"] == "path" or f"`{parameter['name']}=" in text, parameter["name"]


def test_the_examples_of_the_document_are_valid_requests(service):
    document = service.get("/openapi.json").json()
    n_examples = 0
    for path, methods in document["paths"].items():
        content = methods.get("post", {}).get("requestBody", {}).get("content", {}).get("application/json", {})
        example = content.get("example", content.get("schema", {}).get("example"))
        if example is None:
            continue
        n_examples += 1
        assert service.post(path.format(name="mood", version="1"), json=example).status_code == 200, path
    assert n_examples == 9
