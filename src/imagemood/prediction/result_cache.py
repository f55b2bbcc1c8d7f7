"""A file that keeps the moods of pictures, so that only new and changed pictures are classified again."""

from __future__ import annotations

import hashlib
import itertools
import json
import os
import sqlite3
import struct
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import NamedTuple, Self

import numpy as np

import imagemood
from imagemood.errors import InputError, first_line
from imagemood.pictures import names
from imagemood.pictures.picture import Picture
from imagemood.prediction.result import Result

_APPLICATION_ID = 0x696D6F6F  # "imoo", by which the file is recognised
_FORMAT = 1
_SIGNATURE = b"SQLite format 3\0"
_MAX_WAIT_S = 30  # for another process that writes
_N_PER_TRANSACTION = 256
_MIN_AGE_NS = 2_000_000_000
_TABLES = """
CREATE TABLE moods (key TEXT PRIMARY KEY, labels TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE pictures (
    key TEXT NOT NULL, path BLOB NOT NULL, status TEXT, hash BLOB NOT NULL, probabilities BLOB NOT NULL,
    PRIMARY KEY (key, path)
) WITHOUT ROWID;
CREATE INDEX hashes ON pictures (key, hash);
"""


class _File(NamedTuple):
    """A picture file before it was classified; `status` shows whether it was changed since."""

    path: bytes
    status: str
    hash: bytes


