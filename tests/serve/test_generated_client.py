"""A client that openapi-python-client generates from the OpenAPI document, and requests with it."""

from __future__ import annotations

import base64
import importlib
import io
import json
import subprocess
import sys

import pytest

from tests.serve.serving import TOKEN

PACKAGE = "generated_mood_client"


@pytest.fixture(scope="module")
def client(limited_service, tmp_path_factory):
    """A function that imports a module of the generated package."""
    folder = tmp_path_factory.mktemp("client")
    (folder / "openapi.json").write_bytes(limited_service.get("/openapi.json").content)
    (folder / "config.json").write_text(json.dumps({"post_hooks": []}))
    command = [
        sys.executable,
        "-m",
        "openapi_python_client",
        "generate",
        "--meta",
        "none",
        "--config",
        "config.json",
    ]
    command += ["--path", "openapi.json", "--output-path", PACKAGE]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(folder)
        yield lambda name: importlib.import_module(f"{PACKAGE}{name}")


@pytest.fixture
def authenticated(client, limited_service):
    with client("").AuthenticatedClient(
        base_url=limited_service.address, token=TOKEN, timeout=60
    ) as authenticated:
        yield authenticated


def test_it_has_a_function_for_each_operation(client, limited_service):
    document = limited_service.get("/openapi.json").json()
    for methods in document["paths"].values():
        for operation in methods.values():
            tag = "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in operation["tags"][0])
            name = f".api.{tag.replace(' ', '').lstrip('_')}.{operation['operationId']}"
            assert callable(client(name).sync_detailed)


def test_it_reads_labels_with_the_token_only(client, authenticated, limited_service):
    get_labels = client(".api.moods.get_labels")
    labels = get_labels.sync(client=authenticated)
    assert {entry.mood for entry in labels.moods} > {"awe", "fear"}
    with client("").Client(base_url=limited_service.address) as without_token:
        refused = get_labels.sync_detailed(client=without_token)
    assert refused.status_code == 401
    assert refused.parsed.detail == "a valid bearer token is required"


def test_it_classifies_pictures_in_json_in_a_form_and_alone(client, authenticated, photos):
    classify, models = client(".api.moods.classify_pictures"), client(".models")
    file = client(".types").File(io.BytesIO(photos["rocket.jpg"]), "rocket.jpg", "image/jpeg")
    encoded = base64.b64encode(photos["rocket.jpg"]).decode()
    request = models.ClassifyPicturesJsonMoodsRequest.from_dict({"images": [{"name": "a", "base64": encoded}]})
    form = models.ClassifyPicturesFilesBody(image=[file])
    responses = []
    for body in (request, form, file):
        file.payload.seek(0)
        responses.append(classify.sync(client=authenticated, body=body, top=2, tags=1))
    moods = [response.results[0].moods.to_dict() for response in responses]
    assert moods[0] == moods[1] == moods[2]
    assert len(moods[0]) == 2
    assert [response.results[0].image for response in responses] == ["a", "rocket.jpg", "image"]


def test_errors_are_problems(client, authenticated):
    classify = client(".api.moods.classify_pictures")
    file = client(".types").File(io.BytesIO(b"no picture"))
    response = classify.sync_detailed(client=authenticated, body=file)
    assert (response.status_code, response.parsed.status) == (422, 422)
    assert response.parsed.title == "Unprocessable Entity"
