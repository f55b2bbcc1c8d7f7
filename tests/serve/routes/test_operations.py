from __future__ import annotations

import asyncio
import json
import re
import signal

import httpx

from imagemood.tables.messages_pb2 import Image, ImageTagSet
from tests.serve.serving import PROTOBUF, serving


def figure(text, name):
    found = re.search(rf"^{re.escape(name)} (\S+)$", text, re.MULTILINE)
    return float(found[1]) if found else 0.0


def test_figures_add_up(service, photos):
    names = [
        'imagemood_requests_total{method="POST",route="/model/methods/mood",status="200"}',
        'imagemood_request_seconds_count{route="/model/methods/mood"}',
        'imagemood_batch_size_sum{queue="pictures"}',
        'imagemood_problems_total{status="404"}',
        'imagemood_requests_total{method="GET",route="other",status="404"}',
    ]
    before = service.get("/metrics").text
    message = Image(image_binary=photos["coffee.png"]).SerializeToString()
    for _ in range(3):
        headers = {"Content-Type": PROTOBUF}
        assert service.post("/model/methods/mood", content=message, headers=headers).status_code == 200
    service.get("/nowhere/at/all")
    after = service.get("/metrics").text
    assert [figure(after, name) - figure(before, name) for name in names] == [3, 3, 3, 1, 1]
    assert figure(after, 'imagemood_queue_length{queue="pictures"}') == 0
    assert figure(after, "imagemood_requests_in_flight") == 1  # the one that asks
    assert figure(after, "process_resident_memory_bytes") > 1e7
    assert "/nowhere" not in after


def test_each_request_has_a_number_and_a_line_in_the_log(service):
    named = service.get("/v1/labels", headers={"X-Request-ID": "caller-7"})
    assert named.headers["X-Request-ID"] == "caller-7"
    forged = service.get("/healthz?secret=1", headers={"X-Request-ID": 'x"} {"forged'})
    assert re.fullmatch(r"[0-9a-f]{16}", forged.headers["X-Request-ID"])
    lines = [json.loads(line) for line in service.log.read_text().splitlines() if line.startswith("{")]
    (line,) = [line for line in lines if line["id"] == "caller-7"]
    assert (line["method"], line["path"], line["status"]) == ("GET", "/v1/labels", 200)
    assert line["client"] == "127.0.0.1"
    assert line["ms"] > 0
    (line,) = [line for line in lines if line["id"] == forged.headers["X-Request-ID"]]
    assert line["path"] == "/healthz"


async def ask_and_stop(served, content, n_requests):
    async with httpx.AsyncClient(base_url=served.address, timeout=60) as client:
        tasks = [asyncio.create_task(client.post("/v1/moods", content=content)) for _ in range(n_requests)]
        while figure(served.get("/metrics").text, "imagemood_requests_in_flight") <= n_requests:
            await asyncio.sleep(0.001)
            if any(task.done() for task in tasks):
                break
        served.process.send_signal(signal.SIGTERM)
        return await asyncio.gather(*tasks, return_exceptions=True)


def test_what_was_taken_is_finished_when_the_service_stops(tmp_path, photos):
    with serving(tmp_path, "--no-access-log") as served:
        answers = asyncio.run(ask_and_stop(served, photos["coffee.png"], 40))
        assert served.process.wait(60) == 0
    assert [getattr(answer, "status_code", answer) for answer in answers] == [200] * 40


def test_workers_share_their_figures_and_stop_together(tmp_path):
    with serving(tmp_path, "--workers", "2") as served:
        rows = ImageTagSet(ImageTags=[{"image": 0, "tag": "volcano", "score": 1}]).SerializeToString()
        for _ in range(40):  # each on a connection of its own, which either worker may take
            headers = {"Content-Type": PROTOBUF, "Connection": "close"}
            assert served.post("/classify", content=rows, headers=headers).status_code == 200
        name = 'imagemood_requests_total{method="POST",route="/classify",status="200"}'
        assert {figure(served.get("/metrics").text, name) for _ in range(6)} == {40}
        served.process.send_signal(signal.SIGINT)
        assert served.process.wait(60) == 0
    assert "Traceback" not in served.log.read_text()
