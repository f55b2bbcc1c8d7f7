from __future__ import annotations

import base64
import json
import time
from urllib.parse import quote

import numpy as np
import pytest
import tritonclient.http as triton
from tritonclient.utils import InferenceServerException

from imagemood.models import model_directory
from imagemood.serve.inference_models import InferenceModels
from imagemood.serve.problems import Problem
from imagemood.serve.schemas.openapi import PNG_BASE64


@pytest.fixture(scope="module")
def client(service):
    with triton.InferenceServerClient(service.address.removeprefix("http://")) as connected:
        yield connected


def pictures_input(contents):
    tensor = triton.InferInput("image", [len(contents)], "BYTES")
    tensor.set_data_from_numpy(np.array(contents, dtype=object))
    return tensor


def test_health_and_metadata(client):
    assert client.is_server_live()
    assert client.is_server_ready()
    assert client.is_model_ready("mood")
    assert client.is_model_ready("mood", "1")
    assert not client.is_model_ready("frown")
    assert not client.is_model_ready("mood", "2")
    extensions = ["binary_tensor_data", "model_configuration", "statistics"]
    assert client.get_server_metadata()["extensions"] == extensions
    metadata = client.get_model_metadata("classify")
    assert metadata["inputs"] == [{"name": "scores", "datatype": "FP32", "shape": [-1, 1000]}]
    assert metadata["outputs"][0] == {"name": "probabilities", "datatype": "FP64", "shape": [-1, 8]}
    assert client.get_model_metadata("classify", "1") == metadata
    metadata = client.get_model_metadata("tag")
    assert metadata["inputs"] == [{"name": "image", "datatype": "BYTES", "shape": [-1]}]
    assert [output["shape"] for output in metadata["outputs"]] == [[-1, 1000], [1000]]


@pytest.mark.parametrize("binary", [True, False])
def test_pictures_and_tags(client, cascade, photos, binary):
    expected = [cascade.classify(content) for content in photos.values()]
    outputs = [triton.InferRequestedOutput(name, binary_data=binary) for name in ("labels", "probabilities")]
    response = client.infer("mood", [pictures_input(list(photos.values()))], outputs=outputs, request_id="seven")
    assert response.get_response()["id"] == "seven"
    labels = [name if isinstance(name, str) else name.decode() for name in response.as_numpy("labels")]
    assert labels == list(cascade.mood_classifier.labels)
    found = np.array([result.probabilities for result in expected])
    np.testing.assert_allclose(response.as_numpy("probabilities"), found, atol=1e-6)
    scores = client.infer("tag", [pictures_input(list(photos.values()))]).as_numpy("scores")
    np.testing.assert_allclose(scores, np.array([result.scores for result in expected]), atol=1e-6)


@pytest.mark.parametrize("binary", [True, False])
def test_scores_of_tags(client, binary):
    scores = np.random.default_rng(0).dirichlet(np.full(1000, 0.05), size=3).astype(np.float32)
    tensor = triton.InferInput("scores", [3, 1000], "FP32")
    tensor.set_data_from_numpy(scores, binary_data=binary)
    response = client.infer("classify", [tensor], model_version="1")
    expected = model_directory.load("tags").predict(scores)
    np.testing.assert_allclose(response.as_numpy("probabilities"), expected, atol=1e-6)


def test_configurations_and_the_index_of_the_models(client):
    config = client.get_model_config("tag")
    assert config["max_batch_size"] == 0  # the shapes include the number of pictures
    assert config["input"] == [{"name": "image", "data_type": "TYPE_STRING", "dims": [-1]}]
    assert config["output"] == [
        {"name": "scores", "data_type": "TYPE_FP32", "dims": [-1, 1000]},
        {"name": "labels", "data_type": "TYPE_STRING", "dims": [1000]},
    ]
    assert client.get_model_config("tag", "1") == config
    index = client.get_model_repository_index()
    assert index == [
        {"name": name, "version": "1", "state": "READY", "reason": ""} for name in ("mood", "tag", "classify")
    ]


