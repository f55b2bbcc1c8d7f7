"""Decides which files and folders a search includes, from their names."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from os.path import splitext  # much faster than pathlib
from typing import NamedTuple

from imagemood.pictures.finding.globbing import Pattern, Positions, is_hidden
from imagemood.pictures.finding.helper_folders import is_helper_folder
from imagemood.pictures.finding.skipped import SkipKind, Skipped
from imagemood.pictures.formats import picture_extensions, undecodable_format
from imagemood.pictures.names import of_address

_APPLE_DOUBLE = "._"  # files with this prefix hold attributes of other files
OnSkip = Callable[[Skipped], object]
"""Called with each file and folder that is skipped."""


@dataclass(frozen=True)
class SearchOptions:
    """Options of the search in folders and with glob patterns.

    Attributes
    ----------
    include_hidden : bool
        Whether to include hidden files and folders, whose names start with a dot, and helper folders: those that
        programs and operating systems keep beside pictures, such as thumbnails and recycle bins.
    follow_links : bool
        Whether to search the folders to which symbolic links lead. Each folder is searched only once.
    """

    include_hidden: bool = False
    follow_links: bool = False


DEFAULT_OPTIONS = SearchOptions()


class Folder(NamedTuple):
    """A folder in a search.

    Attributes
    ----------
    name : str
        Its name, without the path.
    is_selected : bool
        Whether all wanted files in it are selected.
    positions : frozenset of int
        The parts of the pattern that may match names in it.
    """

    name: str
    is_selected: bool
    positions: Positions


class Selection:
    """Selects files and folders by their names, and reports those that are skipped.

    Parameters
    ----------
    pattern : Pattern
        Selects files of any type, and folders with all wanted files in them.
    options : SearchOptions
        The hidden files, helper folders and links to include.
    is_wanted : callable or None
        Returns whether a file in a selected folder is wanted, from its name. By default, pictures are.
    on_skip : callable
        Called with each file and folder that would be selected but for its kind.
    """

    def __init__(
        self, pattern: Pattern, options: SearchOptions, is_wanted: Callable[[str], bool] | None, on_skip: OnSkip
    ) -> None:
        self._pattern = pattern
        self._options = options
        self._finds_pictures = is_wanted is None
        self._is_wanted = is_wanted or _picture_filter()
        self._on_skip = on_skip

    def start(self, name: str) -> Folder:
        """Return the folder in which the search starts, which is searched whatever its name is."""
        start = self._pattern.start
        return Folder(name, self._pattern.matches_folder(start), self._pattern.remaining(start))

    def enter(self, parent: Folder, name: str, address: str, *, is_link: bool = False) -> Folder | None:
        """Return a folder below another one; None if it is not searched."""
        include_hidden = self._options.include_hidden
        kind = None if include_hidden else _kind_of_folder(name, parent.name)
        by_wildcards = kind != SkipKind.HELPER_FOLDER or is_hidden(name)
        positions = self._pattern.enter(
            parent.positions, name, by_wildcards=by_wildcards, include_hidden=include_hidden
        )
        is_selected = (parent.is_selected and kind is None) or self._pattern.matches_folder(positions)
        if is_link and not self._options.follow_links and (self._pattern.is_recursive or not positions):
            kind, is_selected, positions = kind or SkipKind.LINK, False, frozenset()
        if is_selected or positions:
            return Folder(name, is_selected, self._pattern.remaining(positions))
        if kind and (parent.is_selected or self._pattern.enter(parent.positions, name, include_hidden=True)):
            self.skip(address, kind)
        return None

    def selects(self, folder: Folder, name: str, address: str) -> bool:
        """Return whether a file in a folder is selected; report it if it is skipped."""
        if self.is_selected(folder, name):
            return True
        if folder.is_selected or self._pattern.matches_file(folder.positions, name, include_hidden=True):
            self._skip_file(name, address)
        return False

    def is_selected(self, folder: Folder, name: str) -> bool:
        """Return whether a file in a folder is selected."""
        include_hidden = self._options.include_hidden
        if self._pattern.matches_file(folder.positions, name, include_hidden=include_hidden):
            return True
        is_excluded = is_hidden(name) and (not include_hidden or name.startswith(_APPLE_DOUBLE))
        return folder.is_selected and not is_excluded and self._is_wanted(name)

    def skip(self, address: str, kind: SkipKind) -> None:
        """Report a file or folder that is skipped."""
        self._on_skip(Skipped(of_address(address), kind))

    def _skip_file(self, name: str, address: str) -> None:
        undecodable = undecodable_format(_extension(name)) if self._finds_pictures else None
        if is_hidden(name):
            is_picture = not name.startswith(_APPLE_DOUBLE) and (undecodable is not None or self._is_wanted(name))
            self.skip(address, SkipKind.HIDDEN_FILE if is_picture else SkipKind.OTHER)
        elif undecodable is not None:
            self._on_skip(Skipped(of_address(address), SkipKind.UNSUPPORTED, undecodable))
        else:
            self.skip(address, SkipKind.OTHER)


def _extension(name: str) -> str:
    return splitext(name)[1].lower()  # noqa: PTH122


def _picture_filter() -> Callable[[str], bool]:
    extensions = picture_extensions()
    return lambda name: _extension(name) in extensions


def _kind_of_folder(name: str, parent: str) -> SkipKind | None:
    """Return the kind of a folder that is skipped unless hidden folders are included; None for other folders."""
    if is_helper_folder(name, parent):
        return SkipKind.HELPER_FOLDER
    return SkipKind.HIDDEN_FOLDER if is_hidden(name) else None
