from __future__ import annotations

import signal
import subprocess
import sys

import pytest

from imagemood._interrupts import handlers_kept

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows has other signals")
NUMBERS = pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
PRELUDE = """
import ctypes, os, signal, sys, threading

number = signal.Signals(int(sys.argv[1]))
for other in (signal.SIGINT, signal.SIGTERM):  # also if the tests run in the background
    signal.signal(other, signal.default_int_handler if other == signal.SIGINT else signal.SIG_DFL)

from imagemood import _interrupts

_interrupts.end_on_signals()

def command(block):
    try:
        with _interrupts.raised_interrupts():
            block()
    except KeyboardInterrupt as error:
        print(f"interrupted {' '.join(error.args)}".rstrip(), flush=True)
        signal.raise_signal(number)
        print("cleaned up")
        _interrupts.end()

"""


def run(number, code):
    """Run code in a process that gets a signal; return its exit code and what it prints on its two streams."""
    completed = subprocess.run(
        [sys.executable, "-c", PRELUDE + code, str(int(number))], capture_output=True, text=True, timeout=120
    )
    return completed.returncode, completed.stdout, completed.stderr


@NUMBERS
def test_the_main_thread_notices_a_signal_that_another_thread_receives(number):
    code = """
def block():
    def kill():
        signal.pthread_kill(threading.get_ident(), number)
    threading.Thread(target=kill).start()
    threading.Event().wait()

command(block)
"""
    assert run(number, code) == (128 + number, "interrupted\ncleaned up\n", "")


@NUMBERS
def test_native_code_that_does_not_return_is_ended(number):
    code = """
def block():
    mutex = ctypes.create_string_buffer(256)
    libc = ctypes.CDLL(None)
    threading.Timer(0.1, os.kill, (os.getpid(), number)).start()
    libc.pthread_mutex_lock(mutex)
    libc.pthread_mutex_lock(mutex)

command(block)
"""
    assert run(number, code) == (128 + number, "", "interrupted\n")


@NUMBERS
def test_the_process_does_not_wait_for_threads(number):
    code = """
def block():
    threading.Thread(target=threading.Event().wait).start()
    signal.raise_signal(number)

command(block)
"""
    assert run(number, code) == (128 + number, "interrupted\ncleaned up\n", "")


@NUMBERS
def test_clean_up_that_does_not_end_is_ended(number):
    code = """
def block():
    try:
        signal.raise_signal(number)
    finally:
        threading.Event().wait()

command(block)
"""
    assert run(number, code) == (128 + number, "", "interrupted\n")


@NUMBERS
def test_an_error_that_follows_from_an_interrupt_is_an_interrupt(number):
    """For example, NumPy raises an `ImportError` if its import is interrupted."""
    code = """
def block():
    try:
        signal.raise_signal(number)
    except KeyboardInterrupt:
        raise ImportError("numpy") from None

command(block)
"""
    assert run(number, code) == (128 + number, "interrupted\ncleaned up\n", "")


@NUMBERS
@pytest.mark.parametrize("before", ["", "command(lambda: None)"], ids=["before a command", "after a command"])
def test_a_process_without_a_command_ends_at_once(number, before):
    code = f"{before}\nsignal.raise_signal(number)\nprint('not reached')"
    assert run(number, code) == (128 + number, "", "interrupted\n")


def test_an_ignored_signal_remains_ignored():
    code = """
import signal
signal.signal(signal.SIGINT, signal.SIG_IGN)
from imagemood import _interrupts
_interrupts.end_on_signals()
with _interrupts.raised_interrupts():
    signal.raise_signal(signal.SIGINT)
_interrupts.end()
"""
    subprocess.run([sys.executable, "-c", code], check=True, timeout=120)


def test_without_the_handlers_nothing_changes():
    code = """
import signal
signal.signal(signal.SIGINT, signal.default_int_handler)
from imagemood import _interrupts
for error in (KeyboardInterrupt, ImportError):
    try:
        with _interrupts.raised_interrupts():
            raise error
    except error:
        _interrupts.end()
print(signal.set_wakeup_fd(-1))
"""
    completed = subprocess.run([sys.executable, "-c", code], check=True, timeout=120, capture_output=True)
    assert completed.stdout == b"-1\n"


def test_handlers_that_a_library_replaces_are_kept():
    handlers = [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)]
    with handlers_kept():
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, signal.SIG_IGN)
    assert [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)] == handlers
