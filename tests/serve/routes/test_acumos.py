from __future__ import annotations

import base64
import http.server
import json
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pytest

from imagemood import tables
from imagemood.acumos.dump import BundleOptions, dump
from imagemood.models import model_directory
from imagemood.serve.app import create_app
from imagemood.serve.settings import Settings
from imagemood.tables.messages_pb2 import Image, ImageTagSet
from tests.acumos import official_runner
from tests.serve.serving import JSON, PROTOBUF, in_process, send_to, serving

ROOT = Path(__file__).parents[3]


def call(service, method, body, content_type=PROTOBUF, accept=PROTOBUF):
    path = f"/model/methods/{method}" if not method.startswith("/") else method
    response = service.post(path, content=body, headers={"Content-Type": content_type, "Accept": accept})
    assert response.status_code == 200, response.text
    assert response.headers["Content-Type"] == accept
    return response.content


def rows_of(content):
    return [(row.image, row.tag, row.score) for row in ImageTagSet.FromString(content).ImageTags]


def rows_of_json(content):
    return [(int(row["image"]), row["tag"], row["score"]) for row in json.loads(content)["ImageTags"]]


def assert_same(rows, expected):
    assert [row[:2] for row in rows] == [row[:2] for row in expected]
    np.testing.assert_allclose([row[2] for row in rows], [row[2] for row in expected], atol=1e-6)


def test_tag_rows_in_each_format_get_the_moods_of_the_classifier(service, numbered_tags):
    columns = model_directory.load("tags").predict_rows(numbered_tags).rows.table.to_pydict()
    expected = list(zip(*columns.values(), strict=True))
    protobuf = tables.encode(numbered_tags.table, "protobuf")
    text = json.dumps({"ImageTags": numbered_tags.table.to_pylist()}).encode()
    quoted = json.dumps(
        {"ImageTags": [{**row, "image": str(row["image"])} for row in numbered_tags.table.to_pylist()]}
    )
    for method in ("classify", "/classify"):
        for body, media_type in ((protobuf, PROTOBUF), (text, JSON), (quoted.encode(), JSON)):
            assert_same(rows_of(call(service, method, body, media_type)), expected)
            assert_same(rows_of_json(call(service, method, body, media_type, JSON)), expected)
    response = service.post("/classify", content=protobuf, headers={"Content-Type": PROTOBUF})
    assert response.headers["X-Unknown-Tag-Rows"] == "2"
    assert response.headers["Content-Type"] == PROTOBUF


def test_other_names_of_protobuf_are_accepted(service):
    for name in ("application/x-protobuf", "application/octet-stream"):
        response = service.post("/classify", content=b"", headers={"Content-Type": name, "Accept": name})
        assert (response.status_code, response.content) == (200, b"")


def test_unusual_json_is_read_as_protobuf_reads_it(service):
    unusual = b'{"ImageTags": [{"tag": "volcano", "score": "1"}]}'
    usual = b'{"ImageTags": [{"image": 0, "tag": "volcano", "score": 1.0}]}'
    assert call(service, "classify", unusual, JSON) == call(service, "classify", usual, JSON)


def test_a_picture_gets_its_tags_and_its_moods(service, cascade, photos):
    for content in photos.values():
        expected = cascade.classify(content)
        message = Image(mime_type="image/png", image_binary=content).SerializeToString()
        text = json.dumps({"mime_type": "", "image_binary": base64.b64encode(content).decode()}).encode()
        for body, media_type in ((message, PROTOBUF), (text, JSON)):
            tags = [(0, tag, score) for tag, score in expected.tags.items()]
            assert_same(rows_of(call(service, "tag", body, media_type)), tags)
            moods = [(0, mood, probability) for mood, probability in expected.moods.items()]
            assert_same(rows_of(call(service, "mood", body, media_type)), moods)


def test_the_response_of_one_method_is_the_request_of_another(service, photos):
    message = Image(image_binary=photos["rocket.jpg"]).SerializeToString()
    moods = call(service, "classify", call(service, "tag", message))
    assert sum(score for _, _, score in rows_of(moods)) == pytest.approx(1)


