from __future__ import annotations

import re

import pytest

FILES = {
    "/docs": "text/html",
    "/docs/style.css": "text/css",
    "/docs/start.js": "text/javascript",
    "/docs/swagger-ui.css": "text/css",
    "/docs/swagger-ui-bundle.js": "text/javascript",
}


@pytest.mark.parametrize("path", FILES)
def test_the_page_of_the_api_needs_no_token_and_has_the_strict_policy(limited_service, path):
    response = limited_service.get(path)
    assert response.status_code == 200
    assert response.headers["Content-Type"].startswith(FILES[path])
    assert response.headers["Content-Encoding"] == "gzip"
    assert "script-src 'self'; connect-src 'self';" in response.headers["Content-Security-Policy"]
    cached = limited_service.get(path, headers={"If-None-Match": response.headers["ETag"]})
    assert cached.status_code == 304


def test_the_page_of_the_api_requests_only_its_own_files(service):
    page = service.get("/docs").text
    assert set(re.findall(r'(?:src|href)="([^"]+)"', page)) == {
        "data:,",
        "openapi.json",
        *(path.removeprefix("/") for path in FILES if path != "/docs"),
    }


def test_the_document_has_what_clients_need(limited_service):
    document = limited_service.get("/openapi.json").json()
    assert document["servers"][0]["url"] == "./"
    assert document["security"] == [{"token": []}]
    scheme = document["components"]["securitySchemes"]["token"]
    assert (scheme["type"], scheme["scheme"]) == ("http", "bearer")
    operations = [operation for methods in document["paths"].values() for operation in methods.values()]
    identifiers = [operation["operationId"] for operation in operations]
    assert len(set(identifiers)) == len(identifiers)
    assert {tag for operation in operations for tag in operation["tags"]} <= {
        tag["name"] for tag in document["tags"]
    }
    for operation in operations:
        assert {"400", "421", "422"} <= set(operation["responses"])
        for status, response in operation["responses"].items():
            if int(status) >= 400:
                content = response["content"]["application/problem+json"]
                assert content["schema"] == {"$ref": "#/components/schemas/ProblemBody"}
                assert content["example"]["status"] == int(status)


def test_operation_identifiers_are_stable(service):
    """Generated clients have functions with these names."""
    paths = service.get("/openapi.json").json()["paths"]
    found = {
        path: {method: entry["operationId"] for method, entry in methods.items()}
        for path, methods in paths.items()
    }
    expected = {
        "/v1/moods": {"post": "classify_pictures"},
        "/v1/labels": {"get": "get_labels"},
        "/v1/samples": {"get": "list_samples"},
        "/v1/samples/{name}": {"get": "get_sample"},
        "/v1/samples/{name}/thumbnail": {"get": "get_sample_thumbnail"},
        "/model/methods/classify": {"post": "acumos_classify"},
        "/classify": {"post": "acumos_classify_2018"},
        "/v2/models/{name}/infer": {"post": "open_inference_protocol_infer"},
        "/api/v1/vision/labels": {"post": "photoprism_labels"},
        "/healthz": {"get": "operations_healthz"},
    }
    assert {path: found[path] for path in expected} == expected
