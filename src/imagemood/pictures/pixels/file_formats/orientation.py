"""Reads the orientation of a picture from EXIF and XMP metadata, however broken the rest of them is."""

from __future__ import annotations

import re
import struct

ORIENTATION_TAG = 0x0112
_INTEGER_FORMATS = {1: "B", 3: "H", 4: "I"}  # the TIFF types BYTE, SHORT and LONG
_XMP = re.compile(rb"""tiff:Orientation\s*(?:=\s*["']|>)\s*([1-8])""")


def exif_orientation(exif: bytes) -> int | None:
    r"""Return the orientation (1 to 8) that EXIF metadata state, or None.

    Only the entry of the orientation has to be intact.

    Parameters
    ----------
    exif : bytes
        The metadata, with or without the identifier ``Exif`` before them.

    Examples
    --------
    >>> entry = b"\x01\x12" + b"\0\x03" + b"\0\0\0\x01" + b"\0\x06\0\0"
    >>> exif_orientation(b"Exif\0\0" + b"MM\0*\0\0\0\x08" + b"\0\x01" + entry)
    6
    """
    tiff = exif.removeprefix(b"Exif\0\0")
    order = {b"II": "<", b"MM": ">"}.get(tiff[:2])
    if order is None or len(tiff) < 10:
        return None
    (start,) = struct.unpack_from(order + "I", tiff, 4)
    if start + 2 > len(tiff):
        return None
    (n_entries,) = struct.unpack_from(order + "H", tiff, start)
    for entry in range(start + 2, min(start + 2 + 12 * n_entries, len(tiff) - 11), 12):
        tag, kind = struct.unpack_from(order + "HH", tiff, entry)
        if tag == ORIENTATION_TAG and kind in _INTEGER_FORMATS:
            (value,) = struct.unpack_from(order + _INTEGER_FORMATS[kind], tiff, entry + 8)
            return value if 1 <= value <= 8 else None
    return None


def xmp_orientation(xmp: bytes) -> int | None:
    """Return the orientation (1 to 8) that XMP metadata state, or None.

    Examples
    --------
    >>> xmp_orientation(b'<rdf:Description tiff:Orientation="8"/>')
    8
    """
    match = _XMP.search(xmp)
    return int(match[1]) if match else None
