"""The control groups of Linux that limit this process, as containers, systemd and batch systems use them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

PROC = Path("/proc/self")
VERSION_1, VERSION_2 = "cgroup", "cgroup2"


class ControlGroup(NamedTuple):
    """A control group: its version, and the folder with its files."""

    version: str
    folder: Path


class _Mount(NamedTuple):
    root: str
    point: Path
    kind: str
    options: list[str]


def control_groups(controller: str, proc: Path = PROC) -> Iterator[ControlGroup]:
    """Yield the groups of this process that have a controller, and the groups above them.

    Parameters
    ----------
    controller : str
        The controller in version 1: ``cpu``, ``memory``, … In version 2, all controllers share the same groups.
    proc : Path
        The folder of this process in the proc file system.
    """
    try:
        memberships = [_parse_membership(line) for line in _lines(proc / "cgroup")]
        mounts = [_parse_mount(line) for line in _lines(proc / "mountinfo") if " - cgroup" in line]
    except (OSError, ValueError, IndexError):  # another system than Linux, or an unknown format
        return
    for mount in mounts:
        if mount.kind == VERSION_1 and controller not in mount.options:
            continue
        required = controller if mount.kind == VERSION_1 else ""
        for controllers, path in memberships:
            if required in controllers:
                yield from (ControlGroup(mount.kind, folder) for folder in _folders(mount, path))


def read_number(file: Path) -> int | None:
    """Return the number in a file, or None if there is no file or, as for ``max``, no limit."""
    try:
        return int(file.read_text())
    except (OSError, ValueError):
        return None


def _lines(file: Path) -> list[str]:
    return file.read_text("utf-8", "surrogateescape").splitlines()


def _parse_membership(line: str) -> tuple[list[str], str]:
    _, controllers, path = line.split(":", 2)
    return controllers.split(","), path


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