def test_the_index_while_no_model_is_ready(local_service):
    models = InferenceModels(local_service)
    assert {entry["state"] for entry in models.index(only_ready=False)} == {"UNAVAILABLE"}
    assert models.index(only_ready=True) == []
    with pytest.raises(Problem, match="the service is starting or stopping"):
        models.readiness("mood", "1")


def statistics_of(client, name):
    (entry,) = client.get_inference_statistics(name, "1")["model_stats"]
    counts = {key: value["count"] for key, value in entry["inference_stats"].items()}
    return entry, counts


def test_statistics_count_requests_and_their_pictures(client, photos):
    before, counts_before = statistics_of(client, "mood")
    start = time.time()
    client.infer("mood", [pictures_input(list(photos.values()))])
    with pytest.raises(InferenceServerException):
        client.infer("mood", [pictures_input([b"x"])])
    after, counts = statistics_of(client, "mood")
    assert after["inference_count"] - before["inference_count"] == len(photos)
    assert after["execution_count"] - before["execution_count"] == 1
    assert {key for key in counts if counts[key] > counts_before[key]} == {
        "success", "fail", "compute_input", "compute_infer", "compute_output",
    }  # fmt: skip
    assert abs(after["last_inference"] / 1000 - start) < 60
    stats = after["inference_stats"]
    parts = [stats[key]["ns"] for key in ("compute_input", "compute_infer", "compute_output")]
    assert min(parts) > 0
    assert stats["success"]["ns"] == pytest.approx(sum(parts), abs=10)
    assert client.get_inference_statistics("mood")["model_stats"] == [after]
    everything = client.get_inference_statistics()["model_stats"]
    assert [entry["name"] for entry in everything] == ["mood", "tag", "classify"]
    assert everything[0] == after


@pytest.mark.parametrize("algorithm", ["gzip", "deflate"])
def test_compressed_requests_and_responses(client, service, photos, algorithm):
    pictures = [pictures_input(list(photos.values()))]
    expected = client.infer("tag", pictures).as_numpy("scores")
    response = client.infer(
        "tag",
        pictures,
        request_compression_algorithm=algorithm,
        response_compression_algorithm=algorithm,
        request_id="seven",
    )
    assert response.get_response()["id"] == "seven"
    np.testing.assert_array_equal(response.as_numpy("scores"), expected)
    tensor = triton.InferInput("scores", [1, 1000], "FP32")
    tensor.set_data_from_numpy(expected[:1])
    moods = client.infer("classify", [tensor], request_compression_algorithm=algorithm)
    np.testing.assert_array_equal(
        moods.as_numpy("probabilities"), client.infer("classify", [tensor]).as_numpy("probabilities")
    )
    data = [base64.b64encode(photos["coffee.png"]).decode()]
    request = {"inputs": [{"name": "image", "shape": [1], "datatype": "BYTES", "data": data}]}
    answer = infer(service, request, name="tag", **{"Accept-Encoding": algorithm})
    assert answer.headers["content-encoding"] == algorithm
    assert "Accept-Encoding" in answer.headers["vary"]


def test_the_client_gets_the_error_messages(client):
    for name, tensor, message in (
        ("frown", pictures_input([b"x"]), "no model 'frown' with version 1; the models are mood, tag, classify"),
        ("mood", pictures_input([b"x"]), "image 0: "),
        ("classify", pictures_input([b"x"]), "the model has one input, 'scores', not image"),
    ):
        with pytest.raises(InferenceServerException, match=message):
            client.infer(name, [tensor])
    for request in (client.get_model_metadata, client.get_model_config, client.get_inference_statistics):
        for name, version in (("frown", ""), ("mood", "2")):
            with pytest.raises(
                InferenceServerException, match=f"no model '{name}' with version .; the models are"
            ):
                request(name, version)
    with pytest.raises(InferenceServerException, match="no such route"):
        client.unload_model("mood")


def infer(service, request, tail=b"", name="mood", **headers):
    head = json.dumps(request).encode()
    if tail:
        headers["Inference-Header-Content-Length"] = str(len(head))
    return service.post(f"/v2/models/{name}/infer", content=head + tail, headers=headers)


