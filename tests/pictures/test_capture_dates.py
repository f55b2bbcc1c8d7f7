from __future__ import annotations

import io
from datetime import datetime, timedelta, timezone

import PIL.Image
import pytest
from hypothesis import given
from hypothesis import strategies as st

from imagemood.pictures.capture_dates import capture_date
from tests.pictures.pixels.file_formats.media import video
from tests.pictures.pixels.file_formats.test_heif import HEIC

LOCAL = datetime(2026, 5, 1, 18, 30, 5)


def picture(date=None, offset=None, kind="JPEG"):
    exif, file = PIL.Image.Exif(), io.BytesIO()
    exif[0x010F] = "Camera"  # Pillow writes no metadata with these tags alone to some formats
    tags = {0x9003: date, 0x9011: offset}
    exif.get_ifd(0x8769).update({tag: value for tag, value in tags.items() if value is not None})
    if kind == "TIFF":
        return exif.tobytes().removeprefix(b"Exif\0\0")
    PIL.Image.new("RGB", (16, 16)).save(file, kind, exif=exif)
    return file.getvalue()


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF", "AVIF"])
def test_dates_of_all_formats(kind):
    zone = timezone(timedelta(hours=2))
    assert capture_date(picture("2026:05:01 18:30:05", "+02:00", kind)) == LOCAL.replace(tzinfo=zone)


@pytest.mark.parametrize("offset", [None, "", "   :  ", "nonsense"])
def test_without_a_valid_offset_the_time_is_local(offset):
    assert capture_date(picture("2026:05:01 18:30:05", offset)) == LOCAL


@pytest.mark.parametrize("date", [None, "", "0000:00:00 00:00:00", "    :  :     :  :  ", "2026:13:01 00:00:00"])
def test_pictures_without_a_valid_date_have_none(date):
    assert capture_date(picture(date)) is None


@pytest.mark.parametrize("content", [b"", b"text", HEIC, video(), picture("2026:05:01 18:30:05")[:60]])
def test_other_files_have_none(content):
    assert capture_date(content) is None


@given(st.binary(max_size=200), st.integers(0, 300))
def test_damaged_metadata_are_no_error(junk, position):
    content = picture("2026:05:01 18:30:05")
    capture_date(content[:position] + junk + content[position + len(junk) :])
