"""The program of a decoder process whose decoder does what the content says, unless it is a picture."""

from __future__ import annotations

import ctypes
import os
import signal
import sys
from pathlib import Path

import numpy as np

from imagemood.errors import ImageError
from imagemood.pictures.pixels import decoding, memory_budget
from imagemood.pictures.processes import decoder_worker

_libc = ctypes.CDLL(None)
_libc_holding_the_interpreter = ctypes.PyDLL(None)
_kept = []
_decode_picture = decoding.decode
PROGRAM = f"import sys; sys.path[:] = sys.argv[1:]; from {__name__} import main; main()"
"""The program that takes the place of the one of `imagemood.pictures.processes.decoder_process`."""


def decode(content, *, name="image", size_px=None, resizing=None, max_pixels=0):
    """Do what the content says: pixels of one value for a number, and harm for a word."""
    if not content.isascii():
        return _decode_picture(content, name=name, size_px=size_px, resizing=resizing, max_pixels=max_pixels)
    word, _, argument = content.decode().partition(" ")
    return {
        "hang": lambda: _libc.sleep(600),
        "spin": lambda: _libc_holding_the_interpreter.sleep(600),
        "crash": lambda: os.kill(os.getpid(), signal.SIGSEGV),
        "abort": _libc.abort,
        "kill": lambda: os.kill(os.getpid(), signal.SIGKILL),
        "stop": lambda: os.kill(os.getpid(), signal.SIGSTOP),
        "exit": lambda: os._exit(3),
        "fail": lambda: 1 / 0,
        "memory": lambda: _kept.append(np.ones(2_000_000_000, np.uint8)),
        "reserve": lambda: _reserve(int(argument), size_px),
        "print": lambda: _print(size_px),
        "lie": lambda: np.zeros((size_px + 1, size_px, 3), np.uint8),
        "refuse": lambda: _refuse(argument),
        "write": lambda: Path(argument).write_bytes(b"text"),
        "modules": lambda: _fail_with(" ".join(sorted({name.partition(".")[0] for name in sys.modules}))),
        "environment": lambda: _fail_with(" ".join(sorted(os.environ))),
    }.get(word, lambda: np.full((size_px or 16, size_px or 16, 3), int(word), np.uint8))()


def _reserve(n_bytes, size_px):
    with memory_budget.reserve(n_bytes, name="image"):
        return np.full((size_px, size_px, 3), 7, np.uint8)


def _print(size_px):
    sys.stdout.write("noise")
    sys.stdout.flush()
    os.write(1, b"noise")
    os.write(2, b"noise")
    assert os.read(0, 10) == b""
    return np.full((size_px, size_px, 3), 8, np.uint8)


def _refuse(what):
    raise ImageError(what, hint="try another")


def _fail_with(what):
    raise ImageError(what)


def main():
    decoding.decode = decode
    decoder_worker.main()
