"""Finds the pictures that a table of labels names: by path, by name, or by name without the extension."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from itertools import takewhile
from os.path import splitext

from imagemood.errors import InputError
from imagemood.pictures.reading.addresses import is_picture

_MAX_NAMED = 3  # in a message


class PictureIndex:
    r"""The paths of the pictures of a dataset, by what tables may call them.

    Examples
    --------
    >>> index = PictureIndex(["images/Acorns 1.jpg", "images/joy/1.JPG", "images/fear/1.jpg"])
    >>> index.find("Acorns 1"), index.find("joy/1.jpg"), index.find(r"C:\photos\fear\1.jpg")
    ('images/Acorns 1.jpg', 'images/joy/1.JPG', 'images/fear/1.jpg')
    """

    def __init__(self, paths: Iterable[str]) -> None:
        self._paths: dict[str, str] = {}
        self._by_name: defaultdict[str, list[str]] = defaultdict(list)
        self._by_stem: defaultdict[str, list[str]] = defaultdict(list)
        for path in paths:
            self._paths[path] = path
            name = path.rpartition("/")[2].lower()
            self._by_name[name].append(path)
            self._by_stem[splitext(name)[0]].append(path)  # noqa: PTH122 (much faster)

    def find(self, name: str, folder: str = "") -> str | None:
        """Return the path of the picture that a table in a folder of the dataset names; None if there is none.

        Upper and lower case, and the extension, may differ from those of the file. If the name has folders, they
        must be the last ones of the path, or the path must be the end of the name.

        Raises
        ------
        InputError
            If the name fits several pictures.
        """
        for path in (f"{folder}/{name}" if folder else name, name):
            if path in self._paths:
                return path
        for text in dict.fromkeys((name, name.replace("\\", "/"), name.removesuffix(".0"))):
            parts = [part for part in text.lower().split("/") if part not in ("", ".", "..")]
            if parts and (found := self._fitting(parts, folder)):
                return found
        return None

    def _fitting(self, parts: list[str], folder: str) -> str | None:
        for candidates, without_extension in (
            (self._by_name.get(parts[-1], ()), False),
            (self._by_stem.get(_stem(parts[-1]), ()), True),
        ):
            fitting = [path for path in candidates if _fits(path, parts, without_extension)]
            if len(fitting) > 1 and folder:
                fitting = [path for path in fitting if path.startswith(f"{folder}/")] or fitting
            if len(fitting) > 1:
                longest = max(_n_common(path, parts) for path in fitting)
                fitting = [path for path in fitting if _n_common(path, parts) == longest]
            if len(fitting) > 1:
                listed = ", ".join(fitting[:_MAX_NAMED]) + (", …" if len(fitting) > _MAX_NAMED else "")
                raise InputError(f"'{'/'.join(parts)}' fits several pictures: {listed}", hint="use their paths")
            if fitting:
                return fitting[0]
        return None


def _stem(name: str) -> str:
    """Return a name without the extension of a picture; other text after a dot belongs to the name."""
    return splitext(name)[0] if is_picture(name) else name  # noqa: PTH122


def _n_common(path: str, parts: list[str]) -> int:
    """Return the number of folders that are the last ones of both a path and the parts of a name."""
    pairs = zip(reversed(path.lower().split("/")[:-1]), reversed(parts[:-1]), strict=False)
    return len(list(takewhile(lambda pair: pair[0] == pair[1], pairs)))


def _fits(path: str, parts: list[str], without_extension: bool) -> bool:
    """Return whether a path and the parts of a name have the same end, of two parts if both have folders."""
    own = path.lower().split("/")
    if without_extension:
        own[-1], parts = splitext(own[-1])[0], [*parts[:-1], _stem(parts[-1])]  # noqa: PTH122
    n = min(len(own), len(parts), 2 if len(parts) > 1 else 1)
    return own[-n:] == parts[-n:]
