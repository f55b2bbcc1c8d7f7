"""The date and time at which a picture was taken, from its EXIF metadata."""

from __future__ import annotations

import io
import re
from datetime import datetime
from typing import Any

import PIL.Image

from imagemood.pictures.formats import has_heif
from imagemood.pictures.pixels.decoder_warnings import WarningsIgnored

_FORMATS = ("JPEG", "PNG", "WEBP", "AVIF")
_EXIF, _DATE, _OFFSET = 0x8769, 0x9003, 0x9011
_TIME = re.compile(r"(\d{4})[:-](\d\d)[:-](\d\d)[ T](\d\d):(\d\d):(\d\d)")
_ZONE = re.compile(r"[+-]\d\d:\d\d|Z")


def capture_date(content: bytes) -> datetime | None:
    """Return the date and time at which a picture was taken, or None if its file does not state it.

    Parameters
    ----------
    content : bytes
        The content of a picture file. EXIF metadata are read, not the time of the file.

    Returns
    -------
    datetime or None
        Local time where the picture was taken, with the offset from UTC if it is stated.

    Examples
    --------
    >>> image, exif, file = PIL.Image.new("RGB", (8, 8)), PIL.Image.Exif(), io.BytesIO()
    >>> exif.get_ifd(0x8769).update({0x9003: "2026:05:01 18:30:00", 0x9011: "+02:00"})
    >>> image.save(file, "JPEG", exif=exif)
    >>> capture_date(file.getvalue()).isoformat()
    '2026-05-01T18:30:00+02:00'
    """
    try:
        with WarningsIgnored():
            tags = _tags(content)
            return _parse(str(tags.get(_DATE, "")), str(tags.get(_OFFSET, "")))
    except Exception:  # the metadata are damaged, or there are none
        return None


def _tags(content: bytes) -> dict[int, Any]:
    if content.startswith((b"II*\0", b"MM\0*")):  # TIFF, and most camera raw files
        exif = PIL.Image.Exif()
        exif.load(content)
        return exif.get_ifd(_EXIF)
    if content[4:8] == b"ftyp" and has_heif() and content[8:12] not in (b"avif", b"avis"):
        import pi_heif  # noqa: PLC0415

        exif = PIL.Image.Exif()
        exif.load(pi_heif.open_heif(content).info["exif"])
        return exif.get_ifd(_EXIF)
    with PIL.Image.open(io.BytesIO(content), formats=_FORMATS) as image:
        return image.getexif().get_ifd(_EXIF)


def _parse(date: str, offset: str) -> datetime | None:
    found = _TIME.match(date.strip("\0 "))
    if found is None:
        return None
    zone = offset.strip("\0 ") if _ZONE.fullmatch(offset.strip("\0 ")) else ""
    return datetime.fromisoformat("{}-{}-{}T{}:{}:{}".format(*found.groups()) + zone)
