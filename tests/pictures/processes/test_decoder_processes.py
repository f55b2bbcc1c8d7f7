from __future__ import annotations

import gc
import io
import os
import re
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import PIL.Image
import psutil
import pytest

from imagemood.errors import ImageError, InputError
from imagemood.pictures.pixels import decoding, memory_budget
from imagemood.pictures.pixels.memory_budget import MemoryBudget
from imagemood.pictures.processes import decoder_pool, decoder_process, decoder_processes
from imagemood.pictures.processes.decoder_processes import DecoderProcesses
from tests.pictures import hostile_decoder


def decoder_pids():
    return {child.pid for child in psutil.Process().children() if "decoder" in " ".join(child.cmdline())}


@pytest.fixture
def decoders():
    with DecoderProcesses(60) as created:
        yield created
    assert not decoder_pids()


@pytest.fixture
def hostile(monkeypatch):
    """Processes whose decoder does what the content says, with a time limit that no test reaches by accident."""
    monkeypatch.setattr(decoder_process, "_PROGRAM", hostile_decoder.PROGRAM)
    with DecoderProcesses(60) as created:
        yield created
    assert not decoder_pids()


@pytest.fixture
def impatient(monkeypatch):
    """As `hostile`, with a short time limit."""
    monkeypatch.setattr(decoder_process, "_PROGRAM", hostile_decoder.PROGRAM)
    with DecoderProcesses(0.7) as created:
        yield created
    assert not decoder_pids()


@pytest.fixture
def budget(monkeypatch):
    """A memory budget of 100 MB for this process."""
    created = MemoryBudget(100_000_000)
    monkeypatch.setattr(memory_budget, "_budget", created)
    return created


def value(decoders, content):
    """Return the value of the pixels of a picture."""
    (pixel,) = np.unique(decoders.decode(content, name="picture", size_px=16))
    return int(pixel)


def error(decoders, content):
    """Return the error of a picture."""
    with pytest.raises(ImageError) as raised:
        decoders.decode(content, name="bad.jpg", size_px=16)
    return str(raised.value)


def test_pixels_equal_those_of_the_decoder_in_this_process(decoders, sample_photos):
    for name in ("chelsea.png", "rocket.jpg"):
        content = (sample_photos / name).read_bytes()
        for size_px in (None, 224):
            expected = decoding.decode(content, size_px=size_px)
            pixels = decoders.decode(content, size_px=size_px)
            assert np.array_equal(pixels, expected)
            assert pixels.dtype == np.uint8


@pytest.mark.parametrize("content", [b"", b"text", b"\x89PNG\r\n\x1a\n", b"x" * 3_000_000])
def test_errors_equal_those_of_the_decoder_in_this_process(decoders, content):
    with pytest.raises(ImageError) as expected:
        decoding.decode(content, name="ü.jpg")
    with pytest.raises(ImageError) as raised:
        decoders.decode(content, name="ü.jpg")
    assert str(raised.value) == str(expected.value)


def test_the_limit_of_pixels_applies(decoders):
    content = io.BytesIO()
    PIL.Image.new("L", (100, 100)).save(content, "PNG")
    with pytest.raises(ImageError, match=r"too large: 100×100 pixels, more than 9,999"):
        decoders.decode(content.getvalue(), max_pixels=9_999)


def test_one_process_decodes_the_pictures_of_one_thread(hostile):
    assert [value(hostile, str(i).encode()) for i in range(20)] == list(range(20))
    assert len(decoder_pids()) == 1


def test_several_threads_get_their_own_pictures(hostile):
    with ThreadPoolExecutor(3) as pool:
        contents = [str(i % 256).encode() for i in range(300)]
        assert list(pool.map(lambda content: value(hostile, content), contents)) == [i % 256 for i in range(300)]
    assert 1 <= len(decoder_pids()) <= 3


@pytest.mark.parametrize(
    ("harm", "message"),
    [
        (b"crash", "the decoder crashed (SIGSEGV)"),
        (b"abort", "the decoder crashed (SIGABRT)"),
        (b"kill", "the decoder was killed, probably because of a lack of memory"),
        (b"exit", "the decoder ended with exit code 3"),
        (b"fail", "the decoder ended with exit code 1"),
        (b"lie", "the decoder returned an invalid answer"),
        (b"refuse too odd", "too odd (try another)"),
    ],
)
def test_harm_concerns_only_its_own_picture(hostile, harm, message):
    assert value(hostile, b"1") == 1
    assert error(hostile, harm) == f"bad.jpg: {message}"
    assert value(hostile, b"2") == 2


@pytest.mark.parametrize("harm", [b"hang", b"spin", b"stop"])
def test_a_decoder_that_hangs_is_ended(impatient, harm):
    assert error(impatient, harm) == "bad.jpg: decoding took longer than 0.7 s"
    assert not decoder_pids()
    assert value(impatient, b"2") == 2


