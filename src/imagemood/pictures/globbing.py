"""Glob patterns, with the meaning that they have in Python's `glob` module."""

from __future__ import annotations

import glob
from fnmatch import fnmatchcase

from imagemood.pictures.listing import Parts


def is_pattern(address: str) -> bool:
    """Return whether an address has wildcards.

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

    ``**`` stands for any number of folders. Wildcards do not match names that start with a dot, unless the
    pattern has the dot, too.

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


def may_match_below(folder: Parts, pattern: Parts) -> bool:
    """Return whether a path below a folder may match a pattern, or the folder or one above it does.

    Examples
    --------
    >>> may_match_below(("2026",), ("2*", "*.jpg")), may_match_below(("old",), ("2*", "*.jpg"))
    (True, False)
    """
    if not folder or not pattern:
        return True
    if pattern[0] == "**":
        return may_match_below(folder, pattern[1:]) or (
            not is_hidden(folder[0]) and may_match_below(folder[1:], pattern)
        )
    return _name_matches(folder[0], pattern[0]) and may_match_below(folder[1:], pattern[1:])


def is_below(path: Parts, pattern: Parts) -> bool:
    """Return whether a file is in a folder that matches a pattern, or below one, and not hidden there.

    Examples
    --------
    >>> is_below(("2026", "may", "a.jpg"), ("2*",)), is_below(("2026", ".may", "a.jpg"), ("2*",))
    (True, False)
    """
    pattern = pattern[:-1] if pattern[-1] == "" else pattern  # 2*/ matches folders only
    return any(matches(path[:n], pattern) and not any(map(is_hidden, path[n:])) for n in range(1, len(path)))


def is_hidden(name: str) -> bool:
    """Return whether a file or folder is hidden."""
    return name.startswith(".")


def _name_matches(name: str, pattern: str) -> bool:
    return (not is_hidden(name) or is_hidden(pattern)) and fnmatchcase(name, pattern)
