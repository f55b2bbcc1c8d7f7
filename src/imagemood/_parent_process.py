"""Ends processes whose parent process has ended, however it did."""

from __future__ import annotations

import os
import select
import threading
import time

_CHECK_S = 0.2


def end_with_parent(parent: int) -> None:
    """End this process at once, and whatever it is doing, when its parent process has ended.

    Parameters
    ----------
    parent : int
        The ID of the parent process, which may have ended before this call.

    Examples
    --------
    >>> end_with_parent(os.getppid())
    """
    threading.Thread(target=_wait_and_end, args=(parent,), name="imagemood-parent", daemon=True).start()


def _wait_and_end(parent: int) -> None:
    """Wait for the end of the parent process, and end this one."""
    if os.name == "nt":  # the ID of a parent process that has ended does not change
        import psutil  # noqa: PLC0415 (installed on Windows only)

        while psutil.pid_exists(parent):
            time.sleep(_CHECK_S)
    else:
        _wait_on_posix(parent)
    os._exit(1)


def _wait_on_posix(parent: int) -> None:
    """Wait until another process has become the parent of this one."""
    try:
        descriptor = os.pidfd_open(parent)
    except (AttributeError, OSError):  # not Linux, an old kernel, or the process has ended
        descriptor = None
    while os.getppid() == parent:
        if descriptor is None:
            time.sleep(_CHECK_S)
        else:
            select.select([descriptor], [], [])
