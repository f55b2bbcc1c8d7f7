"""Sends all hostile requests to a service, then the floods, and prints the responses, the memory and the times."""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from tests.serve.hostile import all_requests
from tests.serve.hostile.building import HostileRequest
from tests.serve.hostile.floods import N_HALF_OPEN, N_IDLE, all_floods, all_picture_bombs, holding_connections
from tests.serve.hostile.sending import Answer, Observations, observing, send_all
from tests.serve.serving import RunningService, serving

_HEADER = """\
| | requests | statuses | unexpected | 500 | hangs | slowest, s | memory, MB | /healthz, ms |
|---|---|---|---|---|---|---|---|---|"""


def main() -> None:
    """Measure a service with the options after ``--``, such as ``-- --workers 2``."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--threads", type=int, default=4, help="requests at a time")
    parser.add_argument("options", nargs="*", help="options of imagemood serve, after --")
    arguments = parser.parse_args()
    options = ("--timeout", "5", "--allow-urls", "--no-access-log", *arguments.options)
    with tempfile.TemporaryDirectory() as folder, serving(Path(folder), *options) as service:
        _write(_HEADER)
        with observing(service.port, service.process.pid) as idle:
            time.sleep(1)
        _print_row("before", [], idle)
        measured = [_measure("hostile requests", all_requests(), service, arguments.threads)]
        with holding_connections(service.port):
            name = f"the same, beside {N_IDLE} idle and {N_HALF_OPEN} half-open connections"
            measured.append(_measure(name, all_requests(), service, arguments.threads))
        measured.append(_measure("floods", list(all_floods()), service, arguments.threads))
        measured.append(_measure("picture bombs", list(all_picture_bombs()), service, arguments.threads))
        for answer in [answer for answers in measured for answer in answers if not answer.is_expected]:
            _write(answer)
        log = service.log.read_text()
        _write(f"tracebacks in the log: {log.count('Traceback')}")


def _measure(
    name: str, requests: Sequence[HostileRequest], service: RunningService, n_threads: int
) -> list[Answer]:
    with observing(service.port, service.process.pid) as observations:
        answers = send_all(requests, service.port, n_threads)
    _print_row(name, answers, observations)
    return answers


def _print_row(name: str, answers: Sequence[Answer], observations: Observations) -> None:
    statuses = Counter(answer.status for answer in answers if answer.status is not None)
    cells = (
        name,
        len(answers),
        ", ".join(f"{n} × {status or 'closed'}" for status, n in sorted(statuses.items())),
        sum(not answer.is_expected for answer in answers),
        statuses[500],
        sum(answer.status is None for answer in answers),
        f"{max((answer.seconds for answer in answers), default=0):.1f}",
        f"{max(observations.memory) / 1e6:.0f}",
        f"{1000 * max(observations.health_s):.0f}",
    )
    _write(f"| {' | '.join(map(str, cells))} |")


def _write(line: object) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
