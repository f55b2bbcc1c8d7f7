"""A journal of finished tasks, with which an interrupted run resumes."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from imagemood._files import reported_errors, write_all
from imagemood.errors import InputError


class Journal:
    """Results of finished tasks, by a key that describes the task.

    Keys and results can be written as JSON; keys are equal if their JSON is equal. Each result is one line of the
    file, and is on disk when `put` returns. An incomplete last line, which remains if the process is killed while
    it writes, is ignored and overwritten.

    Parameters
    ----------
    path : str or Path, optional
        The file; it is created by the first `put`. Without a path, results are kept in memory only.

    Raises
    ------
    InputError
        If the file cannot be read or is not a journal.

    Examples
    --------
    >>> journal = Journal()
    >>> journal.put({"algorithm": "rf", "fold": 0}, {"accuracy": 0.5})
    >>> journal[{"fold": 0, "algorithm": "rf"}]
    {'accuracy': 0.5}
    """

    def __init__(self, path: str | Path | None = None) -> None:
        self._path = None if path is None else Path(path)
        self._results: dict[str, dict[str, Any]] = {}
        self._end = 0
        if self._path is not None and self._path.exists():
            self._read(self._path)

    def _read(self, path: Path) -> None:
        try:
            content = path.read_bytes()
        except OSError as error:
            raise InputError(f"cannot be read: {error.strerror}", where=str(path)) from error
        self._end = content.rfind(b"\n") + 1
        for number, line in enumerate(content[: self._end].splitlines(), start=1):
            try:
                entry = json.loads(line)
                self._results[entry["piece"]] = dict(entry["result"])
            except (ValueError, KeyError, TypeError) as error:
                raise InputError(
                    f"line {number} is not an entry of a journal", where=str(path), hint="use another file"
                ) from error
        if content and not self._end:
            raise InputError("not a journal", where=str(path), hint="use another file")

    def __len__(self) -> int:
        return len(self._results)

    def __contains__(self, key: Mapping[str, Any]) -> bool:
        return _hash(key) in self._results

    def __getitem__(self, key: Mapping[str, Any]) -> dict[str, Any]:
        return dict(self._results[_hash(key)])

    def put(self, key: Mapping[str, Any], result: Mapping[str, Any]) -> None:
        """Record the result of a task; raise an `InputError` if the file cannot be written."""
        digest = _hash(key)
        self._results[digest] = dict(result)
        if self._path is None:
            return
        line = json.dumps({"piece": digest, "what": key, "result": result}, ensure_ascii=False) + "\n"
        with reported_errors(self._path):
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._append(self._path, line.encode())

    def _append(self, path: Path, line: bytes) -> None:
        """Write a line after the last complete one; if that fails, the file ends there."""
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT, 0o666)
        try:
            os.ftruncate(descriptor, self._end)
            os.lseek(descriptor, self._end, os.SEEK_SET)
            write_all(descriptor, line)
            os.fsync(descriptor)
            self._end += len(line)
        except OSError:
            os.ftruncate(descriptor, self._end)
            raise
        finally:
            os.close(descriptor)


def _hash(key: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(key, sort_keys=True, ensure_ascii=False).encode()).hexdigest()[:32]
