from __future__ import annotations

import pytest

from imagemood.pictures.finding.helper_folders import is_helper_folder


@pytest.mark.parametrize(
    "path",
    [
        "@eaDir",
        "@EADIR",
        ".@__thumb",
        "#recycle",
        "#snapshot",
        "$RECYCLE.BIN",
        "$Recycle.Bin",
        "@Recycle",
        "@Recently-Snapshot",
        ".Trash-1000",
        ".thumbnails",
        "lost+found",
        "System Volume Information",
        ".snapshot",
        "~snapshot",
        "__MACOSX",
        ".AppleDouble",
        ".picasaoriginals",
        "[Originals]",
        ".stversions",
        "Catalog Previews.lrdata",
        "Catalog Smart Previews.lrdata",
        "Photos Library.photoslibrary/resources",
        "iPhoto Library.photolibrary/Previews",
        "CaptureOne/Cache",
    ],
)
def test_helper_folders(path):
    parent, _, name = path.rpartition("/")
    assert is_helper_folder(name, parent or "photos")
    assert is_helper_folder(name, parent) or parent


@pytest.mark.parametrize(
    "path",
    [
        "photos",
        "recycle",
        "Trash",
        "eaDir",
        "@home",
        "thumbnails",
        "Originals",
        "O",
        "lrdata",
        "resources",
        "photos/resources",
        "Photos Library.photoslibrary",
        "Photos Library.photoslibrary/originals",
        "iPhoto Library.photolibrary/Masters",
        "CaptureOne",
        "Cache",
        ".git",
        "@eaDir backup",
        "a@eaDir",
        "",
    ],
)
def test_folders_of_users(path):
    parent, _, name = path.rpartition("/")
    assert not is_helper_folder(name, parent)
