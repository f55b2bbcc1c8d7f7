"""Glob patterns, with the semantics of Python's `glob` module."""

from __future__ import annotations

import glob
from fnmatch import fnmatchcase

from imagemood.pictures.listing import Parts


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


def matches(path: Parts, pattern: Parts) -> bool:
    """Return whether the path of a file matches a pattern.

    ``**`` matches any number of folders. Wildcards do not match names that start with a dot, unless the pattern
    starts with a dot as well.

    Examples
    --------
    >>> matches(("2026", "may", "a.jpg"), ("**", "*.jpg")), matches(("2026", "a.jpg"), ("*.jpg",))
    (True, False)
    """
    if not pattern:
        return not path
    if pattern == ("**",):
        return bool(path) and not any(map(is_hidden, path))
    if pattern[0] == "**":
        return matches(path, pattern[1:]) or (bool(path) and not is_hidden(path[0]) and matches(path[1:], pattern))
    return bool(path) and _name_matches(path[0], pattern[0]) and matches(path[1:], pattern[1:])


def can_match_below(folder: Parts, pattern: Parts) -> bool:
    """Return whether files below a folder can match a pattern, themselves or because a folder above them matches.

    Examples
    --------
    >>> can_match_below(("2026",), ("2*", "*.jpg")), can_match_below(("old",), ("2*", "*.jpg"))
    (True, False)
    """
    if not folder or not pattern:
        return True
    if pattern[0] == "**":
        return can_match_below(folder, pattern[1:]) or (
            not is_hidden(folder[0]) and can_match_below(folder[1:], pattern)
        )
    return _name_matches(folder[0], pattern[0]) and can_match_below(folder[1:], pattern[1:])


def is_in_matching_folder(path: Parts, pattern: Parts) -> bool:
    """Return whether a pattern matches a folder above a file, and nothing below that folder is hidden.

    Examples
    --------
    >>> is_in_matching_folder(("2026", "may", "a.jpg"), ("2*",))
    True
    >>> is_in_matching_folder(("2026", ".may", "a.jpg"), ("2*",))
    False
    """
    pattern = pattern[:-1] if pattern[-1] == "" else pattern  # 2*/ matches only folders
    return any(matches(path[:n], pattern) and not any(map(is_hidden, path[n:])) for n in range(1, len(path)))


def is_hidden(name: str) -> bool:
    """Return whether a file or folder is hidden, by its name."""
    return name.startswith(".")


def _name_matches(name: str, pattern: str) -> bool:
    return (not is_hidden(name) or is_hidden(pattern)) and fnmatchcase(name, pattern)
