from __future__ import annotations

import base64
import gzip
import json
import re
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from tests.serve.serving import AUTHORIZATION

NDJSON = {"Content-Type": "application/x-ndjson"}
FORM = {"Content-Type": "multipart/form-data; boundary=b"}


def ndjson(*entries):
    return b"".join(entry if isinstance(entry, bytes) else json.dumps(entry).encode() + b"\n" for entry in entries)


def picture(content, name=None):
    return {"base64": base64.b64encode(content).decode(), **({} if name is None else {"name": name})}


def answers(response):
    """Return the answers in the order of the request, and the summary."""
    assert response.status_code == 200, response.text
    assert response.headers["Content-Type"] == "application/x-ndjson"
    *lines, last = map(json.loads, response.text.splitlines())
    lines.sort(key=lambda line: line["index"])
    assert [line.pop("index") for line in lines] == list(range(len(lines)))
    return lines, last["summary"]


def test_lines_and_forms_give_the_results_of_ordinary_requests(service, photos):
    files = [("f", (name, content)) for name, content in photos.items()] * 15  # more than an ordinary request
    expected = service.post("/v1/moods?top=2&tags=3", files=files[:3]).json()
    lines = ndjson(*(picture(content, name) for _, (name, content) in files))
    for body in ({"content": lines, "headers": NDJSON}, {"files": files}):
        results, summary = answers(service.post("/v1/moods/stream?top=2&tags=3", **body))
        assert summary == {"model": expected["model"], "pictures": 45, "failed": 0, "error": None}
        for i, result in enumerate(results):
            wanted = expected["results"][i % 3]
            assert result.keys() == wanted.keys()
            assert result["image"] == wanted["image"]
            for key in ("moods", "tags", "affect"):
                assert result[key] == pytest.approx(wanted[key], abs=1e-5)


def test_the_request_may_be_compressed(service, photos):
    headers = {**NDJSON, "Content-Encoding": "gzip"}
    body = gzip.compress(ndjson(*[picture(photos["rocket.jpg"])] * 3))
    _, summary = answers(service.post("/v1/moods/stream", content=body, headers=headers))
    assert (summary["pictures"], summary["failed"]) == (3, 0)
    _, summary = answers(service.post("/v1/moods/stream", content=body[:-9], headers=headers))
    assert summary["error"]["detail"] == "the body is not valid gzip: it is incomplete"


def test_explanations_are_streamed(service, photos):
    body = ndjson(picture(photos["coffee.png"]))
    (result,), _ = answers(service.post("/v1/moods/stream?explain=all&mood=fear", content=body, headers=NDJSON))
    assert result["explanation"]["mood"] == "fear"
    assert result["explanation"]["map"].startswith("data:image/png;base64,")


def test_the_answer_to_a_picture_arrives_before_the_next_one_is_sent(service, photos):
    content = ndjson(picture(photos["rocket.jpg"]))
    head = (
        b"POST /v1/moods/stream HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-ndjson\r\n"
        b"Content-Length: %d\r\n\r\n" % (3 * len(content))
    )
    with socket.create_connection(("127.0.0.1", service.port), timeout=30) as connection:
        connection.sendall(head)
        for index in range(3):
            connection.sendall(content)
            received = b""
            while b'{"index": %d' % index not in received:
                received += connection.recv(65536)
        while not received.endswith(b"0\r\n\r\n"):
            received += connection.recv(65536)
    assert b'"pictures": 3, "failed": 0' in received


def test_errors_concern_single_pictures(service, photos):
    body = ndjson(
        picture(photos["rocket.jpg"], "good.jpg"),
        b"{\n",
        picture(b"text", "bad.jpg"),
        {"name": "both", "base64": "", "url": "x"},
        {"base64": "%%%"},
        b"\r\n[]\n",
        {"url": "http://a.example/x.png"},
        {"url": "data:image/png;base64,aGVsbG8="},
        {**picture(b""), "surplus": 1},
        b'{"base64": "' + 2000 * b"," + b'"}\n',
        {"base64": "", "name": "\ud800"},
    )
    results, summary = answers(service.post("/v1/moods/stream", content=body, headers=NDJSON))
    assert summary["pictures"] == 11
    assert summary["failed"] == 10
    assert summary["error"] is None
    assert "moods" in results[0]
    errors = [result["error"] for result in results[1:]]
    assert {error["status"] for error in errors} == {422}
    assert "the line is not valid JSON" in errors[0]["detail"]
    assert results[2]["image"] == "bad.jpg"
    assert "either base64 or url" in errors[2]["detail"]
    assert "not valid base64" in errors[3]["detail"]
    assert errors[4]["detail"].startswith("input should be")
    assert results[6] == {"image": "http://a.example/x.png", "error": errors[5]}
    assert errors[5]["detail"] == "fetching pictures by URL is disabled (send the picture itself)"
    assert errors[7]["detail"] == "surplus: extra inputs are not permitted"


