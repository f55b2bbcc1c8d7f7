from __future__ import annotations

import socket

import pytest

from tests.serve.hostile import all_requests
from tests.serve.hostile.floods import holding_connections
from tests.serve.hostile.sending import observing, send_all
from tests.serve.serving import serving


@pytest.fixture(scope="module")
def attacked_service(tmp_path_factory):
    with serving(tmp_path_factory.mktemp("attacked_service"), "--timeout", "2", "--allow-urls") as running:
        yield running


def test_every_hostile_request_is_refused(attacked_service, photos):
    """No request may cause an internal error or a hang, nor keep the service from answering others."""
    moods = attacked_service.post("/v1/moods", content=photos["rocket.jpg"]).json()
    internal = socket.create_server(("", 0), family=socket.AF_INET6, dualstack_ipv6=True)
    internal.setblocking(False)
    requests = all_requests(internal.getsockname()[1])
    assert len({(request.kind, request.name) for request in requests}) == len(requests) >= 200
    with (
        internal,
        holding_connections(attacked_service.port),
        observing(attacked_service.port, attacked_service.process.pid) as observations,
    ):
        answers = send_all(requests, attacked_service.port)
        with pytest.raises(BlockingIOError):  # no connection is waiting
            internal.accept()
    assert [str(answer) for answer in answers if not answer.is_expected] == []
    assert observations.n_failures == 0
    assert attacked_service.post("/v1/moods", content=photos["rocket.jpg"]).json() == moods
    assert "Traceback" not in attacked_service.log.read_text()
