"""Tests of the messages of a decoder process; test_decoder_processes tests the process as a whole."""

from __future__ import annotations

import os
import resource
import signal
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pytest

from imagemood.pictures.pixels import decoding, memory_budget
from imagemood.pictures.pixels.resizing import Resizing
from imagemood.pictures.processes import decoder_protocol
from imagemood.pictures.processes.decoder_protocol import Kind, MessageError, Options
from imagemood.pictures.processes.decoder_worker import Connection, Limits

ANSWERS = (Kind.PIXELS, Kind.FAILURE, Kind.MEMORY_NEEDED)


class NoLimits(Limits):
    """Records the limits instead of applying them to the process of the tests."""

    def __init__(self):
        self.allowed = []
        self.timers = []

    def allow(self, n_bytes):
        self.allowed.append(n_bytes)

    def start_timer(self, timeout_s):
        self.timers.append(timeout_s)


class Parent:
    """The other side of a connection that a thread of this process serves."""

    def __init__(self):
        self.limits = NoLimits()
        pipes = os.pipe(), os.pipe()
        requests, self.responses = (os.fdopen(pipe[0], "rb") for pipe in pipes)
        self.requests, responses = (os.fdopen(pipe[1], "wb", buffering=0) for pipe in pipes)
        self._files = requests, self.responses, self.requests, responses
        connection = Connection(requests, responses, self.limits)
        self._thread = threading.Thread(target=connection.serve, daemon=True)
        self._thread.start()

    def request(self, content, size_px=16):
        options = Options(len(content), 5.0, size_px, resizing=None, max_pixels=10**6)
        decoder_protocol.write(self.requests, Kind.OPTIONS, options.to_json())
        decoder_protocol.write(self.requests, Kind.CONTENT, content)
        return self.read(*ANSWERS)

    def send(self, kind):
        decoder_protocol.write(self.requests, kind)
        return self.read(*ANSWERS)

    def read(self, *expected):
        return decoder_protocol.read(self.responses, 10_000_000, *expected)

    def close(self):
        self.requests.close()
        self._thread.join(30)
        assert not self._thread.is_alive()
        for file in self._files:
            file.close()


@pytest.fixture
def parent(monkeypatch):
    monkeypatch.setattr(memory_budget, "_budget", None)
    created = Parent()
    assert created.read(Kind.READY) == (Kind.READY, b"")
    yield created
    created.close()


@pytest.fixture
def large(monkeypatch):
    """A decoder that asks for 50 MB of memory."""

    def decode(content, *, size_px, resizing, max_pixels):
        with memory_budget.reserve(50_000_000, name="large"):
            return np.full((size_px, size_px, 3), 9, np.uint8)

    monkeypatch.setattr(decoding, "decode", decode)


def test_a_picture_is_answered_with_its_size_and_pixels(parent, sample_photos):
    content = (sample_photos / "rocket.jpg").read_bytes()
    kind, answer = parent.request(content)
    assert kind is Kind.PIXELS
    assert answer[:8] == bytes([0, 0, 0, 16, 0, 0, 0, 16])
    assert answer[8:] == decoding.decode(content, size_px=16).tobytes()
    assert parent.limits.timers == [5.0, None]
    assert parent.limits.allowed == [2 * len(content)]


def test_a_failure_is_answered_with_its_reason(parent):
    assert parent.request(b"text") == (Kind.FAILURE, b"unsupported image format\0")
    assert parent.limits.timers == [5.0, None]


def test_running_out_of_memory_is_answered(parent, monkeypatch):
    def decode(content, **options):
        raise MemoryError

    monkeypatch.setattr(decoding, "decode", decode)
    assert parent.request(b"any") == (Kind.FAILURE, b"not enough memory to decode the image\0")


def test_memory_is_requested_while_the_timer_is_stopped(parent, large):
    assert parent.request(b"any") == (Kind.MEMORY_NEEDED, (50_000_000).to_bytes(8, "big"))
    assert parent.limits.timers == [5.0, None]
    kind, answer = parent.send(Kind.MEMORY_GRANTED)
    assert (kind, set(answer[8:])) == (Kind.PIXELS, {9})
    assert parent.limits.timers == [5.0, None, 5.0, None]
    assert parent.limits.allowed == [6, 100_000_006]


def test_memory_can_be_refused(parent, large):
    parent.request(b"any")
    assert parent.send(Kind.MEMORY_REFUSED) == (Kind.FAILURE, b"not enough memory to decode the image\0")
    assert parent.limits.timers == [5.0, None, None]


def test_a_message_that_is_not_expected_ends_the_connection(parent):
    decoder_protocol.write(parent.requests, Kind.READY)
    parent._thread.join(30)
    assert not parent._thread.is_alive()


def test_messages_that_are_cut_off_or_too_long_are_errors(tmp_path):
    file = tmp_path / "message"
    with file.open("wb", buffering=0) as output:
        decoder_protocol.write(output, Kind.PIXELS, b"1234", b"56")
    complete = file.read_bytes()
    with file.open("rb") as source:
        assert decoder_protocol.read(source, 6, Kind.READY, Kind.PIXELS) == (Kind.PIXELS, b"123456")
    for content, max_bytes, kind in [
        (complete[:-1], 6, Kind.PIXELS),
        (complete[:5], 6, Kind.PIXELS),
        (b"", 6, Kind.PIXELS),
        (complete, 5, Kind.PIXELS),
        (complete, 6, Kind.FAILURE),
        (b"\xff" + complete[1:], 6, Kind.PIXELS),
    ]:
        file.write_bytes(content)
        with file.open("rb") as source, pytest.raises(MessageError):
            decoder_protocol.read(source, max_bytes, kind)


