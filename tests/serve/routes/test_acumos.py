from __future__ import annotations

import base64
import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from imagemood import tables
from imagemood.acumos.dump import BundleOptions, dump
from imagemood.models import model_directory
from imagemood.models.tagger import Tagger
from imagemood.tables.messages_pb2 import Image, ImageTagSet
from imagemood.tables.tag_set import TagSet
from tests.acumos import official_runner
from tests.serve.serving import PROTOBUF, serving

ROOT = Path(__file__).parents[3]
JSON = "application/json"


@pytest.fixture(scope="module")
def tags():
    """Tag rows of three images, with one tag twice and one that no model knows."""
    scores = np.random.default_rng(0).dirichlet(np.full(1000, 0.02), size=3).astype(np.float32)
    rows = TagSet.from_matrix(scores, [40, 7, 12], Tagger.load().labels, n_top=50).table.to_pydict()
    extra = ([7, 7, 99], ["volcano", "yeti", "yeti"], [0.01, 0.5, 1.0])
    return TagSet.from_rows(*(column + list(more) for column, more in zip(rows.values(), extra, strict=True)))


def ask(served, method, body, content_type=PROTOBUF, accept=PROTOBUF):
    path = f"/model/methods/{method}" if not method.startswith("/") else method
    answer = served.post(path, content=body, headers={"Content-Type": content_type, "Accept": accept})
    assert answer.status_code == 200, answer.text
    assert answer.headers["Content-Type"] == accept
    return answer.content


def rows_of(content):
    return [(row.image, row.tag, row.score) for row in ImageTagSet.FromString(content).ImageTags]


def assert_same(rows, expected):
    assert [row[:2] for row in rows] == [row[:2] for row in expected]
    np.testing.assert_allclose([row[2] for row in rows], [row[2] for row in expected], atol=1e-6)


def test_tag_rows_in_each_format_get_the_moods_of_the_classifier(service, tags):
    columns = model_directory.load("tags").predict_rows(tags).rows.table.to_pydict()
    expected = list(zip(*columns.values(), strict=True))
    protobuf = tables.encode(tags.table, "protobuf")
    text = json.dumps({"ImageTags": tags.table.to_pylist()}).encode()
    quoted = json.dumps({"ImageTags": [{**row, "image": str(row["image"])} for row in tags.table.to_pylist()]})
    for method in ("classify", "/classify"):
        for body, kind in ((protobuf, PROTOBUF), (text, JSON), (quoted.encode(), JSON)):
            assert_same(rows_of(ask(service, method, body, kind)), expected)
            answer = json.loads(ask(service, method, body, kind, JSON))["ImageTags"]
            assert_same([(int(row["image"]), row["tag"], row["score"]) for row in answer], expected)
    told = service.post("/classify", content=protobuf, headers={"Content-Type": PROTOBUF})
    assert told.headers["X-Unknown-Tag-Rows"] == "2"
    assert told.headers["Content-Type"] == PROTOBUF


def test_names_of_protobuf_that_others_use(service):
    for name in ("application/x-protobuf", "application/octet-stream"):
        answer = service.post("/classify", content=b"", headers={"Content-Type": name, "Accept": name})
        assert (answer.status_code, answer.content) == (200, b"")


def test_json_as_protobuf_reads_it_though_it_is_odd(service):
    odd = b'{"imageTags": [], "ImageTags": [{"tag": "volcano", "score": "1"}]}'
    plain = b'{"ImageTags": [{"image": 0, "tag": "volcano", "score": 1.0}]}'
    odd = odd.replace(b'"imageTags": [], ', b"")
    assert ask(service, "classify", odd, JSON) == ask(service, "classify", plain, JSON)


def test_a_picture_gets_its_tags_and_its_moods(service, cascade, photos):
    for content in photos.values():
        expected = cascade.classify(content)
        message = Image(mime_type="image/png", image_binary=content).SerializeToString()
        text = json.dumps({"mime_type": "", "image_binary": base64.b64encode(content).decode()}).encode()
        for body, kind in ((message, PROTOBUF), (text, JSON)):
            assert_same(rows_of(ask(service, "tag", body, kind)), [(0, t, s) for t, s in expected.tags.items()])
            assert_same(rows_of(ask(service, "mood", body, kind)), [(0, m, p) for m, p in expected.moods.items()])


def test_the_answer_of_one_method_is_the_request_of_another(service, photos):
    message = Image(image_binary=photos["rocket.jpg"]).SerializeToString()
    moods = ask(service, "classify", ask(service, "tag", message))
    assert sum(score for _, _, score in rows_of(moods)) == pytest.approx(1)


def test_protoc_reads_what_is_served(service, photos, tmp_path):
    (tmp_path / "served.proto").write_text(service.get("/model/artifacts/protobuf").text)
    protoc = [sys.executable, "-m", "grpc_tools.protoc", "-I", tmp_path, tmp_path / "served.proto"]
    escaped = "".join(f"\\{byte:03o}" for byte in photos["rocket.jpg"])
    request = f'mime_type: "image/jpeg"\nimage_binary: "{escaped}"\n'
    encode = [*protoc, "--encode=imagemood.Image"]
    body = subprocess.run(encode, input=request.encode(), capture_output=True, check=True).stdout
    answer = ask(service, "mood", body)
    decode = [*protoc, "--decode=imagemood.ImageTagSet"]
    text = subprocess.run(decode, input=answer, capture_output=True, check=True).stdout.decode()
    assert text.count("ImageTags {") == 8
    assert text.count('tag: "') == 8
    assert f'tag: "{rows_of(answer)[0][1]}"' in text


