"""Finds the pictures in a folder with one subfolder per mood."""

from __future__ import annotations

from imagemood.errors import InputError, MoodError, NoPicturesError
from imagemood.pictures.finding import listing
from imagemood.pictures.finding.globbing import Pattern
from imagemood.pictures.finding.listing import EntryKind
from imagemood.pictures.finding.selection import OnSkip, SearchOptions, Selection
from imagemood.pictures.finding.skipped import SkipKind, Skipped, SkippedCounts
from imagemood.pictures.finding.sources import find_pictures
from imagemood.pictures.names import escape, of_address
from imagemood.pictures.picture import Picture
from imagemood.pictures.reading.addresses import is_object_store, join

_LAYOUT_HINT = "use a folder with one subfolder of pictures per mood"


def find_labelled_pictures(
    folder: str, *, options: SearchOptions, on_skip: OnSkip
) -> tuple[list[tuple[str, Picture]], list[MoodError]]:
    """Return the pictures, each with its mood, and the errors of folders and files that cannot be used.

    The pictures are sorted by mood and name. A subfolder may be a symbolic link.

    Raises
    ------
    InputError
        If the folder cannot be listed, or has no subfolders with pictures.
    """
    counts = SkippedCounts()

    def skip(skipped: Skipped) -> None:
        counts.add(skipped)
        on_skip(skipped)

    found: list[tuple[str, Picture]] = []
    failures: list[MoodError] = []
    for mood, address in _mood_folders(folder, options, skip):
        for picture in find_pictures([address], options=options, on_skip=skip):
            if isinstance(picture.error, NoPicturesError):
                skip(Skipped(picture.name, SkipKind.EMPTY))
            elif picture.error is not None:
                failures.append(picture.error)
            else:
                found.append((mood, picture))
    if found:
        return found, failures
    where = of_address(folder)
    if failures:
        raise InputError("no picture can be read", where=where, hint=str(failures[0]))
    skipped = counts.summary(with_all_hints=True)
    what = "no subfolders with pictures" + (f"; skipped {skipped}" if skipped else "")
    raise NoPicturesError(what, where=where, hint=_LAYOUT_HINT)


def _mood_folders(folder: str, options: SearchOptions, on_skip: OnSkip) -> list[tuple[str, str]]:
    """Return the moods and the addresses of their folders."""
    selection = Selection(Pattern(()), options, None, on_skip)
    root = selection.start("")
    moods = []
    for name, is_folder in _entries(folder):
        address = join(folder, name)
        if is_folder:
            if selection.enter(root, name, address) is not None:
                moods.append((escape(name), address))
        elif selection.selects(root, name, address):
            selection.skip(address, SkipKind.UNLABELLED)
    return moods


def _entries(folder: str) -> list[tuple[str, bool]]:
    """Return the sorted names in a folder, each with whether it is a folder or a link to one."""
    if is_object_store(folder):
        return listing.entries(folder)
    folders = (EntryKind.FOLDER, EntryKind.LINK_TO_FOLDER)
    try:
        return sorted((name, kind in folders) for name, kind in listing.scan(folder))
    except (FileNotFoundError, NotADirectoryError) as error:
        what = "no such folder" if isinstance(error, FileNotFoundError) else "not a folder"
        raise InputError(what, where=of_address(folder), hint=_LAYOUT_HINT) from None
    except (OSError, ValueError) as error:  # ValueError: a null byte in the path
        raise listing.unlistable(folder, error) from error
