from __future__ import annotations

import random

import pytest

from imagemood.pictures.formats import HEIF, undecodable_format
from imagemood.pictures.skipped import SkipKind, Skipped, SkippedCounts

pytestmark = pytest.mark.usefixtures("installed_by_pip")


def counts(*skipped: Skipped) -> SkippedCounts:
    made = SkippedCounts()
    for one in random.Random(0).sample(skipped, len(skipped)):  # noqa: S311
        made.add(one)
    return made


def unsupported(name: str) -> Skipped:
    extension = name[name.rindex(".") :]
    format_ = HEIF if extension.lower() in (".heic", ".heif") else undecodable_format(extension)
    return Skipped(name, SkipKind.UNSUPPORTED, format_)


def test_a_summary_counts_formats_then_kinds():
    made = counts(
        *(unsupported(f"{i}.HEIC") for i in range(1200)),
        unsupported("a/b.heic"),
        *(unsupported(f"{i}.mov") for i in range(2)),
        unsupported("one.cr2"),
        Skipped(".a.jpg", SkipKind.HIDDEN_FILE),
        *(Skipped(f"{i}/@eaDir", SkipKind.HELPER_FOLDER) for i in range(3)),
        Skipped(".git", SkipKind.HIDDEN_FOLDER),
        *(Skipped(f"link-{i}", SkipKind.LINK) for i in range(2)),
        Skipped("notes.txt", SkipKind.OTHER),
        Skipped("link", SkipKind.SEARCHED),
    )
    assert made.summary() == (
        "1,201 .heic files (pip install 'image-mood-classifier[heif]'), 2 .mov files, 1 .cr2 file, 1 hidden file, "
        "1 hidden folder, 3 helper folders, 2 links to folders"
    )
    assert "1 .cr2 file (export it as JPEG" in made.summary(with_all_hints=True)


def test_only_the_most_frequent_formats_are_named():
    extensions = ("cr2", "nef", "arw", "mov", "mp4", "jxl", "svg", "dng")
    made = counts(*(unsupported(f"{i}.{name}") for n, name in enumerate(extensions) for i in range(10 - n)))
    assert made.summary() == (
        "10 .cr2 files, 9 .nef files, 8 .arw files, 3 .dng files, 7 .mov files, 6 .mp4 files, "
        "9 files of other formats"
    )
    made.add(unsupported("a.heic"))
    assert made.summary().startswith("1 .heic file (pip install")


def test_a_hint_is_not_repeated():
    made = counts(*(unsupported(f"a.{name}") for name in ("heic", "heif", "nef", "cr2")))
    assert made.summary(with_all_hints=True) == (
        "1 .heic file, 1 .heif file (pip install 'image-mood-classifier[heif]'), "
        "1 .cr2 file, 1 .nef file (export it as JPEG, or use the JPEG file that the camera wrote)"
    )


def test_a_summary_of_other_files_is_empty():
    assert counts().summary() == ""
    assert counts(Skipped("notes.txt", SkipKind.OTHER), Skipped("a", SkipKind.SEARCHED)).summary() == ""


def test_a_skipped_file_is_one_line():
    assert str(unsupported("a/b.heic")) == (
        "a/b.heic: unsupported format: HEIC (pip install 'image-mood-classifier[heif]')"
    )
    assert str(Skipped("a\nb", SkipKind.LINK)) == "a\\x0ab: link to a folder"
