"""The restrictions of the unit for systemd permit what the service does: strace observes a request."""

from __future__ import annotations

import re
import subprocess
import sys

import pytest

from imagemood.pictures.samples import FOLDER
from tests.deploy.proxies import program
from tests.deploy.test_manifests import UNIT
from tests.observing import can_trace
from tests.serve.serving import free_port, running

_CALL = re.compile(r"^\d+ +(\w+)\((.*)$", re.MULTILINE)


def permitted(group):
    """Return the system calls in a group of systemd."""
    command = [program("systemd-analyze"), "syscall-filter", "--no-pager", group]
    lines = subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()
    found = set()
    for name in (line.strip() for line in lines[1:]):
        if name.startswith("@"):
            found |= permitted(name)
        elif name and not name.startswith("#"):
            found.add(name)
    return found


def test_the_service_makes_only_permitted_system_calls(tmp_path):
    assert "SystemCallFilter=@system-service\nSystemCallFilter=~@privileged\n" in UNIT
    assert "MemoryDenyWriteExecute=yes\n" in UNIT
    if not can_trace():
        pytest.skip("strace is not installed, or may not trace processes")
    trace, port = tmp_path / "trace", free_port()
    # -D: the service is the child of this process, and receives its signals.
    strace = ["strace", "-D", "-f", "-qq", "-e", "signal=none", "-s", "0", "-o", trace]
    command = [*strace, sys.executable, "-m", "imagemood", "serve", "--port", str(port)]
    with running(tmp_path, command, port) as service:
        picture = (FOLDER / "cat.jpg").read_bytes()
        assert service.post("/v1/moods?explain=all", content=picture).status_code == 200
    calls = _CALL.findall(trace.read_text())
    names = {name for name, _ in calls}
    assert {"mmap", "socket", "accept4"} <= names
    assert not names - (permitted("@system-service") - permitted("@privileged"))
    mapped = [text for name, text in calls if name == "mmap" and "PROT_EXEC" in text]
    assert mapped  # libraries
    assert not [text for text in mapped if "PROT_WRITE" in text]
    assert not [text for name, text in calls if name.endswith("mprotect") and "PROT_EXEC" in text]
    families = set(re.findall(r"^\d+ +socket\((\w+)", trace.read_text(), re.MULTILINE))
    assert families <= set(re.search(r"^RestrictAddressFamilies=(.+)$", UNIT, re.MULTILINE)[1].split())