def test_other_threads_are_answered_while_decoders_hang_and_crash(impatient):
    contents = [b"hang", b"crash", *(str(i).encode() for i in range(40)), b"hang", b"exit"]

    def decode(content):
        try:
            return value(impatient, content)
        except ImageError as raised:
            return raised.what

    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(decode, contents))
    assert answers[2:42] == list(range(40))
    assert [answers[i] for i in (0, 1, 42, 43)] == [
        "decoding took longer than 0.7 s",
        "the decoder crashed (SIGSEGV)",
        "decoding took longer than 0.7 s",
        "the decoder ended with exit code 3",
    ]


def test_a_process_that_ends_while_it_is_idle_costs_no_picture(hostile):
    assert value(hostile, b"1") == 1
    (pid,) = decoder_pids()
    os.kill(pid, signal.SIGKILL)
    psutil.wait_procs([psutil.Process(pid)] if psutil.pid_exists(pid) else [], timeout=10)
    assert value(hostile, b"2") == 2
    assert decoder_pids() != {pid}


def test_processes_are_replaced_after_many_pictures(hostile, monkeypatch):
    monkeypatch.setattr(decoder_pool, "_MAX_DECODED", 3)
    seen = set()
    for i in range(7):
        assert value(hostile, str(i).encode()) == i
        seen |= decoder_pids()
    assert len(seen) >= 2
    assert len(decoder_pids()) == 1


@pytest.mark.skipif(sys.platform != "linux", reason="other systems do not limit the memory of a process")
def test_a_decoder_that_needs_too_much_memory_fails(hostile):
    assert error(hostile, b"memory") == "bad.jpg: not enough memory to decode the image"
    assert value(hostile, b"2") == 2


def test_a_large_picture_takes_memory_from_the_budget_of_this_process(hostile, budget):
    taken = threading.Event()

    def decode():
        taken.set()
        return value(hostile, b"reserve 60000000")

    with ThreadPoolExecutor(1) as pool:
        with budget.reserve(50_000_000, name="other"):
            waiting = pool.submit(decode)
            taken.wait()
            while not budget._waiting:
                assert not waiting.done()
                time.sleep(0.001)
        assert waiting.result() == 7
    assert budget.n_reserved == 0


def test_a_picture_larger_than_the_budget_is_refused(hostile, budget):
    message = "bad.jpg: decoding needs about 200 MB of memory, but the limit is 100 MB"
    assert error(hostile, b"reserve 200000000").startswith(message)
    (pid,) = decoder_pids()
    assert value(hostile, b"2") == 2
    assert decoder_pids() == {pid}


def test_waiting_for_memory_does_not_count_as_decoding(impatient, budget):
    with ThreadPoolExecutor(1) as pool:
        with budget.reserve(50_000_000, name="other"):
            waiting = pool.submit(value, impatient, b"reserve 60000000")
            time.sleep(2)  # longer than the time limits of this process and of the decoder
            assert not waiting.done()
        assert waiting.result() == 7


def test_a_decoder_cannot_answer_with_what_a_library_prints(hostile, capfd):
    assert value(hostile, b"print") == 8
    assert capfd.readouterr() == ("", "")


def test_a_decoder_imports_only_what_it_needs(hostile):
    with pytest.raises(ImageError) as raised:
        hostile.decode(b"modules", name="bad.jpg", size_px=16)
    packages = set(raised.value.what.split())  # the message would be shortened
    assert {"numpy", "PIL", "imagemood"} <= packages
    assert not packages & {"onnxruntime", "pyarrow", "psutil", "httpx", "typer", "multiprocessing"}


def test_a_decoder_does_not_inherit_secrets(hostile, monkeypatch):
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    monkeypatch.setenv("ACUMOS_TOKEN", "secret")
    names = set(error(hostile, b"environment").removeprefix("bad.jpg: ").split())
    assert "PATH" in names
    assert not {"AWS_SECRET_ACCESS_KEY", "ACUMOS_TOKEN", "HOME", "PYTHONPATH"} & names


@pytest.mark.skipif(os.name != "posix", reason="Windows has no limit on the size of files")
def test_a_decoder_cannot_write_files(hostile, tmp_path):
    assert error(hostile, f"write {tmp_path / 'file'}".encode()).startswith("bad.jpg: the decoder ")
    assert not (tmp_path / "file").exists() or (tmp_path / "file").stat().st_size == 0


def test_processes_end_with_the_object_that_started_them(monkeypatch):
    monkeypatch.setattr(decoder_process, "_PROGRAM", hostile_decoder.PROGRAM)
    created = DecoderProcesses(60)
    value(created, b"1")
    assert decoder_pids()
    del created
    gc.collect()
    assert not decoder_pids()


def test_closing_ends_a_picture_in_progress(hostile):
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(error, hostile, b"hang")
        while not hostile._pool._busy:
            time.sleep(0.001)
        decoder_processes.end_all()
        assert waiting.result().endswith("the decoder processes have been closed")
    assert error(hostile, b"1") == "bad.jpg: the decoder processes have been closed"


def test_an_interrupted_picture_does_not_confuse_the_next_one(hostile, monkeypatch):
    def interrupt(*arguments):
        raise KeyboardInterrupt

    assert value(hostile, b"1") == 1
    with monkeypatch.context() as patch:
        patch.setattr(decoder_process.decoder_protocol, "read", interrupt)
        with pytest.raises(KeyboardInterrupt):
            value(hostile, b"2")
    assert not decoder_pids()
    assert value(hostile, b"3") == 3