class ResultCache:
    """A file with the moods of pictures; several processes can use it at the same time.

    A picture is recognised by its path, its size and its times of modification and change; if these differ, or the
    path is new, by the hash of its content. Errors are not kept. If the file cannot be written any more, the
    pictures are classified without it, and `warn` is called once.

    Parameters
    ----------
    path : Path
        The file, an SQLite database, which is created if it does not exist.
    key : sequence
        What the moods depend on besides the pictures, such as the hash of the models and the options.
    warn : callable
        Called with a message if the file was damaged or cannot be written.

    Raises
    ------
    InputError
        If the file is not a cache of this package, or cannot be opened.
    """

    def __init__(self, path: Path, key: Sequence[object], warn: Callable[[str], None]) -> None:
        self._path = path
        self._key = hashlib.sha256(json.dumps([imagemood.__version__, *key]).encode()).hexdigest()
        self._warn = warn
        self._is_usable = True
        self._rows: list[tuple[str, bytes, str | None, bytes, bytes]] = []
        self._labels: tuple[str, ...] | None = None
        self._connection = self._open()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._flush()
        self._connection.close()

    def classify_many(
        self, pictures: Sequence[Picture], classify: Callable[[Iterable[Picture]], Iterator[Result]]
    ) -> Iterator[Result]:
        """Yield the results of pictures in their order.

        Parameters
        ----------
        pictures : sequence of Picture
            The pictures. Those that are not local files are always classified.
        classify : callable
            Yields the results of other pictures in their order; it is called only if there are any.
        """
        waiting: deque[Result | _File | None] = deque()
        missing = self._missing(pictures, waiting)
        first = next(missing, None)
        if first is not None:
            for result in classify(itertools.chain([first], missing)):
                while isinstance(found := waiting.popleft(), Result):
                    yield found
                if found is not None and result.error is None:
                    self._add(found, result)
                yield result
        for found in waiting:
            if isinstance(found, Result):
                yield found

    def _missing(self, pictures: Sequence[Picture], waiting: deque[Result | _File | None]) -> Iterator[Picture]:
        """Yield the pictures to classify; append the results of the others, or the files, to `waiting`."""
        for picture in pictures:
            found = self._find(picture) if picture.showable and self._is_usable else None
            waiting.append(found)
            if not isinstance(found, Result):
                yield picture

    def _find(self, picture: Picture) -> Result | _File | None:
        """Return the result of a picture, or its file if there is none, or None if it cannot be read."""
        path = Path(names.to_address(picture.name)).absolute()
        name = os.fsencode(path)
        try:
            status = _status(path)
            query = "SELECT hash, status, probabilities FROM pictures WHERE key = ? AND path = ?"
            row = self._connection.execute(query, (self._key, name)).fetchone()
            if row is not None and row[1] == status and (result := self._result(picture, row[2])):
                return result
            with path.open("rb") as file:
                digest = hashlib.file_digest(file, "sha256").digest()
            if row is None or row[0] != digest:
                query = "SELECT hash, status, probabilities FROM pictures WHERE key = ? AND hash = ? LIMIT 1"
                row = self._connection.execute(query, (self._key, digest)).fetchone()
        except (OSError, ValueError):
            return None
        except sqlite3.Error as error:
            self._give_up(error)
            return None
        file_found = _File(name, status, digest)
        if row is not None and (result := self._result(picture, row[2])):
            self._append(file_found, row[2])
            return result
        return file_found

    def _result(self, picture: Picture, content: bytes) -> Result | None:
        if self._labels is None:
            row = self._connection.execute("SELECT labels FROM moods WHERE key = ?", (self._key,)).fetchone()
            self._labels = tuple(json.loads(row[0])) if row is not None else ()
        if not self._labels or not isinstance(content, bytes) or len(content) != 8 * len(self._labels):
            return None
        probabilities = np.frombuffer(content, dtype="<f8").astype(np.float64)
        return Result(picture.name, labels=self._labels, probabilities=probabilities, picture=picture)

    def _add(self, file: _File, result: Result) -> None:
        """Keep a result, unless the picture was changed while it was classified."""
        with suppress(OSError, ValueError):
            if result.probabilities is not None and _status(Path(os.fsdecode(file.path))) == file.status:
                self._labels = tuple(result.labels)
                self._append(file, result.probabilities.astype("<f8").tobytes())

    def _append(self, file: _File, content: bytes) -> None:
        changed_ns = max(map(int, file.status.split()[1:]))
        is_recent = time.time_ns() - changed_ns < _MIN_AGE_NS  # a later change could have the same time
        self._rows.append((self._key, file.path, None if is_recent else file.status, file.hash, content))
        if len(self._rows) >= _N_PER_TRANSACTION:
            self._flush()

    def _flush(self) -> None:
        """Write the new results in one transaction."""
        if not self._rows or not self._is_usable:
            return
        try:
            with self._connection:
                labels = json.dumps(self._labels or ())
                self._connection.execute("INSERT OR REPLACE INTO moods VALUES (?, ?)", (self._key, labels))
                self._connection.executemany("INSERT OR REPLACE INTO pictures VALUES (?, ?, ?, ?, ?)", self._rows)
        except sqlite3.Error as error:
            self._give_up(error)
        self._rows.clear()

    def _give_up(self, error: sqlite3.Error) -> None:
        if self._is_usable:
            self._warn(f"{names.escape(self._path)}: the cache is not used any more: {first_line(error)}")
        self._is_usable = False

    def _open(self) -> sqlite3.Connection:
        where = names.escape(self._path)
        try:
            head = _head(self._path)
            if head and not (head.startswith(_SIGNATURE) and head[68:72] == struct.pack(">I", _APPLICATION_ID)):
                raise InputError(
                    "is not a cache of imagemood, or damaged",
                    where=where,
                    hint="choose another file, or remove it",
                )
            try:
                return self._connect()
            except sqlite3.DatabaseError as error:
                if isinstance(error, sqlite3.OperationalError) or not head:
                    raise
                self._warn(f"{where}: the cache is damaged, and is created again")
                for suffix in ("", "-journal"):
                    Path(f"{self._path}{suffix}").unlink(missing_ok=True)
                return self._connect()
        except (OSError, sqlite3.Error) as error:
            raise InputError(
                f"the cache cannot be opened: {first_line(error)}", where=where, hint="choose another file"
            ) from error

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self._path, timeout=_MAX_WAIT_S, check_same_thread=False)
        try:
            (version,) = connection.execute("PRAGMA user_version").fetchone()
            if version == 0:
                with connection:
                    connection.execute("BEGIN IMMEDIATE")
                    if not connection.execute("SELECT name FROM sqlite_master").fetchall():
                        connection.execute(f"PRAGMA application_id = {_APPLICATION_ID}")
                        connection.execute(f"PRAGMA user_version = {_FORMAT}")
                        for statement in _TABLES.split(";"):
                            connection.execute(statement)
            elif version != _FORMAT:
                raise InputError(
                    f"has the format {version} of another version, not {_FORMAT}",
                    where=names.escape(self._path),
                    hint="choose another file, or remove it",
                )
            if connection.execute("PRAGMA quick_check(1)").fetchone() != ("ok",):
                raise sqlite3.DatabaseError("damaged")
        except BaseException:
            connection.close()
            raise
        return connection


def _head(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(100)
    except FileNotFoundError:
        return b""


def _status(path: Path) -> str:
    status = path.stat()
    return f"{status.st_size} {status.st_mtime_ns} {status.st_ctime_ns}"