def test_limits_apply_to_each_picture_and_not_to_the_request(limited_service, photos, megapixel_png):
    small = picture(photos["rocket.jpg"])
    large = picture(bytes(200_000))
    request = {"headers": {**NDJSON, **AUTHORIZATION}}
    body = ndjson(*[small] * 5, large, picture(megapixel_png), small)
    assert len(body) > 400_000
    results, summary = answers(limited_service.post("/v1/moods/stream", content=body, **request))
    statuses = [result.get("error", {}).get("status") for result in results]
    assert statuses[5:7] == [413, 422]
    assert {*statuses[:5], *statuses[7:]} <= {None, 503}  # 503 if decoding takes long on a busy computer
    assert results[5]["error"]["detail"] == "the line is larger than 200,000 bytes"
    assert summary["failed"] == len(results) - statuses.count(None)
    assert limited_service.post("/v1/moods/stream", content=body, headers=NDJSON).status_code == 401


@pytest.mark.parametrize(
    ("query", "headers", "content", "status", "detail"),
    [
        (
            "",
            {"Content-Type": "text/plain"},
            b"{}",
            415,
            "unsupported Content-Type: text/plain; send application/x-",
        ),
        ("", {}, b"{}", 415, "unsupported Content-Type: none"),
        ("", NDJSON, b" \n\n", 422, "the request contains no pictures"),
        ("", FORM, b"--b--\r\n", 422, "the request contains no pictures"),
        ("", FORM, b"x", 422, "the body is not valid multipart/form-data: invalid multipart data"),
        ("", {"Content-Type": "multipart/form-data"}, b"x", 422, "missing boundary"),
        ("?top=0", NDJSON, b"{}", 422, "query.top: input should be greater than or equal to 1"),
        ("?mood=joy", NDJSON, b"{}", 422, "mood: no mood 'joy'"),
    ],
)
def test_errors_before_the_first_picture_are_problems(service, query, headers, content, status, detail):
    response = service.post(f"/v1/moods/stream{query}", content=content, headers=headers)
    assert (response.status_code, response.headers["Content-Type"]) == (status, "application/problem+json")
    assert detail in response.json()["detail"]


def test_the_summary_reports_a_form_that_ends_early(service, photos):
    head = b'Content-Disposition: form-data; name="f"; filename="a.jpg"\r\n\r\n'
    body = b"--b\r\n" + head + photos["rocket.jpg"] + b"\r\n--b\r\n" + head + photos["rocket.jpg"][:1000]
    results, summary = answers(service.post("/v1/moods/stream", content=body, headers=FORM))
    assert [result["image"] for result in results] == ["a.jpg"]
    assert (
        summary["error"]["detail"] == "the body is not valid multipart/form-data: the end of the form is missing"
    )


def test_proxies_are_asked_to_pass_on_each_line(service):
    response = service.post("/v1/moods/stream", content=b"{}", headers=NDJSON)
    assert response.headers["X-Accel-Buffering"] == "no"
    assert response.headers["Cache-Control"] == "no-store"
    assert "Content-Length" not in response.headers


def test_the_examples_of_the_documentation_run(service, photos, tmp_path):
    for name in ("rocket", "again"):
        (tmp_path / f"{name}.jpg").write_bytes(photos["rocket.jpg"])
    (tmp_path / "text.jpg").write_text("not a picture")
    page = (Path(__file__).parents[3] / "docs" / "service.md").read_text("utf-8")
    section = page.partition("### `POST /v1/moods/stream`")[2].partition("\n### ")[0]
    assert "http://127.0.0.1:8887" in section
    section = section.replace("http://127.0.0.1:8887", service.address)
    command = re.search(r"```console\n\$ (.*?)\n\{", section, re.DOTALL)[1]
    program = re.search(r"```python\n(.*?)```", section, re.DOTALL)[1]
    for arguments in (["sh", "-c", command], [sys.executable, "-c", program]):
        result = subprocess.run(arguments, cwd=tmp_path, check=True, capture_output=True, text=True)
        for expected in ("rocket.jpg", "again.jpg", "text.jpg", "'pictures': 3, 'failed': 1"):
            assert expected in result.stdout.replace('"', "'"), result