ORIGIN = "https://friend.example"  # the service of these tests is started with --cors for it
PAGE_OF_2018 = {"Content-Type": "text/plain;charset=UTF-8", "Accept": "*/*", "Origin": ORIGIN}


@pytest.mark.parametrize("path", ["/classify", "/model/methods/classify", "/model/methods/mood"])
@pytest.mark.parametrize("mime_type", ["image/jpeg", "image/png", ""])
def test_the_page_of_2018_sends_a_picture_and_gets_moods(service, cascade, photos, path, mime_type):
    content = photos["rocket.jpg"]
    message = Image(mime_type=mime_type, image_binary=content).SerializeToString()
    response = service.post(path, content=message, headers=PAGE_OF_2018)
    assert response.status_code == 200
    assert response.headers["Content-Type"] == PROTOBUF
    assert response.headers["Access-Control-Allow-Origin"] == ORIGIN
    moods = [(0, mood, probability) for mood, probability in cascade.classify(content).moods.items()]
    assert_same(rows_of(response.content), moods)


def test_the_page_of_2018_gets_tags_and_sends_them_back(service, photos):
    message = Image(mime_type="image/jpeg", image_binary=photos["rocket.jpg"]).SerializeToString()
    tags = service.post("/model/methods/tag", content=message, headers=PAGE_OF_2018).content
    assert len(rows_of(tags)) == 1000
    moods = service.post("/classify", content=tags, headers=PAGE_OF_2018).content
    assert moods == call(service, "classify", tags)


def test_errors_for_the_page_of_2018_allow_its_origin_too(service):
    message = Image(mime_type="image/jpeg", image_binary=b"not a picture").SerializeToString()
    response = service.post("/classify", content=message, headers=PAGE_OF_2018)
    assert response.status_code == 422
    assert response.headers["Access-Control-Allow-Origin"] == ORIGIN
    other = service.post("/classify", content=message, headers={**PAGE_OF_2018, "Origin": "https://other.example"})
    assert "Access-Control-Allow-Origin" not in other.headers


def test_a_runner_of_2018_forwards_tag_rows_without_a_media_type(service, numbered_tags):
    rows = tables.encode(numbered_tags.table, "protobuf")
    assert service.post("/classify", content=rows).content == call(service, "classify", rows)


def test_json_of_an_unspecific_media_type_gets_json(service, photos):
    rows = b' {"ImageTags": [{"image": "0", "tag": "volcano", "score": 1.0}]}\n'
    picture = json.dumps({"image_binary": base64.b64encode(photos["rocket.jpg"]).decode()}).encode()
    for body in (rows, picture):
        response = service.post("/classify", content=body, headers={"Content-Type": "text/plain"})
        assert response.headers["Content-Type"] == JSON
        assert rows_of_json(response.content) == rows_of_json(call(service, "classify", body, JSON, JSON))


def test_protoc_reads_the_responses(service, photos, tmp_path):
    (tmp_path / "served.proto").write_text(service.get("/model/artifacts/protobuf").text)
    protoc = [sys.executable, "-m", "grpc_tools.protoc", "-I", tmp_path, tmp_path / "served.proto"]
    escaped = "".join(f"\\{byte:03o}" for byte in photos["rocket.jpg"])
    request = f'mime_type: "image/jpeg"\nimage_binary: "{escaped}"\n'
    encode = [*protoc, "--encode=imagemood.Image"]
    body = subprocess.run(encode, input=request.encode(), capture_output=True, check=True).stdout
    response = call(service, "mood", body)
    decode = [*protoc, "--decode=imagemood.ImageTagSet"]
    text = subprocess.run(decode, input=response, capture_output=True, check=True).stdout.decode()
    assert text.count("ImageTags {") == 8
    assert text.count('tag: "') == 8
    assert f'tag: "{rows_of(response)[0][1]}"' in text


