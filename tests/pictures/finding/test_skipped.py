from __future__ import annotations

import random

import pytest

from imagemood.pictures import formats
from imagemood.pictures.finding.skipped import SkipKind, Skipped, SkippedCounts

pytestmark = pytest.mark.usefixtures("installed_by_pip", "without_extras")
HEIF_HINT, RAW_HINT, VIDEO_HINT = (
    f" (pip install 'image-mood-classifier[{extra}]')" for extra in ("heif", "raw", "video")
)


@pytest.fixture
def without_extras(monkeypatch):
    for name in ("has_heif", "has_raw", "has_video"):
        monkeypatch.setattr(formats, name, lambda: False)


def counts(*skipped: Skipped) -> SkippedCounts:
    made = SkippedCounts()
    for one in random.Random(0).sample(skipped, len(skipped)):  # noqa: S311
        made.add(one)
    return made


def unsupported(name: str) -> Skipped:
    return Skipped(name, SkipKind.UNSUPPORTED, formats.undecodable_format(name[name.rindex(".") :]))


def test_a_summary_counts_formats_then_kinds():
    made = counts(
        *(unsupported(f"{i}.HEIC") for i in range(1200)),
        unsupported("a/b.heic"),
        *(unsupported(f"{i}.mov") for i in range(2)),
        unsupported("one.cr2"),
        unsupported("one.svg"),
        Skipped(".a.jpg", SkipKind.HIDDEN_FILE),
        *(Skipped(f"{i}/@eaDir", SkipKind.HELPER_FOLDER) for i in range(3)),
        Skipped(".git", SkipKind.HIDDEN_FOLDER),
        *(Skipped(f"link-{i}", SkipKind.LINK) for i in range(2)),
        Skipped("notes.txt", SkipKind.OTHER),
        Skipped("link", SkipKind.SEARCHED),
    )
    assert made.summary() == (
        f"1,201 .heic files{HEIF_HINT}, 2 .mov files{VIDEO_HINT}, 1 .cr2 file{RAW_HINT}, "
        "1 .svg file, 1 hidden file, 1 hidden folder, 3 helper folders, 2 links to folders"
    )
    assert "1 .svg file (convert it to JPEG" in made.summary(with_all_hints=True)


def test_only_the_most_frequent_formats_are_named():
    extensions = ("cr2", "nef", "arw", "mov", "mp4", "jxl", "svg", "dng")
    made = counts(*(unsupported(f"{i}.{name}") for n, name in enumerate(extensions) for i in range(10 - n)))
    assert made.summary() == (
        f"10 .cr2 files, 9 .nef files, 8 .arw files, 3 .dng files{RAW_HINT}, 7 .mov files, "
        f"6 .mp4 files{VIDEO_HINT}, 9 files of other formats"
    )


def test_a_hint_is_not_repeated():
    made = counts(*(unsupported(f"a.{name}") for name in ("heic", "heif", "jxl", "jxl", "svg")))
    assert made.summary(with_all_hints=True) == (
        f"1 .heic file, 1 .heif file{HEIF_HINT}, 2 .jxl files (convert it to JPEG or PNG), "
        "1 .svg file (convert it to JPEG or PNG)"
    )


def test_a_summary_of_other_files_is_empty():
    assert counts().summary() == ""
    assert counts(Skipped("notes.txt", SkipKind.OTHER), Skipped("a", SkipKind.SEARCHED)).summary() == ""


def test_a_skipped_file_is_one_line():
    assert str(unsupported("a/b.heic")) == (f"a/b.heic: unsupported format: HEIC{HEIF_HINT}")
    assert str(Skipped("a\nb", SkipKind.LINK)) == "a\\x0ab: link to a folder"
