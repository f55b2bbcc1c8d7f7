from __future__ import annotations

import contextlib
import re
import signal
import socket

import pytest

from imagemood.serve.problems import Problem
from imagemood.serve.routes import operations
from imagemood.tables.messages_pb2 import Image
from tests.serve.serving import PROTOBUF, serving


def metric(text, name):
    found = re.search(rf"^{re.escape(name)} (\S+)$", text, re.MULTILINE)
    return float(found[1]) if found else 0.0


def test_metrics_add_up(service, photos):
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
    assert [metric(after, name) - metric(before, name) for name in names] == [3, 3, 3, 1, 1]
    assert metric(after, 'imagemood_queue_length{queue="pictures"}') == 0
    assert metric(after, "imagemood_requests_in_flight") == 1  # the request for the metrics
    assert metric(after, "process_resident_memory_bytes") > 1e7
    assert "/nowhere" not in after


def test_the_service_is_not_ready_before_it_starts(local_service):
    with pytest.raises(Problem, match="the service is starting or stopping") as caught:
        local_service.check_ready()
    assert caught.value.status == 503
    routes = {route.path: route for route in operations.create_router(local_service).routes}
    assert set(routes) == {"/healthz", "/readyz", "/metrics"}


def accepts_connections(service):
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", service.port), timeout=30):
        return True
    return False


def test_requests_in_progress_are_completed_when_the_service_stops(tmp_path, photos):
    """Each request waits for the last byte of its body, so that none can be completed before the signal."""
    content, n_requests = photos["coffee.png"], 20
    head = f"POST /v1/moods HTTP/1.1\r\nHost: localhost\r\nContent-Length: {len(content)}\r\n\r\n".encode()
    with serving(tmp_path, "--no-access-log") as service, contextlib.ExitStack() as stack:
        connections = [
            stack.enter_context(socket.create_connection(("127.0.0.1", service.port), timeout=60))
            for _ in range(n_requests)
        ]
        for connection in connections:
            connection.sendall(head + content[:-1])
        while metric(service.get("/metrics").text, "imagemood_requests_in_flight") <= n_requests:
            pass
        service.process.send_signal(signal.SIGTERM)
        while accepts_connections(service):
            pass
        for connection in connections:
            connection.sendall(content[-1:])
        responses = [connection.recv(1000) for connection in connections]
        assert service.process.wait(60) == 0
    assert [response[:15] for response in responses] == [b"HTTP/1.1 200 OK"] * n_requests
    assert "Traceback" not in service.log.read_text()