def test_artifacts(service):
    metadata = service.get("/model/artifacts/metadata").json()
    assert metadata["schema"] == "acumos.schema.model:0.6.0"
    assert set(metadata["methods"]) == {"tag", "classify", "mood"}
    assert metadata["methods"]["classify"]["input"]["name"] == "ImageTagSet"
    assert metadata["methods"]["mood"]["description"] == "Classify a picture."
    assert service.get("/model/artifacts/protobuf").text == (ROOT / "proto" / "imagemood.proto").read_text()
    assert service.get("/model/artifacts/license").json() == {"license": "Apache-2.0"}


@pytest.mark.parametrize(
    ("body", "headers", "status", "message"),
    [
        (b"\xff\xff", {"Content-Type": PROTOBUF}, 422, "the body is not a valid ImageTagSet message: "),
        (b"{", {"Content-Type": JSON}, 422, "the body is not a valid ImageTagSet message in JSON: "),
        (b'{"ImageTags": [{"image": 9223372036854775808}]}', {"Content-Type": JSON}, 422, "in JSON"),
        (b"[" * 100_000, {"Content-Type": JSON}, 422, "in JSON"),
        (b'{"ImageTags": [{"tag": "pier", "score": 2}]}', {"Content-Type": JSON}, 422, "row 1, field 'score'"),
        (b'{"ImageTags": [{"tag": "pier", "score": "NaN"}]}', {"Content-Type": JSON}, 422, "field 'score'"),
        (b'{"ImageTags": [{"image": 1, "score": 1}]}', {"Content-Type": JSON}, 422, "field 'tag'"),
        (b"", {"Content-Type": "text/csv"}, 415, "unsupported Content-Type: text/csv; send "),
        (b"\xff\xff", {"Content-Type": "text/plain"}, 422, "the body is not a valid ImageTagSet message: "),
        (b"\xff\xff", {}, 422, "the body is not a valid ImageTagSet message: "),
        (b'{"image_binary": 7}', {"Content-Type": "text/plain"}, 422, "not a valid ImageTagSet message in JSON: "),
        (b"", {"Content-Type": "text/plain", "Accept": "text/csv"}, 406, "unsupported Accept: text/csv"),
        (b"", {"Content-Type": PROTOBUF, "Accept": "text/csv"}, 406, "unsupported Accept: text/csv"),
    ],
)
def test_invalid_tag_rows_are_refused(service, body, headers, status, message):
    response = service.post("/model/methods/classify", content=body, headers=headers)
    assert response.status_code == status
    assert message in response.json()["detail"]


@pytest.mark.parametrize("method", ["tag", "mood"])
@pytest.mark.parametrize(
    ("body", "headers", "status", "message"),
    [
        (b"", {"Content-Type": PROTOBUF}, 422, "image: "),
        (b"\xff", {"Content-Type": PROTOBUF}, 422, "the body is not a valid Image message: "),
        (b'{"image_binary": 7}', {"Content-Type": JSON}, 422, "the body is not a valid Image message in JSON: "),
        (b"\xff", {"Content-Type": "text/plain"}, 422, "the body is not a valid Image message: "),
        (b"", {"Content-Type": "image/png"}, 415, "unsupported Content-Type: image/png"),
    ],
)
def test_invalid_pictures_are_refused(service, method, body, headers, status, message):
    response = service.post(f"/model/methods/{method}", content=body, headers=headers)
    assert response.status_code == status
    assert message in response.json()["detail"]


def test_tag_rows_of_too_many_images_are_refused_before_they_fill_memory(service):
    rows = ImageTagSet(ImageTags=[{"image": i, "tag": "pier", "score": 1} for i in range(5000)])
    response = service.post("/classify", content=rows.SerializeToString(), headers={"Content-Type": PROTOBUF})
    assert response.status_code == 422
    assert "more than 4,096 images" in response.json()["detail"]


def test_a_request_of_tag_rows_has_a_limit_of_its_own(service):
    response = service.post("/classify", content=bytes(8_000_001), headers={"Content-Type": PROTOBUF})
    assert response.status_code == 413
    assert response.json()["detail"] == "the body is larger than 8,000,000 bytes"


