"""A journal of finished pieces of long work, so that the work can be stopped and go on."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from imagemood.errors import InputError


class Journal:
    """Results of finished pieces of work, by what the pieces are.

    Each is a line of JSON, on disk before `put` returns. A last line that was cut off when the work was stopped is
    left out and overwritten.

    Parameters
    ----------
    path : str or Path, optional
        The file; created at the first result. Without one, results are kept in memory alone.

    Raises
    ------
    InputError
        If the file holds something else than a journal, or cannot be read.

    Examples
    --------
    >>> journal = Journal()
    >>> journal.put({"algorithm": "rf", "fold": 0}, {"accuracy": 0.5})
    >>> journal.get({"fold": 0, "algorithm": "rf"})
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
                    f"line {number} is no entry of a journal", where=str(path), hint="give another file"
                ) from error
        if content and not self._end:
            raise InputError("is no journal", where=str(path), hint="give another file")

    def __len__(self) -> int:
        return len(self._results)

    def get(self, piece: Mapping[str, Any]) -> dict[str, Any] | None:
        """Look a piece of work up.

        Parameters
        ----------
        piece : mapping
            What it is, as JSON can hold it.

        Returns
        -------
        dict or None
            Its result; None if it is not finished.
        """
        return self._results.get(_key(piece))

    def put(self, piece: Mapping[str, Any], result: Mapping[str, Any]) -> None:
        """Keep the result of a piece of work.

        Parameters
        ----------
        piece : mapping
            What it is, as JSON can hold it.
        result : mapping
            Its result, as JSON can hold it.

        Raises
        ------
        InputError
            If the file cannot be written.
        """
        key = _key(piece)
        self._results[key] = dict(result)
        if self._path is None:
            return
        line = json.dumps({"piece": key, "what": piece, "result": result}, ensure_ascii=False) + "\n"
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            with self._path.open("r+b" if self._path.exists() else "wb") as file:
                file.seek(self._end)
                file.truncate()
                file.write(line.encode())
                self._end = file.tell()
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            raise InputError(f"cannot be written: {error.strerror}", where=str(self._path)) from error


def _key(piece: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(piece, sort_keys=True, ensure_ascii=False).encode()).hexdigest()[:32]