@pytest.mark.skipif(not hasattr(os, "fork"), reason="Windows has no fork")
def test_a_fork_starts_processes_of_its_own(hostile):
    assert value(hostile, b"1") == 1
    started = decoder_pids()
    code = os.fork()
    if code == 0:  # in the fork
        is_right = value(hostile, b"2") == 2
        decoder_processes.end_all()
        os._exit(0 if is_right else 1)
    assert os.waitpid(code, 0)[1] == 0
    assert value(hostile, b"3") == 3
    assert decoder_pids() == started


@pytest.mark.parametrize("program", ["import sys; sys.exit(5)", "import absent", "print('not a message')"])
def test_a_process_that_does_not_start_is_one_clear_error(monkeypatch, program):
    monkeypatch.setattr(decoder_process, "_PROGRAM", program)
    with DecoderProcesses(60) as decoders:
        assert error(decoders, b"1").startswith("bad.jpg: no decoder process can be started: the decoder ")


def test_a_missing_interpreter_is_one_clear_error(monkeypatch):
    monkeypatch.setattr(sys, "executable", "/absent/python")
    with DecoderProcesses(60) as decoders:
        message = error(decoders, b"1")
    assert message == "bad.jpg: no decoder process can be started: No such file or directory"


@pytest.mark.parametrize("timeout_s", [0, -1, float("nan"), float("inf")])
def test_the_time_limit_is_a_positive_number(timeout_s):
    with pytest.raises(InputError, match=re.escape(f"the time limit for decoding is {timeout_s:g} s")):
        DecoderProcesses(timeout_s)


def test_a_very_long_time_limit_is_accepted(sample_photos):
    with DecoderProcesses(1e9) as decoders:
        assert decoders.decode((sample_photos / "rocket.jpg").read_bytes(), size_px=16).shape == (16, 16, 3)


UNGUARDED = """
from pathlib import Path
from imagemood.pictures.processes.decoder_processes import decoder
print("main")
print(decoder(30)(Path({path!r}).read_bytes(), size_px=16).shape)
"""


@pytest.mark.parametrize("how", ["file", "stdin"])
def test_the_main_module_is_not_run_again(tmp_path, sample_photos, how):
    program = UNGUARDED.format(path=str(sample_photos / "rocket.jpg"))
    (tmp_path / "script.py").write_text(program)
    command = [sys.executable, *(["script.py"] if how == "file" else [])]
    completed = subprocess.run(
        command, input=program if how == "stdin" else "", capture_output=True, text=True, cwd=tmp_path, timeout=60
    )
    assert completed.stdout == "main\n(16, 16, 3)\n"
    assert completed.stderr == ""


ORPHANS = """
import threading, time
from imagemood.pictures.processes import decoder_process
from imagemood.pictures.processes.decoder_processes import DecoderProcesses
decoder_process._PROGRAM = {program!r}
decoders = DecoderProcesses({timeout_s!r})
threading.Thread(target=decoders.decode, args=({harm!r},), kwargs={{"size_px": 16}}, daemon=True).start()
while not decoders._pool._busy:
    time.sleep(0.01)
decoders.decode(b"1", size_px=16)
print("ready", flush=True)
time.sleep(300)
"""


@pytest.mark.parametrize(
    ("end", "harm", "timeout_s"),
    [
        (signal.SIGKILL, b"hang", 600),
        (signal.SIGTERM, b"hang", 600),
        (signal.SIGKILL, b"spin", 2),  # until the time limit, because it does not let any other thread run
    ],
)
def test_no_process_outlives_its_parent(end, harm, timeout_s):
    program = ORPHANS.format(program=hostile_decoder.PROGRAM, harm=harm, timeout_s=timeout_s)
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, cwd=Path.cwd()) as parent:
        assert parent.stdout is not None
        assert parent.stdout.readline() == b"ready\n"
        children = psutil.Process(parent.pid).children()
        assert len(children) == 2  # one that hangs, and one that is idle
        parent.send_signal(end)
    _, alive = psutil.wait_procs(children, timeout=20)
    assert not alive


def test_cancelling_a_picture_that_was_decoded_does_not_end_the_process(hostile):
    decoding = decoder_processes.Decoding()
    assert hostile.decode(b"1", size_px=8, decoding=decoding)[0, 0, 0] == 1
    pids = decoder_pids()
    decoding.cancel()
    assert hostile.decode(b"2", size_px=8)[0, 0, 0] == 2
    assert decoder_pids() == pids


def test_a_process_whose_picture_was_cancelled_after_its_answer_is_not_used_again(hostile):
    process = hostile._current_pool().take("a.jpg")
    process.wait_until_ready("a.jpg")
    decoding = decoder_processes.Decoding()
    decoding.start(process, "a.jpg")
    process.decode(b"1", name="a.jpg", size_px=8, resizing=None, max_pixels=100)
    decoding.cancel()
    decoding.finish()
    hostile.give_back(process)
    assert hostile.take_idle() is None
