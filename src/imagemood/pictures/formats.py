"""The image formats that are decoded, and the file extensions of these and of other formats of pictures."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec

from imagemood._installation import install_command

COMMON_DECODERS = ("JPEG", "PNG", "GIF", "BMP", "PPM")
"""Pillow decoders that are tried first; Pillow imports them when it opens the first file."""
OTHER_DECODERS = ("WEBP", "AVIF", "TIFF", "JPEG2000", "DIB", "QOI", "ICO", "PSD", "SGI", "PCX", "TGA")
"""Pillow decoders that are imported only for files that none of `COMMON_DECODERS` recognises."""
DECODERS = COMMON_DECODERS + OTHER_DECODERS
"""The only Pillow decoders that may run; the format is detected from the content of a file, not from its name.

They decode formats in which people keep photos and drawings; JPEG includes MPO. Every other decoder is left out:
EPS starts Ghostscript; WMF, BUFR, GRIB and HDF5 contain no decoder; MPEG reads no pixels; FITS and DDS decompress
small files into gigabytes; FPX and MIC need a library of their own; the remaining ones belong to games, faxes,
icons and measuring instruments, and hardly anybody maintains them. HEIC is decoded by the extra ``heif``.
"""

_EXTENSIONS = {
    "JPEG": ".jpg .jpeg .jpe .jfif .jfi .jif .pjpeg .pjp",
    "MPO": ".mpo",
    "PNG": ".png .apng",
    "GIF": ".gif",
    "WEBP": ".webp",
    "AVIF": ".avif .avifs",
    "TIFF": ".tif .tiff",
    "BMP": ".bmp .dib",
    "JPEG2000": ".jp2 .j2k .j2c .jpc .jpf .jpx",
    "PPM": ".ppm .pgm .pbm .pnm .pfm",
    "QOI": ".qoi",
    "TGA": ".tga .icb .vda",  # not .vst, which is the extension of templates for diagrams
    "ICO": ".ico",
    "PSD": ".psd",
    "SGI": ".sgi .rgb .rgba .bw",
    "PCX": ".pcx",
}
_BASE_EXTENSIONS = frozenset(" ".join(_EXTENSIONS.values()).split())
_HEIF_EXTENSIONS = frozenset([".heic", ".heif", ".hif", ".heics", ".heifs"])

_UNDECODABLE_EXTENSIONS = {
    "camera raw": (
        ".3fr .ari .arw .cr2 .cr3 .crw .dcr .dng .erf .fff .gpr .iiq .k25 .kdc .mdc .mef .mos .mrw .nef .nrw .orf "
        ".ori .pef .ptx .qtk .raf .raw .rw2 .rwl .rwz .sr2 .srf .srw .x3f"
    ),
    "JPEG XL": ".jxl",
    "JPEG XR": ".jxr .wdp .hdp",
    "vector graphics": ".svg .svgz .eps .ps .ai .cdr .wmf .emf",
    "high dynamic range": ".exr .hdr",
    "image editor": ".psb .xcf .kra .clip .afphoto .pdn .procreate",
    "video": ".3gp .avi .m2ts .m4v .mkv .mov .mp4 .mpeg .mpg .mts .webm .wmv",
}
_CONVERT = "convert it to JPEG or PNG"
_HINTS = {
    "camera raw": "export it as JPEG, or use the JPEG file that the camera wrote",
    "video": "extract pictures from it",
}


@dataclass(frozen=True)
class UndecodableFormat:
    """A format of pictures or videos that cannot be decoded.

    Attributes
    ----------
    name : str
        The name of the format, such as ``"JPEG XL"``.
    advice : str
        What the user can do about it, as an imperative.
    extra : str, optional
        The extra that decodes it. The advice is then the command that installs the extra.
    """

    name: str
    advice: str = ""
    extra: str | None = None

    @property
    def hint(self) -> str:
        """The advice, or the command that installs the extra."""
        return self.advice if self.extra is None else install_command(self.extra)


HEIF = UndecodableFormat("HEIC", extra="heif")
"""The format of phones, if the extra that decodes it is not installed."""
_UNDECODABLE = {
    extension: UndecodableFormat(name, _HINTS.get(name, _CONVERT))
    for name, extensions in _UNDECODABLE_EXTENSIONS.items()
    for extension in extensions.split()
}


@cache
def has_heif() -> bool:
    """Return whether the extra that decodes HEIC files is installed."""
    return find_spec("pi_heif") is not None


def picture_extensions() -> frozenset[str]:
    """Return the extensions by which the pictures in a folder are recognised, in lower case and with the dot.

    They include those of HEIC only if the extra ``heif`` is installed.

    Examples
    --------
    >>> sorted(picture_extensions())[:4], ".cr2" in picture_extensions()
    (['.apng', '.avif', '.avifs', '.bmp'], False)
    """
    return _BASE_EXTENSIONS | _HEIF_EXTENSIONS if has_heif() else _BASE_EXTENSIONS


def undecodable_format(extension: str) -> UndecodableFormat | None:
    """Return the format of pictures or videos that has a file extension, if that format cannot be decoded.

    Parameters
    ----------
    extension : str
        The extension with the dot, in upper or lower case.

    Returns
    -------
    UndecodableFormat or None
        None for the extensions of formats that can be decoded, and of files that are neither pictures nor videos.

    Examples
    --------
    >>> undecodable_format(".CR2").hint, undecodable_format(".jpg"), undecodable_format(".txt")
    ('export it as JPEG, or use the JPEG file that the camera wrote', None, None)
    """
    extension = extension.lower()
    if extension in _HEIF_EXTENSIONS:
        return None if has_heif() else HEIF
    return _UNDECODABLE.get(extension)
