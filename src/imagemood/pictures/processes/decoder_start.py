"""Starts the processes that decode pictures, and describes how they have ended."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
from typing import IO

_KILL = getattr(signal, "SIGKILL", 0)
_PIPE_BYTES = 2**20  # the largest size that Linux allows without privileges
_ENVIRONMENT = ("PATH", "PYTHONHOME", "SYSTEMROOT", "WINDIR", "TEMP", "TMP", "LANG")
_ENVIRONMENT_PREFIXES = ("LC_", "LD_", "DYLD_", "MALLOC_")
_ONE_THREAD = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}
# Otherwise, Python looks up the home folder in the system's database of users, which may be on another machine.
_NO_USER = {"PYTHONUSERBASE": sys.prefix}
# Otherwise, glibc would return the memory of each picture to the system, which takes longer than decoding some.
_KEEP_MEMORY = {"MALLOC_TRIM_THRESHOLD_": "16000000", "MALLOC_MMAP_THRESHOLD_": "4000000"}


def start(program: str) -> subprocess.Popen[bytes]:
    """Start a program of Python in a process without credentials, whose standard streams are pipes.

    Raises
    ------
    OSError, ValueError
        If the process cannot be started.
    """
    if not sys.executable or getattr(sys, "frozen", False):
        raise OSError("this program has no Python interpreter of its own")
    environment = {
        name: value
        for name, value in os.environ.items()
        if name.upper() in _ENVIRONMENT or name.startswith(_ENVIRONMENT_PREFIXES)
    }
    # In a process group of its own, the process does not receive Ctrl+C; its parent process ends it.
    new_group = getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0)
    process = subprocess.Popen(  # noqa: S603 (the interpreter of this process)
        [sys.executable, "-P", "-B", "-c", program, *map(str, sys.path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        bufsize=0,
        env=_KEEP_MEMORY | environment | _ONE_THREAD | _NO_USER,
        creationflags=new_group,
        process_group=None if new_group else 0,
    )
    _enlarge_pipes(process)
    return process


def free_bytes(pipe: IO[bytes]) -> int:
    """Return how many bytes can be written to a pipe at once; 0 if this is unknown."""
    try:
        import fcntl  # noqa: PLC0415 (does not exist on Windows)
        import termios  # noqa: PLC0415

        capacity = fcntl.fcntl(pipe.fileno(), fcntl.F_GETPIPE_SZ)
        unread = fcntl.ioctl(pipe.fileno(), termios.FIONREAD, bytes(4))
    except (ImportError, AttributeError, OSError, ValueError):  # not Linux, or the pipe is closed
        return 0
    return int(capacity) if not any(unread) else 0


def _enlarge_pipes(process: subprocess.Popen[bytes]) -> None:
    """Let the pipes hold a whole message, which saves most switches between the processes."""
    try:
        import fcntl  # noqa: PLC0415 (does not exist on Windows)
    except ImportError:
        return
    for file in (process.stdin, process.stdout):
        if file is not None and hasattr(fcntl, "F_SETPIPE_SZ"):
            with contextlib.suppress(OSError):
                fcntl.fcntl(file.fileno(), fcntl.F_SETPIPE_SZ, _PIPE_BYTES)


def describe_exit(code: int | None) -> str:
    """Return why a process has failed, given its exit code, or None if it is still running."""
    if code is None:
        return "the decoder returned an invalid answer"
    if code == -_KILL:
        return "the decoder was killed, probably because of a lack of memory"
    if code < 0:
        return f"the decoder crashed ({_signal_name(-code)})"
    return f"the decoder ended with exit code {code}"


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"
