"""Divides pictures into chunks, which become the files of a dataset; the same pictures give the same chunks."""

from __future__ import annotations

import hashlib
import itertools
import json
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from imagemood.errors import InputError, MoodError

MAX_ROWS = 512
"""Maximum number of pictures per file by default."""
_MIN_ROWS = 16
_MIN_FILES = 64  # a small number of files would leave cores idle at the end of a run


class Unusable(NamedTuple):
    """A folder, a file or a row of a table that cannot be used as a picture, and the parts of its error."""

    name: str
    what: str
    hint: str | None

    @classmethod
    def from_error(cls, error: MoodError) -> Unusable:
        """Return the entry for an error, which names its place."""
        return cls(str(error.where), error.what, error.hint)

    @property
    def error(self) -> InputError:
        """The error."""
        return InputError(self.what, where=self.name, hint=self.hint)


Entry = str | Unusable
"""The source of a row: the name of a picture, or something unusable."""


@dataclass(frozen=True)
class Chunk:
    """A part of the pictures, and the file for their rows.

    Attributes
    ----------
    file_name : str
        Contains the number of the chunk, and a hash of the entries and of everything else that
        affects the rows, so that a finished file is recognised by its name.
    n_pictures : int
        Number of pictures.
    packed_entries : bytes
        The entries, compressed, because the chunks of millions of pictures are kept in memory.
    """

    file_name: str
    n_pictures: int
    packed_entries: bytes

    @property
    def names(self) -> list[str]:
        """The names of the entries."""
        return [entry if isinstance(entry, str) else entry.name for entry in unpack(self.packed_entries)]


def unpack(packed_entries: bytes) -> list[Entry]:
    """Return the entries of a chunk."""
    found = json.loads(zlib.decompress(packed_entries))
    return [entry if isinstance(entry, str) else Unusable(*entry) for entry in found]


def split_into_chunks(entries: Iterator[Entry], key: str, n_rows: int | None = None) -> Iterator[Chunk]:
    """Divide pictures into chunks, in order; all chunks but the last have the same size.

    Parameters
    ----------
    entries : iterator of Entry
        The pictures, and what cannot be used in their place.
    key : str
        A hash of everything else that affects the rows.
    n_rows : int, optional
        Pictures per chunk. Defaults to a power of 2 that grows with the number of pictures up to `MAX_ROWS`.

    Examples
    --------
    >>> [chunk.n_pictures for chunk in split_into_chunks(iter("abcde"), "", 2)]
    [2, 2, 1]
    >>> next(split_into_chunks(iter("abcde"), "")).names
    ['a', 'b', 'c', 'd', 'e']
    """
    head = [] if n_rows else list(itertools.islice(entries, _MIN_FILES * MAX_ROWS))
    size = n_rows or min(MAX_ROWS, max(_MIN_ROWS, 1 << (-(-len(head) // _MIN_FILES) - 1).bit_length()))
    remaining = itertools.chain(head, entries)
    for number in itertools.count():
        chunk = list(itertools.islice(remaining, size))
        if not chunk:
            return
        text = json.dumps(chunk, ensure_ascii=True).encode()
        digest = hashlib.sha256(key.encode() + text).hexdigest()
        yield Chunk(f"part-{number:08d}-{digest[:16]}.parquet", len(chunk), zlib.compress(text, 1))
