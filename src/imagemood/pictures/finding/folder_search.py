"""Searches local folders, and folders in object stores, for files."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Sequence

from imagemood.errors import InputError, MoodError
from imagemood.pictures.finding.listing import EntryKind, OnError, scan, unlistable
from imagemood.pictures.finding.selection import Folder, Selection
from imagemood.pictures.finding.skipped import SkipKind
from imagemood.pictures.names import of_address
from imagemood.pictures.reading import local_files, object_store
from imagemood.pictures.reading.addresses import is_object_store, join


def search(root: str, selection: Selection, *, follow_links: bool = False, on_error: OnError) -> Iterator[str]:
    """Yield the addresses of the selected files below a folder, sorted by path, without holding all in memory.

    Parameters
    ----------
    root : str
        The address of the folder; ``""`` is the working directory. If there is no such folder, it has no files.
    selection : Selection
        Selects files and folders.
    follow_links : bool
        Whether links to folders may form cycles, because the selection follows all of them.
    on_error : callable
        Called with the error of each folder that cannot be listed, and of each selected entry that is not a file.
        The search continues with the next one.
    """
    if is_object_store(root):
        return _search_store(root, selection, on_error)
    return _LocalSearch(root, selection, follow_links, on_error).run()


def _search_store(root: str, selection: Selection, on_error: OnError) -> Iterator[str]:
    """Search a folder in an object store, which lists all objects below an address at once."""
    names: tuple[str, ...] = ()
    folders: list[Folder | None] = [selection.start(root.rstrip("/").rpartition("/")[2])]
    try:
        for *parents, name in filter(None, object_store.walk(root)):  # an empty path is that of a folder marker
            n_known = _length_of_common_prefix(names, parents)
            names = tuple(parents)
            del folders[n_known + 1 :]
            for i in range(n_known, len(parents)):
                above = folders[-1]
                address = join(root, "/".join(parents[: i + 1]))
                folders.append(None if above is None else selection.enter(above, parents[i], address))
            address = join(root, "/".join([*parents, name]))
            if folders[-1] is not None and selection.selects(folders[-1], name, address):
                yield address
    except MoodError as error:
        on_error(error)


def _length_of_common_prefix(one: Sequence[str], other: Sequence[str]) -> int:
    pairs = enumerate(zip(one, other, strict=False))
    return next((i for i, (left, right) in pairs if left != right), min(len(one), len(other)))


class _LocalSearch:
    """The search of a local folder, without recursion, because folders may be nested thousands of levels deep."""

    def __init__(self, root: str, selection: Selection, follow_links: bool, on_error: OnError) -> None:
        self._root = root
        self._selection = selection
        self._follow_links = follow_links
        self._on_error = on_error
        self._searched: set[tuple[object, ...]] = set()

    def run(self) -> Iterator[str]:
        """Yield the paths of the selected files."""
        root = self._root
        start = self._selection.start(_name(root))
        levels = [self._open(root, join(root, "") if root else "", start)]
        while levels:
            prefix, folder, entries = levels[-1]
            for name, kind in entries:
                path = prefix + name
                if kind == EntryKind.FILE:
                    if self._selection.selects(folder, name, path):
                        yield path
                elif kind == EntryKind.OTHER:
                    if self._is_readable(folder, name, path):
                        yield path
                elif below := self._selection.enter(folder, name, path, is_link=kind == EntryKind.LINK_TO_FOLDER):
                    levels.append(self._open(path, f"{path}/", below))
                    break
            else:
                levels.pop()

    def _open(self, path: str, prefix: str, folder: Folder) -> tuple[str, Folder, Iterator[tuple[str, EntryKind]]]:
        """List a folder; return the prefix of the paths in it, the folder, and its entries in order."""
        try:
            if self._follow_links and self._is_searched(path, folder):
                self._selection.skip(path, SkipKind.SEARCHED)
                return prefix, folder, iter(())
            return prefix, folder, iter(sorted(scan(path), key=_sort_key))
        except (OSError, ValueError) as error:  # ValueError: a null byte in the path
            if not (path == self._root and isinstance(error, FileNotFoundError)):
                self._on_error(unlistable(path, error))
            return prefix, folder, iter(())

    def _is_searched(self, path: str, folder: Folder) -> bool:
        """Return whether the same folder was searched by another path, for files with the same names."""
        state = os.stat(path or ".")  # noqa: PTH116
        key = (state.st_dev, state.st_ino, folder.is_selected, folder.positions)
        is_searched = key in self._searched
        self._searched.add(key)
        return is_searched

    def _is_readable(self, folder: Folder, name: str, path: str) -> bool:
        """Return whether an entry of an unusual kind is selected and can be read; report why it cannot."""
        try:
            is_link = stat.S_ISLNK(os.lstat(path).st_mode)  # fails for an entry that cannot be examined
            if not self._selection.is_selected(folder, name) and is_link and not os.path.exists(path):  # noqa: PTH110
                return self._refuse_broken_link(folder, name, path)
            if not self._selection.selects(folder, name, path):
                return False
            local_files.check_not_special(path)
        except InputError as error:
            self._on_error(error)
            return False
        except OSError as error:
            self._on_error(InputError(local_files.reason(error, path), where=of_address(path)))
            return False
        return True

    def _refuse_broken_link(self, folder: Folder, name: str, path: str) -> bool:
        """Report a link that may have led to a folder: as an error if it would have been followed."""
        if self._selection.enter(folder, name, path) is None:
            return False
        if self._follow_links:
            local_files.check_not_special(path)  # raises the reason
        self._selection.skip(path, SkipKind.BROKEN_LINK)
        return False


def _name(folder: str) -> str:
    """Return the name of a folder without its path; ``""`` if the working directory has been deleted."""
    try:
        return os.path.basename(os.path.abspath(folder))  # noqa: PTH100, PTH119 (resolves .. without following links)
    except OSError:
        return ""


def _sort_key(entry: tuple[str, EntryKind]) -> str:
    """Sort folders as if their names ended with a slash, so that the paths are sorted as text."""
    name, kind = entry
    return f"{name}/" if kind in (EntryKind.FOLDER, EntryKind.LINK_TO_FOLDER) else name
