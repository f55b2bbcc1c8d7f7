from __future__ import annotations

import signal
import subprocess
import sys
import time

import psutil
import pytest

from imagemood import errors
from imagemood.cli.exit_codes import INTERRUPTED, exit_code

NOT_WRONG_USAGE = (errors.RemoteError, errors.UnavailableError, errors.UnreadableError)
CLASSES = [
    value for value in vars(errors).values() if isinstance(value, type) and issubclass(value, errors.MoodError)
]
ARGUMENTS = {
    errors.TableError: {"file": "tags.csv"},
    errors.MissingExtraError: {"extra": "bulk"},
    errors.OutputError: {"where": "mine.onnx", "rows": []},
}


@pytest.mark.parametrize("error_class", CLASSES)
def test_every_error_has_an_exit_code(error_class):
    error = error_class("x", **ARGUMENTS.get(error_class, {}))
    assert exit_code(error) == (1 if error_class in NOT_WRONG_USAGE else 2)


def test_an_interrupt_has_the_exit_code_of_the_signal():
    assert INTERRUPTED == 130


HANGING = """
import ctypes, signal
from imagemood.cli import main
from imagemood.pictures.processes import decoder_process
from imagemood.pictures.pixels import decoding
from tests.pictures import hostile_decoder

def hang(content, *, name="", size_px=None, resizing=None, max_pixels=0):
    print("decoding", flush=True)
    ctypes.CDLL(None).sleep(600)

signal.signal(signal.SIGINT, signal.default_int_handler)  # also if the tests run in the background
decoding.ctypes = ctypes
decoding.decode.__code__ = hang.__code__
decoder_process._PROGRAM = hostile_decoder.PROGRAM
main()
"""


@pytest.mark.parametrize("options", [(), ("--decode-timeout", "600")], ids=["threads", "processes"])
def test_an_interrupt_does_not_wait_for_a_decoder_that_hangs(options, tmp_path):
    (tmp_path / "hang.jpg").write_text("hang")
    command = [sys.executable, "-c", HANGING, "classify", str(tmp_path / "hang.jpg"), *options]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        if not options:
            assert process.stdout.readline() == b"decoding\n"
        while options and not psutil.Process(process.pid).children():
            assert process.poll() is None
            time.sleep(0.01)
        decoders = psutil.Process(process.pid).children()
        process.send_signal(signal.SIGINT)
        assert process.communicate(timeout=60) == (b"", b"interrupted\n")
    assert process.returncode == INTERRUPTED
    assert not psutil.wait_procs(decoders, timeout=20)[1]
