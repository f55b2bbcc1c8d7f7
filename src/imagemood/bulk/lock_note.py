"""The content of a lock file: which run holds the lock, and on which machine."""

from __future__ import annotations

import os
import socket
import time
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import msgspec

from imagemood import _extras
from imagemood.tables.json_schema import SchemaError, decode_document

with _extras.needs("bulk"):
    import psutil

_BOOT_ID, _NAMESPACE = Path("/proc/sys/kernel/random/boot_id"), Path("/proc/self/ns/pid")


class LockNote(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which run holds a lock.

    Attributes
    ----------
    id : str
        A name of this lock that no other lock has.
    key : str
        A hash of the files that the run writes; runs with different keys would remove each other's files.
    shard : tuple of int
        As in `BulkRequest`.
    host, process, process_start : str, int, float
        The process of the run; its start distinguishes it from later processes with the same number.
    machine : str
        Identifies the machine, or the container, in which the number of the process has a meaning.
    started : float
        When the run began to wait for the lock, in seconds since 1970.
    is_held : bool
        Whether the run holds the lock, and does not only wait for it.
    n_renewals : int
        How often the run has renewed the lock.
    """

    id: str
    key: str
    shard: tuple[int, int]
    host: str
    process: int
    process_start: float
    machine: str
    started: float
    is_held: bool = False
    n_renewals: int = 0

    @classmethod
    def create(cls, key: str, shard: tuple[int, int]) -> LockNote:
        """Return the note of this process."""
        return cls(
            id=uuid4().hex,
            key=key,
            shard=shard,
            host=socket.gethostname(),
            process=os.getpid(),
            process_start=psutil.Process().create_time(),
            machine=_machine(),
            started=time.time(),
        )

    @classmethod
    def from_json(cls, content: bytes) -> LockNote | None:
        """Return the note in the content of a lock file, or None if it is damaged."""
        try:
            return decode_document(content, cls)
        except SchemaError:
            return None

    def to_json(self) -> bytes:
        """Return the content of a lock file."""
        return msgspec.json.format(msgspec.json.encode(self), indent=1) + b"\n"

    def excludes(self, other: LockNote) -> bool:
        """Return whether two runs must not write at the same time: all except different shards of the same run."""
        is_other_shard = self.shard[1] == other.shard[1] and self.shard[0] != other.shard[0]
        return self.key != other.key or not is_other_shard

    def is_alive(self) -> bool | None:
        """Return whether the process is running, or None if it runs on another machine."""
        if self.machine != _machine():
            return None
        try:
            return abs(psutil.Process(self.process).create_time() - self.process_start) < 1
        except (psutil.Error, ValueError, OverflowError):
            return False

    def __str__(self) -> str:
        started = datetime.fromtimestamp(self.started, UTC).strftime("%Y-%m-%d %H:%M UTC")
        return f"process {self.process} on {self.host}, since {started}"


def _machine() -> str:
    parts = [socket.gethostname()]
    try:
        parts += [_BOOT_ID.read_text("ascii").strip(), str(_NAMESPACE.stat().st_ino)]
    except OSError:  # another system than Linux
        parts.append(f"{psutil.boot_time():.0f}")
    return "/".join(parts)
