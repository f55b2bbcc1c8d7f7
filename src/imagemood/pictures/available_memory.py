"""The memory that this process can still use, within the limits of its container and of its shell."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

_PROC = Path("/proc/self")


class _Version(NamedTuple):
    """The names of the files of a version of control groups."""

    limits: tuple[str, ...]
    usage: str
    reclaimable: str  # the entry of memory.stat for the file cache that the kernel can drop


_VERSIONS = {
    "cgroup": _Version(("memory.limit_in_bytes",), "memory.usage_in_bytes", "total_inactive_file"),
    "cgroup2": _Version(("memory.max", "memory.high"), "memory.current", "inactive_file"),
}


def available_bytes() -> int:
    """Return how much more memory this process can use.

    This is the smallest of: the memory that is available on the machine, what the control groups of the process
    (versions 1 and 2, as containers and systemd use them) leave, and what ``ulimit -v`` leaves.
    """
    import psutil  # noqa: PLC0415 (slow to import, and needed for large pictures only)

    return max(0, min([psutil.virtual_memory().available, *_control_group_bytes(), *_address_space_bytes()]))


def _address_space_bytes() -> Iterator[int]:
    try:
        import resource  # noqa: PLC0415 (does not exist on Windows)
    except ImportError:
        return
    import psutil  # noqa: PLC0415

    limit = resource.getrlimit(resource.RLIMIT_AS)[0]
    if limit != resource.RLIM_INFINITY:
        yield limit - psutil.Process().memory_info().vms


def _control_group_bytes(proc: Path = _PROC) -> Iterator[int]:
    """Yield what each control group of the process, and each group above it, leaves."""
    try:
        memberships = [_parse_membership(line) for line in _lines(proc / "cgroup")]
        mounts = [_parse_mount(line) for line in _lines(proc / "mountinfo")]
    except (OSError, ValueError, IndexError):  # another system than Linux, or an unknown format
        return
    for mount in mounts:
        version = _VERSIONS.get(mount.kind)
        if version is None:
            continue
        controller = "" if mount.kind == "cgroup2" else "memory"
        if controller and controller not in mount.options:
            continue
        for controllers, path in memberships:
            if controller in controllers:
                for folder in _folders(mount, path):
                    yield from _left_bytes(folder, version)


def _lines(file: Path) -> list[str]:
    return file.read_text("utf-8", "surrogateescape").splitlines()


def _parse_membership(line: str) -> tuple[list[str], str]:
    _, controllers, path = line.split(":", 2)
    return controllers.split(","), path


class _Mount(NamedTuple):
    root: str
    point: Path
    kind: str
    options: list[str]


def _parse_mount(line: str) -> _Mount:
    # 36 35 98:0 /root /mount/point rw,noatime shared:1 - type source options; proc(5) describes the fields.
    before, _, after = line.partition(" - ")
    root, point = before.split()[3:5]
    fields = after.split()
    return _Mount(_unescape(root), Path(_unescape(point)), fields[0], fields[-1].split(","))


def _unescape(path: str) -> str:
    return re.sub(r"\\([0-7]{3})", lambda match: chr(int(match[1], 8)), path)  # only ASCII characters are escaped


def _folders(mount: _Mount, path: str) -> Iterator[Path]:
    """Yield the folder of a control group, and those of the groups above it that the mount shows."""
    inside = path == mount.root or path.startswith(mount.root.rstrip("/") + "/")
    names = [name for name in path[len(mount.root) :].split("/") if name] if inside else []
    if ".." in names:  # a group outside the namespace of this process
        names = []
    for n_names in range(len(names), -1, -1):
        yield mount.point.joinpath(*names[:n_names])


def _left_bytes(folder: Path, version: _Version) -> Iterator[int]:
    limits = [limit for limit in (_read_number(folder / name) for name in version.limits) if limit is not None]
    usage = _read_number(folder / version.usage)
    if limits and usage is not None:
        yield min(limits) - usage + _reclaimable_bytes(folder, version)


def _read_number(file: Path) -> int | None:
    """Return the number in a file, or None if there is no file or, as for ``max``, no limit."""
    try:
        return int(file.read_text())
    except (OSError, ValueError):
        return None


def _reclaimable_bytes(folder: Path, version: _Version) -> int:
    try:
        entries = dict(line.split(" ", 1) for line in _lines(folder / "memory.stat"))
        return int(entries.get(version.reclaimable, 0))
    except (OSError, ValueError):
        return 0
