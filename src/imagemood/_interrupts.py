"""Ctrl+C and SIGTERM: they end a command soon, whatever it is doing, and are kept from its worker processes."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from types import FrameType
from typing import NoReturn

_SIGNALS = (signal.SIGINT, signal.SIGTERM)
_MAX_CLEAN_UP_S = 3.0
_REPEAT_S = 0.05

_received: int | None = None
"""The signal that ends this process."""
_can_clean_up = False


def end_on_signals() -> None:
    """Let Ctrl+C and SIGTERM end this process, which runs a command; call it as early as possible.

    The exit code is 128 and the number of the signal. Signals that this process ignores, as under nohup, remain
    ignored.
    """
    for number in _SIGNALS:
        if signal.getsignal(number) != signal.SIG_IGN:
            signal.signal(number, _on_signal)


def _on_signal(number: int, _: FrameType | None) -> None:
    """Handle the first signal; a second one, which some programs send, must not interrupt the clean-up."""
    global _received  # noqa: PLW0603
    if _received is not None:
        return
    _received = number
    if _can_clean_up:
        raise KeyboardInterrupt
    _report()
    exit_immediately(128 + number)


@contextmanager
def raised_interrupts() -> Iterator[None]:
    """Let the signals raise `KeyboardInterrupt` in a block, which can then clean up; call `end` afterwards.

    Without `end_on_signals`, which is for commands, this has no effect.
    """
    global _can_clean_up  # noqa: PLW0603
    if any(_is_handled(number) for number in _SIGNALS):
        _start_watching()
    _can_clean_up = True
    try:
        yield
    except BaseException as error:
        if _received is None or isinstance(error, KeyboardInterrupt):
            raise
        raise KeyboardInterrupt from error  # such as an error of a library whose import was interrupted
    finally:
        _can_clean_up = False


def end() -> None:
    """End this process if a signal has interrupted it; do not wait for its threads."""
    if _received is not None:
        exit_immediately(128 + _received)


def exit_immediately(code: int) -> NoReturn:
    """Exit without clean-up, except that the decoder processes are ended; do not wait for other threads."""
    decoder_processes = sys.modules.get("imagemood.pictures.processes.decoder_processes")
    if decoder_processes is not None:
        decoder_processes.end_all()
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError):
            stream.flush()
    os._exit(code)


def _report() -> None:
    with suppress(OSError):
        os.write(2, b"interrupted\n")


def _is_handled(number: int) -> bool:
    return signal.getsignal(number) is _on_signal


def _start_watching() -> None:
    import threading  # noqa: PLC0415 (after the signals are handled)

    reader, writer = os.pipe()
    if os.name == "posix":
        os.set_blocking(writer, False)
    signal.set_wakeup_fd(writer, warn_on_full_buffer=False)
    main = threading.main_thread().ident or 0
    threading.Thread(target=_watch, args=(reader, main), name="imagemood-signals", daemon=True).start()


def _watch(reader: int, main: int) -> None:
    """Wake the main thread after a signal, and end this process if the main thread does not.

    The main thread handles all signals, but does not notice one that another thread receives, or that arrives just
    before it starts to wait or while it runs native code.
    """
    can_wake = hasattr(signal, "pthread_kill")  # not on Windows
    if can_wake:
        signal.pthread_sigmask(signal.SIG_BLOCK, _SIGNALS)  # so that `interrupts_blocked` does what it says
    while not _is_handled(number := os.read(reader, 1)[0]):  # the service handles signals differently
        pass
    deadline = time.monotonic() + _MAX_CLEAN_UP_S
    while time.monotonic() < deadline:
        time.sleep(_REPEAT_S)
        if _received is None and can_wake:
            signal.pthread_kill(main, number)
    if _can_clean_up:
        _report()
    else:  # it has been reported
        time.sleep(_MAX_CLEAN_UP_S)
    os._exit(128 + number)  # flushing or ending anything could wait for a lock of the main thread


@contextmanager
def handlers_kept() -> Iterator[None]:
    """Keep the handlers of Ctrl+C and SIGTERM, although a library replaces them in the block."""
    import threading  # noqa: PLC0415

    handlers = {number: signal.getsignal(number) for number in _SIGNALS}
    try:
        yield
    finally:
        if threading.current_thread() is threading.main_thread():
            for number, handler in handlers.items():
                if handler is not None:  # one that was not installed by Python
                    signal.signal(number, handler)


@contextmanager
def interrupts_blocked() -> Iterator[None]:
    """Block SIGINT in the processes that are started in this block; in this one, it takes effect afterwards.

    A terminal sends Ctrl+C to all processes of a command, but only the main process should handle it.
    """
    if not hasattr(signal, "pthread_sigmask"):  # Windows
        yield
        return
    from multiprocessing import resource_tracker  # noqa: PLC0415 (slow to import)

    resource_tracker.ensure_running()  # unblocks signals when it starts
    mask = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, mask)
