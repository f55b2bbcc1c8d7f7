"""Recognises the folders that programs and operating systems keep beside pictures, such as thumbnails."""

from __future__ import annotations

import re
from fnmatch import translate
from functools import cache

_NAMES = (
    # Thumbnails and previews
    *("@eaDir", "@__thumb", ".@__thumb", ".thumbnails", ".xvpics", ".wdmc", "THMBNL", "iPod Photo Cache"),
    *("*.lrdata", "appdata_oc*"),
    # Recycle bins
    *("#recycle", "@Recycle", "$RECYCLE.BIN", "RECYCLER", "RECYCLED", "Network Trash Folder"),
    *(".Trash", ".Trash-*", ".Trashes", ".dtrash"),
    # Snapshots, and earlier versions of files
    *("#snapshot", "@Recently-Snapshot", "~snapshot", ".snapshot", ".snapshots", ".zfs", ".stversions"),
    *(".picasaoriginals", "[[]Originals[]]", "_gsdata_"),
    # Data of the operating system, the file server or a program
    *("System Volume Information", "lost+found", "__MACOSX", "TheVolumeSettingsFolder", "Temporary Items"),
    *(".AppleDouble", ".AppleDB", ".AppleDesktop", ".DocumentRevisions-V100", ".fseventsd", ".Spotlight-V100"),
    *(".TemporaryItems", "@tmp", "@sharebin", "@Transcode", ".@upload_cache"),
)
_NAMES_IN = {
    "*.photoslibrary": ("resources", "private", "database", "Thumbnails"),
    "*.photolibrary": ("Previews", "Thumbnails", "Data", "Data.noindex", "Caches"),
    "*.migratedphotolibrary": ("Previews", "Thumbnails", "Data", "Data.noindex", "Caches"),
    "*.aplibrary": ("Previews", "Thumbnails", "Caches"),
    "CaptureOne": ("Cache", "Settings"),
}
"""Helper folders in the folders of certain programs; the other folders there contain the photos."""


def is_helper_folder(name: str, parent: str = "") -> bool:
    """Return whether a folder is a helper folder, from its name and that of the folder that contains it.

    Examples
    --------
    >>> is_helper_folder("@eaDir"), is_helper_folder("Trash"), is_helper_folder("resources", "My.photoslibrary")
    (True, False, True)
    """
    return bool(_pattern().match(f"{parent}/{name}"))


@cache
def _pattern() -> re.Pattern[str]:
    paths = [f"*/{name}" for name in _NAMES]
    paths += [f"{parent}/{name}" for parent, names in _NAMES_IN.items() for name in names]
    return re.compile("|".join(map(translate, paths)), re.IGNORECASE)
