"""Glob patterns, with the semantics of Python's `glob` module."""

from __future__ import annotations

import glob
import re
from fnmatch import translate

Parts = tuple[str, ...]
"""A pattern, split at the slashes."""
Positions = frozenset[int]
"""The numbers of the parts of a pattern that may match next; with ``**``, there can be several."""


def is_pattern(address: str) -> bool:
    """Return whether an address contains wildcards.

    Examples
    --------
    >>> is_pattern("photos/*.jpg"), is_pattern("photos/a.jpg")
    (True, False)
    """
    return glob.has_magic(address)


def split(pattern: str) -> tuple[str, Parts]:
    """Split a pattern into the folder before the first wildcard and the parts that follow.

    Examples
    --------
    >>> split("s3://photos/2026/*/a?.jpg"), split("*.jpg"), split("/*/a.jpg")
    (('s3://photos/2026', ('*', 'a?.jpg')), ('', ('*.jpg',)), ('/', ('*', 'a.jpg')))
    """
    parts = pattern.split("/")
    n_fixed = next(i for i, part in enumerate(parts) if is_pattern(part))
    base = "/".join(parts[:n_fixed])
    return ("/" if n_fixed and not base else base), tuple(parts[n_fixed:])


def is_hidden(name: str) -> bool:
    """Return whether a file or folder is hidden, by its name."""
    return name.startswith(".")


class Pattern:
    """The parts of a pattern after its fixed folders, which match the parts of a path one after the other.

    ``**`` matches any number of folders. A pattern that ends with a slash matches only folders. A pattern without
    parts matches the folder in which the search starts.

    Examples
    --------
    >>> pattern = Pattern(("2*", "**", "*.jpg"))
    >>> positions = pattern.enter(pattern.start, "2026")
    >>> pattern.matches_file(positions, "a.jpg"), pattern.enter(pattern.start, "old")
    (True, frozenset())
    """

    def __init__(self, parts: Parts) -> None:
        self._parts = tuple(part for part in parts if part not in ("", "."))
        self._expressions = [re.compile(translate(part)) for part in self._parts]
        self._only_folders = parts[-1:] == ("",)
        self.is_recursive = "**" in self._parts
        self.start = self._skip_recursive_parts({0})

    def enter(
        self, positions: Positions, name: str, *, by_wildcards: bool = True, include_hidden: bool = False
    ) -> Positions:
        """Return the positions below a folder; none if nothing below it can match.

        Parameters
        ----------
        positions : frozenset of int
            The positions in the folder that contains it.
        name : str
            The name of the folder.
        by_wildcards : bool
            Whether parts with wildcards may match the name.
        include_hidden : bool
            Whether wildcards match names that start with a dot although the part does not.
        """
        found = set()
        for position in positions:
            if position < len(self._parts) and self._matches(position, name, by_wildcards, include_hidden):
                found.add(position if self._parts[position] == "**" else position + 1)
        return self._skip_recursive_parts(found)

    def matches_folder(self, positions: Positions) -> bool:
        """Return whether the pattern matches a folder, from the positions below it."""
        return len(self._parts) in positions

    def remaining(self, positions: Positions) -> Positions:
        """Return the positions at which names can still match: all but the end of the pattern."""
        return positions - {len(self._parts)}

    def matches_file(self, positions: Positions, name: str, *, include_hidden: bool = False) -> bool:
        """Return whether the pattern matches a file, from its name and the positions in its folder."""
        last = len(self._parts) - 1
        return last in positions and not self._only_folders and self._matches(last, name, True, include_hidden)

    def _matches(self, position: int, name: str, by_wildcards: bool, include_hidden: bool) -> bool:
        part = self._parts[position]
        if not by_wildcards:
            return name == part
        if is_hidden(name) and not include_hidden and not is_hidden(part):
            return False
        return self._expressions[position].match(name) is not None

    def _skip_recursive_parts(self, positions: set[int]) -> Positions:
        """Add the positions after each ``**``, which also matches no folder at all."""
        for position, part in enumerate(self._parts):
            if part == "**" and position in positions:
                positions.add(position + 1)
        return frozenset(positions)