@pytest.mark.long
def test_the_official_runner_gives_the_same_responses_with_the_same_bundle(numbered_tags, photos, tmp_path):
    python = official_runner.find_python()
    if python is None:
        pytest.skip("no Python 3.9 found for the official runner: set PYTHON39")
    environment = official_runner.environment(python)
    dump(tmp_path / "moods")
    dump(tmp_path / "cascade", options=BundleOptions(kind="cascade"))
    rows = tables.encode(numbered_tags.table, "protobuf")
    picture = Image(mime_type="image/jpeg", image_binary=photos["rocket.jpg"]).SerializeToString()
    for kind, method, body in (("moods", "classify", rows), ("cascade", "mood", picture)):
        with official_runner.serving(environment, tmp_path / kind) as theirs:
            expected = rows_of(official_runner.post(theirs, body))
        assert len(expected) in (8, 32)
        app = create_app(Settings(model=str(tmp_path / kind)))
        response = send_to(
            app, "POST", f"/model/methods/{method}", content=body, headers={"Content-Type": PROTOBUF}
        )
        assert response.status_code == 200
        assert_same(rows_of(response.content), expected)


class InvalidService(http.server.BaseHTTPRequestHandler):
    """A service whose responses are not valid ImageTagSet messages."""

    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"\xff\xff")

    def log_message(self, *arguments):
        pass


def test_an_invalid_response_of_a_downstream_service_is_a_bad_gateway_error():
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), InvalidService) as invalid:
        thread = threading.Thread(target=invalid.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        address = f"http://127.0.0.1:{invalid.server_address[1]}/"
        with in_process(create_app(Settings(downstream={"classify": [address]}))) as send:
            headers = {"Content-Type": PROTOBUF, "Accept": JSON}
            response = send("POST", "/classify", content=b"", headers=headers)
        invalid.shutdown()
        thread.join()
    assert response.status_code == 502
    assert "invalid response of the downstream service: the body is not a valid" in response.json()["detail"]


def test_responses_are_forwarded_to_the_next_service(service, photos, tmp_path):
    """With the runtime.json of 2018, a request for tags returns moods."""
    (tmp_path / "runtime.json").write_text(json.dumps({"downstream": [f"{service.address}/classify"]}))
    message = Image(image_binary=photos["rocket.jpg"]).SerializeToString()
    expected = rows_of(call(service, "classify", call(service, "tag", message)))
    with serving(tmp_path, "--allow-urls") as forwarding:
        assert_same(rows_of(call(forwarding, "tag", message)), expected)
        assert_same(rows_of_json(call(forwarding, "tag", message, accept=JSON)), expected)
        assert len(rows_of(call(forwarding, "mood", message))) == 8
        response = forwarding.post("/v1/moods", json={"images": [{"url": f"{service.address}/v1/samples"}]})
        assert response.status_code == 422
        assert "resolves to an address that is not public" in response.json()["detail"]


@pytest.fixture(scope="module")
def failing_forwarder(service):
    """A function that sends requests to an application whose downstream services are down or refuse requests."""
    downstream = {
        "classify": ["http://127.0.0.1:9/classify"],
        "tag": [f"{service.address}/healthz"],
        "mood": [f"{service.address}/v1/moods"],
    }
    with in_process(create_app(Settings(downstream=downstream))) as send:
        yield send


@pytest.mark.parametrize(
    ("path", "detail"),
    [
        ("/classify", "cannot reach the downstream service"),
        ("/model/methods/tag", "the downstream service responded 405 Method Not Allowed"),
        ("/model/methods/mood", "the downstream service responded 415 Unsupported Media Type"),
    ],
)
def test_failures_of_the_next_service_are_reported(failing_forwarder, photos, path, detail):
    content = b"" if path == "/classify" else Image(image_binary=photos["rocket.jpg"]).SerializeToString()
    response = failing_forwarder("POST", path, content=content, headers={"Content-Type": PROTOBUF})
    assert response.status_code == 502
    assert detail in response.json()["detail"]


def test_a_forwarded_request_is_not_forwarded_again(failing_forwarder):
    headers = {"Content-Type": PROTOBUF, "Via": "1.1 imagemood"}
    assert failing_forwarder("POST", "/classify", content=b"", headers=headers).status_code == 200
