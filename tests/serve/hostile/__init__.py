"""Requests that are malformed, ambiguous, forged or excessive.

``python -m tests.serve.hostile`` sends them to a service and shows its responses, memory and response times.
"""

from __future__ import annotations

from tests.serve.hostile.building import HostileRequest
from tests.serve.hostile.framing import all_framing
from tests.serve.hostile.headers import all_headers
from tests.serve.hostile.json_messages import all_json_messages
from tests.serve.hostile.model_messages import all_model_messages
from tests.serve.hostile.request_lines import all_request_lines
from tests.serve.hostile.uploads import all_uploads


def all_requests(internal_port: int = 1) -> list[HostileRequest]:
    """Return the requests of all kinds, given the port of a server that the service must not connect to."""
    return [
        *all_request_lines(),
        *all_framing(),
        *all_headers(),
        *all_json_messages(internal_port),
        *all_model_messages(),
        *all_uploads(),
    ]