def test_artifacts(service):
    metadata = service.get("/model/artifacts/metadata").json()
    assert metadata["schema"] == "acumos.schema.model:0.6.0"
    assert set(metadata["methods"]) == {"tag", "classify", "mood"}
    assert metadata["methods"]["classify"]["input"]["name"] == "ImageTagSet"
    assert service.get("/model/artifacts/protobuf").text == (ROOT / "proto" / "imagemood.proto").read_text()
    assert service.get("/model/artifacts/license").json() == {"license": "Apache-2.0"}


@pytest.mark.parametrize(
    ("body", "headers", "status", "said"),
    [
        (b"\xff\xff", {"Content-Type": PROTOBUF}, 422, "the body is no ImageTagSet message"),
        (b"{", {"Content-Type": JSON}, 422, "the body is no ImageTagSet message in JSON"),
        (b'{"ImageTags": [{"image": 9223372036854775808}]}', {"Content-Type": JSON}, 422, "in JSON"),
        (b"[" * 100_000, {"Content-Type": JSON}, 422, "in JSON"),
        (
            b'{"ImageTags": [{"tag": "pier", "score": 2}]}',
            {"Content-Type": JSON},
            422,
            "row 1, field 'score': is 2",
        ),
        (
            b'{"ImageTags": [{"tag": "pier", "score": "NaN"}]}',
            {"Content-Type": JSON},
            422,
            "field 'score': is nan",
        ),
        (b'{"ImageTags": [{"image": 1, "score": 1}]}', {"Content-Type": JSON}, 422, "field 'tag': is missing"),
        (b"", {"Content-Type": "text/csv"}, 415, "Content-Type is text/csv"),
        (b"", {}, 415, "Content-Type is missing"),
        (b"", {"Content-Type": PROTOBUF, "Accept": "text/csv"}, 406, "not text/csv"),
    ],
)
def test_what_is_refused(service, body, headers, status, said):
    answer = service.post("/model/methods/classify", content=body, headers=headers)
    assert answer.status_code == status
    assert said in answer.json()["detail"]


def test_too_many_images_in_tag_rows_are_refused_before_they_fill_memory(service):
    rows = ImageTagSet(ImageTags=[{"image": i, "tag": "pier", "score": 1} for i in range(5000)])
    answer = service.post("/classify", content=rows.SerializeToString(), headers={"Content-Type": PROTOBUF})
    assert answer.status_code == 422
    assert "more than 4,096 images" in answer.json()["detail"]


def test_the_official_runner_gives_the_same_answers_to_the_same_bundle(tags, photos, tmp_path):
    python = official_runner.find_python()
    if python is None:
        pytest.skip("no Python 3.9 found for the official runner: set PYTHON39")
    environment = official_runner.environment(python)
    dump(tmp_path / "moods")
    dump(tmp_path / "cascade", options=BundleOptions(kind="cascade"))
    rows = tables.encode(tags.table, "protobuf")
    picture = Image(mime_type="image/jpeg", image_binary=photos["rocket.jpg"]).SerializeToString()
    for kind, method, body in (("moods", "classify", rows), ("cascade", "mood", picture)):
        with (
            official_runner.serving(environment, tmp_path / kind) as theirs,
            serving(tmp_path, "--model", tmp_path / kind) as ours,
        ):
            expected = rows_of(official_runner.post(theirs, body))
            assert len(expected) in (8, 32)
            assert_same(rows_of(ask(ours, method, body)), expected)


def test_answers_go_on_to_the_next_service(service, photos, tmp_path):
    """By runtime.json, as in 2018: who asks for tags gets moods; and a service that names itself stops."""
    (tmp_path / "runtime.json").write_text(json.dumps({"downstream": [f"{service.address}/classify"]}))
    message = Image(image_binary=photos["rocket.jpg"]).SerializeToString()
    expected = rows_of(ask(service, "classify", ask(service, "tag", message)))
    broken = "classify=http://127.0.0.1:9/classify"
    with serving(tmp_path, "--allow-urls") as first, serving(tmp_path, "--downstream", broken) as second:
        assert_same(rows_of(ask(first, "tag", message)), expected)
        answer = first.post("/v1/moods", json={"images": [{"url": f"{service.address}/v1/samples"}]})
        assert answer.status_code == 422
        assert "leads to an address that is not public" in answer.json()["detail"]
        as_json = json.loads(ask(first, "tag", message, accept=JSON))["ImageTags"]
        assert_same([(int(row["image"]), row["tag"], row["score"]) for row in as_json], expected)
        assert len(rows_of(ask(second, "tag", message))) == 1000
        answer = second.post("/classify", content=b"", headers={"Content-Type": PROTOBUF})
        assert answer.status_code == 502
        assert "the service downstream cannot be reached" in answer.json()["detail"]
        forwarded = {"Content-Type": PROTOBUF, "Via": "1.1 imagemood"}
        assert second.post("/classify", content=b"", headers=forwarded).status_code == 200
