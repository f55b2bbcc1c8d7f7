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


def all_requests() -> list[HostileRequest]:
    """Return the requests of all kinds."""
    return [
        *all_request_lines(),
        *all_framing(),
        *all_headers(),
        *all_json_messages(),
        *all_model_messages(),
        *all_uploads(),
    ]
