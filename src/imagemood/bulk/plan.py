"""The plan of a bulk run: which pictures go into which file, the same for the same pictures."""

from __future__ import annotations

import hashlib
import itertools
import json
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

MAX_ROWS = 512
"""Pictures in one Parquet file, where there are many."""
_MIN_ROWS = 16
_MIN_FILES = 64  # where there are few: enough for all cores of a machine to have their share till the end


@dataclass(frozen=True)
class Chunk:
    """Some pictures, and the file that their rows go to.

    Attributes
    ----------
    part : str
        Name of the file: the chunk's number, and a hash of the pictures' names and of all that decides on what
        is written of them. So a finished file is known by its name alone.
    n : int
        How many pictures.
    packed : bytes
        Their names, compressed: plans of millions of pictures are kept in memory.
    """

    part: str
    n: int
    packed: bytes

    @property
    def names(self) -> list[str]:
        """The pictures' names."""
        return unpack(self.packed)


def unpack(packed: bytes) -> list[str]:
    """Give the names of a chunk's pictures.

    Parameters
    ----------
    packed : bytes
        What `Chunk.packed` holds.

    Returns
    -------
    list of str
        The names.
    """
    return list(json.loads(zlib.decompress(packed)))


def cut(names: Iterator[str], key: str, n_rows: int | None = None) -> Iterator[Chunk]:
    """Cut pictures into chunks.

    Parameters
    ----------
    names : iterator of str
        The pictures' names.
    key : str
        A hash of what else decides on what is written.
    n_rows : int, optional
        Pictures in a chunk; by default a power of 2 that grows with their number up to `MAX_ROWS`.

    Yields
    ------
    Chunk
        In order; all but the last are full.

    Examples
    --------
    >>> [chunk.n for chunk in cut(iter("abcde"), "", 2)]
    [2, 2, 1]
    >>> next(cut(iter("abcde"), "")).names
    ['a', 'b', 'c', 'd', 'e']
    """
    head = [] if n_rows else list(itertools.islice(names, _MIN_FILES * MAX_ROWS))
    size = n_rows or min(MAX_ROWS, max(_MIN_ROWS, 1 << (-(-len(head) // _MIN_FILES) - 1).bit_length()))
    remaining = itertools.chain(head, names)
    for number in itertools.count():
        chunk = list(itertools.islice(remaining, size))
        if not chunk:
            return
        text = json.dumps(chunk, ensure_ascii=True).encode()
        digest = hashlib.sha256(key.encode() + text).hexdigest()
        yield Chunk(f"part-{number:08d}-{digest[:16]}.parquet", len(chunk), zlib.compress(text, 1))