def test_a_long_message_is_written_in_parts(tmp_path):
    parts = [b"a" * 700_000, b"b" * 700_000]
    with (tmp_path / "message").open("wb", buffering=0) as output:
        decoder_protocol.write(output, Kind.CONTENT, *parts)
    with (tmp_path / "message").open("rb") as source:
        assert decoder_protocol.read(source, 2_000_000, Kind.CONTENT) == (Kind.CONTENT, b"".join(parts))


@pytest.mark.parametrize("resizing", [None, Resizing(256, keep_aspect=True, interpolation="box", crops=False)])
@pytest.mark.parametrize("size_px", [None, 224])
def test_options_are_the_same_on_the_other_side(size_px, resizing):
    options = Options(2**40, 5.5, size_px, resizing, max_pixels=10**8)
    assert Options.from_json(options.to_json()) == options
    assert len(options.to_json()) < decoder_protocol.MAX_OPTIONS_BYTES / 2


@pytest.mark.parametrize(
    ("size_px", "resizing", "shape", "is_expected"),
    [
        (None, None, (40, 30), True),
        (40, None, (40, 40), True),
        (40, None, (40, 30), False),
        (40, Resizing(50), (40, 30), False),
        (40, Resizing(40, crops=False), (40, 30), True),
        (40, Resizing(40, crops=False), (41, 30), False),
    ],
)
def test_pixels_must_have_the_requested_size(size_px, resizing, shape, is_expected):
    options = Options(1, 5.0, size_px, resizing, max_pixels=10_000)
    answer = b"".join(side.to_bytes(4, "big") for side in shape) + bytes(3 * shape[0] * shape[1])
    assert len(answer) <= options.max_answer_bytes
    if is_expected:
        assert options.parse_pixels(answer).shape == (*shape, 3)
    else:
        with pytest.raises(MessageError):
            options.parse_pixels(answer)
    with pytest.raises(MessageError):
        options.parse_pixels(answer[:-1])


@pytest.mark.skipif(sys.platform != "linux", reason="other systems do not limit the memory of a process")
def test_limits_are_those_of_the_process():
    code = """
import resource, signal
from imagemood.pictures.processes import decoder_worker
limits = decoder_worker.Limits()
limits.allow(1_000_000_000)
large, _ = resource.getrlimit(resource.RLIMIT_DATA)
limits.allow(0)
small, _ = resource.getrlimit(resource.RLIMIT_DATA)
limits.start_timer(20.0)
print(large - small, 0 < small < 10**10, round(signal.getitimer(signal.ITIMER_REAL)[0]))
limits.start_timer(None)
print(signal.getitimer(signal.ITIMER_REAL)[0])
try:
    bytearray(small)
except MemoryError:
    print(resource.getrlimit(resource.RLIMIT_CORE), resource.getrlimit(resource.RLIMIT_FSIZE))
"""
    completed = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert completed.stdout.splitlines() == ["1000000000 True 21", "0.0", "(0, 0) (0, 0)"]


@pytest.mark.skipif(sys.platform != "linux", reason="other systems do not limit the memory of a process")
def test_limits_follow_the_memory_of_the_picture(monkeypatch):
    limits: dict[int, tuple[int, int]] = {}
    monkeypatch.setattr(resource, "setrlimit", limits.__setitem__)
    monkeypatch.setattr(resource, "getrlimit", lambda _: (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    timers = []
    monkeypatch.setattr(signal, "setitimer", lambda kind, seconds: timers.append((kind, seconds)))
    created = Limits()
    assert limits == {resource.RLIMIT_CORE: (0, 0), resource.RLIMIT_FSIZE: (0, 0)}
    created.allow(0)
    small = limits[resource.RLIMIT_DATA][0]
    created.allow(1_000_000_000)
    assert limits[resource.RLIMIT_DATA] == (small + 1_000_000_000, resource.RLIM_INFINITY)
    monkeypatch.setattr(resource, "getrlimit", lambda _: (7, 7))
    created.allow(1_000_000_000)
    assert limits[resource.RLIMIT_DATA] == (7, 7)
    created.start_timer(2.5)
    created.start_timer(None)
    assert timers == [(signal.ITIMER_REAL, 3.5), (signal.ITIMER_REAL, 0)]


def test_systems_without_limits_are_supported(monkeypatch):
    monkeypatch.setitem(sys.modules, "resource", None)
    monkeypatch.delattr(signal, "setitimer")
    created = Limits()
    created.allow(10)
    created.start_timer(1.0)


UNLIMITED = """
from imagemood.pictures.processes import decoder_worker
decoder_worker.Limits = lambda: type("", (), {"allow": lambda *_: None, "start_timer": lambda *_: None})()
decoder_worker.main()
"""


def test_the_program_decodes_until_its_parent_closes_the_connection(sample_photos):
    content = (sample_photos / "rocket.jpg").read_bytes()
    options = Options(len(content), 60.0, size_px=8, resizing=None, max_pixels=10**6)
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen([sys.executable, "-c", UNLIMITED], **pipes) as process:
        decoder_protocol.read(process.stdout, 0, Kind.READY)
        process.send_signal(signal.SIGTERM)  # is ignored: the parent decides
        decoder_protocol.write(process.stdin, Kind.OPTIONS, options.to_json())
        decoder_protocol.write(process.stdin, Kind.CONTENT, content)
        process.stdin.flush()
        _, answer = decoder_protocol.read(process.stdout, 1000, Kind.PIXELS)
        assert answer[8:] == decoding.decode(content, size_px=8).tobytes()
        if sys.platform == "linux":
            assert Path(f"/proc/{process.pid}/oom_score_adj").read_text() == "1000\n"
        process.stdin.close()
        assert process.wait(60) in (0, 1)  # it also ends if it is waiting for nothing
        assert process.stdout.read() == b""
