"""The memory that this process can still use, within the limits of its container and of its shell."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from imagemood._control_groups import PROC, VERSION_1, VERSION_2, control_groups, read_number


class _Version(NamedTuple):
    """The names of the files of a version of control groups."""

    limits: tuple[str, ...]
    usage: str
    reclaimable: str  # the entry of memory.stat for the file cache that the kernel can drop


_VERSIONS = {
    VERSION_1: _Version(("memory.limit_in_bytes",), "memory.usage_in_bytes", "total_inactive_file"),
    VERSION_2: _Version(("memory.max", "memory.high"), "memory.current", "inactive_file"),
}


def available_bytes() -> int:
    """Return how much more memory this process can use.

    This is the smallest of: the memory that is available on the machine, what the control groups of the process
    (versions 1 and 2, as containers and systemd use them) leave, and what ``ulimit -v`` leaves.
    """
    return max(0, min([_machine_bytes(), *_control_group_bytes(), *_address_space_bytes()]))


def _machine_bytes(proc: Path = Path("/proc")) -> int:
    """Return the memory that is available on the machine, which the kernel of Linux estimates."""
    try:
        lines = (proc / "meminfo").read_text("ascii").splitlines()
        return next(1024 * int(line.split()[1]) for line in lines if line.startswith("MemAvailable:"))
    except (OSError, StopIteration, ValueError):  # another system
        import psutil  # noqa: PLC0415 (slow to import, and needed for large pictures only)

        return int(psutil.virtual_memory().available)


def _address_space_bytes() -> Iterator[int]:
    try:
        import resource  # noqa: PLC0415 (does not exist on Windows)
    except ImportError:
        return
    limit = resource.getrlimit(resource.RLIMIT_AS)[0]
    if limit != resource.RLIM_INFINITY:
        yield limit - _used_address_space_bytes()


def _used_address_space_bytes() -> int:
    try:
        return int((PROC / "statm").read_text("ascii").split()[0]) * os.sysconf("SC_PAGE_SIZE")
    except OSError:  # another system than Linux
        import psutil  # noqa: PLC0415

        return int(psutil.Process().memory_info().vms)


def _control_group_bytes(proc: Path = PROC) -> Iterator[int]:
    """Yield what each control group of the process, and each group above it, leaves."""
    for group in control_groups("memory", proc):
        yield from _left_bytes(group.folder, _VERSIONS[group.version])


def _left_bytes(folder: Path, version: _Version) -> Iterator[int]:
    limits = [limit for limit in (read_number(folder / name) for name in version.limits) if limit is not None]
    usage = read_number(folder / version.usage)
    if limits and usage is not None:
        yield min(limits) - usage + _reclaimable_bytes(folder, version)


def _reclaimable_bytes(folder: Path, version: _Version) -> int:
    try:
        entries = dict(line.split(" ", 1) for line in (folder / "memory.stat").read_text().splitlines())
        return int(entries.get(version.reclaimable, 0))
    except (OSError, ValueError):
        return 0
