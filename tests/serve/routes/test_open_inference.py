from __future__ import annotations

import base64
import json

import numpy as np
import pytest
import tritonclient.http as triton
from tritonclient.utils import InferenceServerException

from imagemood.models import model_directory


@pytest.fixture(scope="module")
def client(service):
    with triton.InferenceServerClient(service.address.removeprefix("http://")) as connected:
        yield connected


def pictures(contents):
    given = triton.InferInput("image", [len(contents)], "BYTES")
    given.set_data_from_numpy(np.array(contents, dtype=object))
    return given


def test_health_and_metadata(client):
    assert client.is_server_live()
    assert client.is_server_ready()
    assert client.is_model_ready("mood")
    assert client.is_model_ready("mood", "1")
    assert not client.is_model_ready("frown")
    assert client.get_server_metadata()["extensions"] == ["binary_tensor_data"]
    metadata = client.get_model_metadata("classify")
    assert metadata["inputs"] == [{"name": "scores", "datatype": "FP32", "shape": [-1, 1000]}]
    assert metadata["outputs"][0] == {"name": "probabilities", "datatype": "FP64", "shape": [-1, 8]}


@pytest.mark.parametrize("as_bytes", [True, False])
def test_pictures_and_tags(client, cascade, photos, as_bytes):
    expected = [cascade.classify(content) for content in photos.values()]
    outputs = [triton.InferRequestedOutput(name, binary_data=as_bytes) for name in ("labels", "probabilities")]
    answer = client.infer("mood", [pictures(list(photos.values()))], outputs=outputs, request_id="seven")
    assert answer.get_response()["id"] == "seven"
    labels = [name if isinstance(name, str) else name.decode() for name in answer.as_numpy("labels")]
    assert labels == list(cascade.moods.labels)
    found = np.array([result.probabilities for result in expected])
    np.testing.assert_allclose(answer.as_numpy("probabilities"), found, atol=1e-6)
    scores = client.infer("tag", [pictures(list(photos.values()))]).as_numpy("scores")
    np.testing.assert_allclose(scores, np.array([result.scores for result in expected]), atol=1e-6)


@pytest.mark.parametrize("as_bytes", [True, False])
def test_scores_of_tags(client, as_bytes):
    scores = np.random.default_rng(0).dirichlet(np.full(1000, 0.05), size=3).astype(np.float32)
    given = triton.InferInput("scores", [3, 1000], "FP32")
    given.set_data_from_numpy(scores, binary_data=as_bytes)
    answer = client.infer("classify", [given], model_version="1")
    np.testing.assert_allclose(
        answer.as_numpy("probabilities"), model_directory.load("tags").predict(scores), atol=1e-6
    )


def test_what_the_client_is_told_when_it_errs(client):
    for name, given, said in (
        ("frown", pictures([b"x"]), "no model 'frown'"),
        ("mood", pictures([b"x"]), "is no picture in a known format"),
        ("classify", pictures([b"x"]), "'scores'"),
    ):
        with pytest.raises(InferenceServerException, match=said):
            client.infer(name, [given])


def infer(service, request, tail=b"", name="mood", **headers):
    head = json.dumps(request).encode()
    if tail:
        headers["Inference-Header-Content-Length"] = str(len(head))
    return service.post(f"/v2/models/{name}/infer", content=head + tail, headers=headers)


def test_pictures_in_json_are_base64(service, cascade, photos):
    data = [base64.b64encode(photos["coffee.png"]).decode()]
    answer = infer(service, {"inputs": [{"name": "image", "shape": [1], "datatype": "BYTES", "data": data}]})
    outputs = {output["name"]: output for output in answer.json()["outputs"]}
    expected = cascade.classify(photos["coffee.png"]).probabilities
    np.testing.assert_allclose(outputs["probabilities"]["data"], expected, atol=1e-6)
    assert outputs["probabilities"]["shape"] == [1, 8]


def image(**fields):
    return {"inputs": [{"name": "image", "shape": [1], "datatype": "BYTES", **fields}]}


def scores(**fields):
    return {"inputs": [{"name": "scores", "shape": [1, 1000], "datatype": "FP32", **fields}]}


@pytest.mark.parametrize(
    ("name", "request_", "tail", "said"),
    [
        ("mood", {}, b"", "inputs: field required"),
        ("mood", image(), b"", "neither data nor binary_data_size"),
        ("mood", image(data=["%"]), b"", "is no base64"),
        ("mood", image(data=[7]), b"", "does not hold 1 texts"),
        ("mood", image(parameters={"binary_data_size": 9}), b"123", "but 3 bytes are left"),
        ("mood", image(parameters={"binary_data_size": 8}), b"\xff\xff\xff\xff1234", "does not hold 1 elements"),
        ("mood", image(shape=[0], data=[]), b"", "holds no pictures"),
        ("mood", image(shape=[-1], data=[]), b"", "inputs.0.shape.0"),
        ("classify", scores(data=["x"] * 1000), b"", "holds what is no number"),
        ("classify", scores(data=[0.1] * 999), b"", "does not hold 1000 numbers"),
        ("classify", scores(data=[2] * 1000), b"", "holds what is no number from 0 to 1"),
        ("classify", scores(shape=[1000], data=[0] * 1000), b"", "is not of shape (n, 1000)"),
        ("classify", scores(datatype="INT8", data=[0] * 1000), b"", "is INT8"),
        ("mood", {**image(data=["eA=="]), "outputs": [{"name": "joy"}]}, b"", "is no picture"),
    ],
)
def test_what_is_refused(service, name, request_, tail, said):
    answer = infer(service, request_, tail, name)
    assert answer.status_code == 422, answer.text
    assert said in answer.json()["detail"]
    assert answer.json()["error"] == answer.json()["detail"]
