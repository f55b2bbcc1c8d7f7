"""The lock of a dataset, which keeps runs from writing it at the same time if they would mix their files.

Each run writes a lock file of its own and then reads those of the others. It does not start if it finds another
one, so that of two runs at least one finds the other, in a folder as well as in an object store. Runs renew their
locks. The lock of a run that was killed is recognised at once on the same machine; on others, because it is not
renewed.
"""

from __future__ import annotations

import random
import re
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

from msgspec.structs import replace

from imagemood.bulk.lock_note import LockNote
from imagemood.errors import InputError, MoodError
from imagemood.pictures.finding import listing
from imagemood.pictures.reading import addresses, storage

LOCK_FILE = re.compile(r"_imagemood\.lock\.[0-9a-f]{32}\.json")
"""The names of lock files."""
_RENEWAL_S, _EXPIRY_S = 15.0, 60.0  # a lock that is not renewed for the second duration is that of a killed run
_POLL_S = 2.0
_MAX_ATTEMPTS = 10
_RELEASE_S = 5.0
_WAIT_HINT = "wait until it has ended, or end it"


class DatasetLock:
    """The lock of a run; use `lock`."""

    def __init__(self, address: str, note: LockNote, warn: Callable[[str], None]) -> None:
        self._address = address
        self._note = note
        self._warn = warn
        self._is_lost = False
        self._written = 0.0
        self._ended, self._renewing = threading.Event(), threading.Lock()
        self._thread = threading.Thread(target=self._renew, name="imagemood-lock", daemon=True)

    def check(self) -> None:
        """Raise `InputError` if another run has the lock now, because this run could not renew it in time."""
        if self._is_lost:
            raise InputError("another run has taken over this dataset", where=self._address, hint=_WAIT_HINT)

    def is_only_lock(self) -> bool:
        """Return whether no other run, such as another shard, is writing the dataset."""
        return not self._others()

    def acquire(self) -> None:
        """Write the lock file, or raise `InputError` if another run has the lock."""
        for _ in range(_MAX_ATTEMPTS):
            self._write()
            others = [
                (name, other) for name, other in self._others() if other is None or self._note.excludes(other)
            ]
            if not others:
                self._note = replace(self._note, is_held=True)
                self._write()
                self._thread.start()
                return
            self._remove(self._file_name)
            for name, other in others:
                self._wait_for(name, other)
            time.sleep(random.uniform(0, _POLL_S))  # noqa: S311 (so that two runs do not start again at once)
        raise self._conflict(others[0][1])

    def release(self) -> None:
        """Remove the lock file."""
        self._ended.set()
        is_free = self._renewing.acquire(timeout=_RELEASE_S)  # so that it is not written again
        with suppress(MoodError):
            self._remove(self._file_name)
        if is_free:
            self._renewing.release()

    @property
    def _file_name(self) -> str:
        return f"_imagemood.lock.{self._note.id}.json"

    def _write(self) -> None:
        storage.write(addresses.join(self._address, self._file_name), self._note.to_json())
        self._written = time.time()

    def _remove(self, name: str) -> None:
        storage.remove(addresses.join(self._address, name))

    def _read(self, name: str) -> bytes | None:
        """Return the content of a lock file, or None if it was removed."""
        try:
            return storage.read(addresses.join(self._address, name), allow_special=False)
        except InputError:
            return None

    def _others(self) -> list[tuple[str, LockNote | None]]:
        """Return the names and the notes of the other locks; the note of a damaged file is None."""
        names = [name for name, _ in listing.entries(self._address) if LOCK_FILE.fullmatch(name)]
        contents = {name: self._read(name) for name in names if name != self._file_name}
        return [(name, LockNote.from_json(content)) for name, content in contents.items() if content is not None]

    def _wait_for(self, name: str, other: LockNote | None) -> None:
        """Return when a lock does not exist any more; raise `InputError` if the run that has it is active."""
        is_alive = None if other is None else other.is_alive()
        if is_alive and other is not None and other.is_held:
            raise self._conflict(other)
        if is_alive is None:
            self._observe(name, other)
        elif not is_alive:
            self._remove(name)

    def _observe(self, name: str, other: LockNote | None) -> None:
        """Remove a lock that is not renewed; raise `InputError` if it is."""
        before = self._read(name)
        self._warn(
            f"waiting up to {_EXPIRY_S:.0f} s, to find out whether {other or 'another run'} is still active"
        )
        deadline = time.monotonic() + _EXPIRY_S
        while (content := self._read(name)) == before and time.monotonic() < deadline:
            time.sleep(_POLL_S)
        if content is None:
            return
        if content != before:
            raise self._conflict(LockNote.from_json(content))
        self._remove(name)

    def _conflict(self, other: LockNote | None) -> InputError:
        what = f"another run is writing this dataset: {other or 'its lock file is damaged'}"
        return InputError(what, where=self._address, hint=_WAIT_HINT)

    def _renew(self) -> None:
        while not self._ended.wait(_RENEWAL_S):
            with self._renewing, suppress(MoodError):  # the store may be available again next time
                if self._ended.is_set():
                    return
                if self._read(self._file_name) is None or (self._is_late() and self._successors()):
                    self._is_lost = True
                    return
                self._note = replace(self._note, n_renewals=self._note.n_renewals + 1)
                self._write()

    def _is_late(self) -> bool:
        """Return whether others may have considered this run killed, for example while the machine was asleep."""
        return time.time() - self._written > _EXPIRY_S

    def _successors(self) -> list[LockNote]:
        others = [note for _, note in self._others() if note is not None]
        return [note for note in others if note.is_held and self._note.excludes(note)]


@contextmanager
def lock(address: str, key: str, shard: tuple[int, int], *, warn: Callable[[str], None]) -> Iterator[DatasetLock]:
    """Hold the lock of a dataset during a block.

    Parameters
    ----------
    address : str
        The folder of the dataset.
    key : str
        A hash of the files that the run writes.
    shard : tuple of int
        As in `BulkRequest`; different shards of the same run hold the lock together.
    warn : callable
        Called with a message if it takes some time to find out whether another run is active.

    Raises
    ------
    InputError
        If another run has the lock.
    """
    held = DatasetLock(address, LockNote.create(key, shard), warn)
    try:
        held.acquire()
        yield held
    finally:
        held.release()