def test_pictures_in_json_are_base64(service, cascade, photos):
    data = [base64.b64encode(photos["coffee.png"]).decode()]
    response = infer(service, {"inputs": [{"name": "image", "shape": [1], "datatype": "BYTES", "data": data}]})
    outputs = {output["name"]: output for output in response.json()["outputs"]}
    expected = cascade.classify(photos["coffee.png"]).probabilities
    np.testing.assert_allclose(outputs["probabilities"]["data"], expected, atol=1e-6)
    assert outputs["probabilities"]["shape"] == [1, 8]


@pytest.mark.parametrize("is_binary", [False, True], ids=["json", "binary"])
def test_data_urls_are_decoded_in_json_and_in_binary_data(client, cascade, photos, is_binary):
    """The client sends the same array of text in both forms."""
    content = photos["coffee.png"]
    encoded = base64.b64encode(content).decode()
    addresses = [
        f"data:image/png;base64,{encoded}",
        f' "DATA:;base64,{quote(encoded)}"\n',
        f"data:application/octet-stream,{quote(base64.b64decode(PNG_BASE64))}",
    ]
    tensor = triton.InferInput("image", [3], "BYTES")
    tensor.set_data_from_numpy(np.array(addresses, dtype=object), binary_data=is_binary)
    found = client.infer("mood", [tensor]).as_numpy("probabilities")
    files = [content, content, base64.b64decode(PNG_BASE64)]
    np.testing.assert_allclose(found, [cascade.classify(file).probabilities for file in files], atol=1e-6)


def test_base64_in_json_may_have_lines(service, photos):
    data = [base64.encodebytes(photos["coffee.png"]).decode()]
    response = infer(service, {"inputs": [{"name": "image", "shape": [1], "datatype": "BYTES", "data": data}]})
    assert response.status_code == 200


def image(**fields):
    return {"inputs": [{"name": "image", "shape": [1], "datatype": "BYTES", **fields}]}


def scores(**fields):
    return {"inputs": [{"name": "scores", "shape": [1, 1000], "datatype": "FP32", **fields}]}


@pytest.mark.parametrize(
    ("name", "request_", "tail", "status", "message"),
    [
        ("mood", {}, b"", 422, "inputs: field required"),
        ("mood", image(), b"", 422, "neither data nor binary_data_size"),
        ("mood", image(parameters={"binary_data_size": 9}), b"123", 422, "but 3 bytes are left in the body"),
        ("mood", image(shape=[0], data=[]), b"", 422, "the request contains no pictures"),
        ("mood", image(shape=[33], data=["eA=="] * 33), b"", 413, "has 33 pictures; the limit is 32"),
        ("mood", image(data=["data:text/html,hello"]), b"", 422, "image 0: a data URL of the type text/html, not"),
        ("mood", image(datatype="FP32", data=[1]), b"", 422, "'image' must have the datatype BYTES"),
        ("mood", scores(data=[0] * 1000), b"", 422, "the model has one input, 'image', not scores"),
        ("classify", scores(data=[2] * 1000), b"", 422, "contains a value that is not a number from 0 to 1"),
        ("classify", scores(data=[float("nan")] * 1000), b"", 422, "not a number from 0 to 1"),
        ("classify", scores(shape=[1000], data=[0] * 1000), b"", 422, "must have the shape (n, 1000)"),
        ("classify", scores(shape=[0, 1000], data=[]), b"", 422, "has 0 rows, not 1 to 4096"),
        ("classify", scores(shape=[1], datatype="BYTES", data=["eA=="]), b"", 422, "must have the shape"),
        ("classify", scores(datatype="INT8", data=[0] * 1000), b"", 422, "the unsupported datatype INT8"),
        ("mood", {**image(data=["eA=="]), "outputs": [{"name": "joy"}]}, b"", 422, "image 0: "),
        ("classify", {**scores(data=[0] * 1000), "outputs": [{"name": "joy"}]}, b"", 422, "no output 'joy'"),
    ],
)
def test_invalid_requests_are_refused(service, name, request_, tail, status, message):
    response = infer(service, request_, tail, name)
    assert response.status_code == status, response.text
    assert message in response.json()["detail"]
    assert response.json()["error"] == response.json()["detail"]
