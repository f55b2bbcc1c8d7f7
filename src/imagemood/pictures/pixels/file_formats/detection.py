"""Detects the format of a picture file from its content, and opens it with the decoder of that format alone.

The name of the file has no influence. The decoders are those of formats in which people keep photos, drawings and
videos. Pillow's other decoders never run: EPS starts Ghostscript; WMF, BUFR, GRIB and HDF5 contain no decoder;
that of MPEG reads no pixels; FITS and DDS decompress small files into gigabytes; FPX and MIC need a library of
their own; the remaining ones belong to games, faxes, icons and measuring instruments, and hardly anybody maintains
them.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module

from imagemood.errors import ImageError
from imagemood.pictures.formats import undecodable_format
from imagemood.pictures.pixels.file_formats.jpeg import open_jpeg
from imagemood.pictures.pixels.file_formats.opened import OpenedImage
from imagemood.pictures.pixels.file_formats.raw import is_raw
from imagemood.pictures.pixels.file_formats.simple import is_tga, open_simple
from imagemood.pictures.pixels.file_formats.video import container_format

_JPEG = b"\xff\xd8"
_SIGNATURES = {
    b"\x89PNG\r\n\x1a\n": "png",
    b"GIF87a": "gif",
    b"GIF89a": "gif",
    b"II*\0": "tiff",
    b"MM\0*": "tiff",
    b"II+\0": "tiff",
    b"MM\0+": "tiff",
    b"\0\0\0\x0cjP  \r\n\x87\n": "jpeg2000",
    b"\xff\x4f\xff\x51": "jpeg2000",
    b"8BPS": "psd",
    b"\0\0\x01\0": "ico",
    b"BM": "BMP",
    b"qoif": "QOI",
    b"\x01\xda": "SGI",
    **{b"P%c" % kind: "pnm" for kind in b"123456f"},
    **{b"\n%c" % version: "PCX" for version in (0, 2, 3, 5)},
    **{b"%c\0\0\0" % header_size: "DIB" for header_size in (40, 52, 56, 64, 108, 124)},
}
"""How files start: the name of a module, in lower case, or of a decoder of Pillow."""
_AVIF_BRANDS = frozenset([b"avif", b"avis"])
_HEIF_BRANDS = frozenset(
    [b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs", b"mif1", b"msf1"]
)
_UNDECODABLE = {
    b"\xff\x0a": ".jxl",
    b"\0\0\0\x0cJXL ": ".jxl",
    b"%!PS": ".eps",
    b"<svg": ".svg",
    b"v/1\x01": ".exr",
}
"""How files in formats that cannot be decoded start, and one of their extensions."""


def open_image(content: bytes) -> OpenedImage:
    """Open a picture file in any of the supported formats.

    Raises
    ------
    ImageError
        If the format is not supported, or the file exceeds a limit.
    Exception
        Of any class, if the file is damaged.
    """
    if content.startswith(_JPEG):
        return open_jpeg(content)
    name = next((name for signature, name in _SIGNATURES.items() if content.startswith(signature)), None)
    if content.startswith(b"RIFF") and content[8:12] == b"WEBP":
        name = "webp"
    elif content[4:8] == b"ftyp":
        name = _format_of_brands(_brands(content))
    if name in {None, "tiff"} and is_raw(content):
        name = "raw"
    elif name is None and container_format(content):
        name = "video"
    elif name is None and is_tga(content):
        name = "TGA"
    if name is None:
        raise _unsupported(content)
    if name.isupper():
        return open_simple(content, name)
    module = import_module(f"imagemood.pictures.pixels.file_formats.{name}")
    open_: Callable[[bytes], OpenedImage] = getattr(module, f"open_{name}")
    return open_(content)


def _brands(content: bytes) -> list[bytes]:
    """Return the names of formats that an ISO media file states, the main one first."""
    end = min(int.from_bytes(content[:4]), 1024)
    return [content[8:12], *(content[place : place + 4] for place in range(16, end - 3, 4))]


def _format_of_brands(brands: list[bytes]) -> str | None:
    if not _AVIF_BRANDS.isdisjoint(brands):
        return "avif"
    return None if _HEIF_BRANDS.isdisjoint(brands) else "heif"


def _unsupported(content: bytes) -> ImageError:
    extension = next((name for signature, name in _UNDECODABLE.items() if content.startswith(signature)), "")
    undecodable = undecodable_format(extension)
    if undecodable is None:
        return ImageError("unsupported image format")
    return ImageError(f"unsupported image format: {undecodable.name}", hint=undecodable.hint)
