"""The file extensions of the formats that are decoded, and of other formats of pictures and videos."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec

from imagemood._installation import install_command

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
_RAW_EXTENSIONS = frozenset(
    [
        *[".3fr", ".arw", ".cr2", ".cr3", ".crw", ".dcr", ".dng", ".erf", ".fff", ".iiq", ".k25", ".kdc", ".mdc"],
        *[".mef", ".mos", ".mrw", ".nef", ".nrw", ".orf", ".ori", ".pef", ".ptx", ".qtk", ".raf", ".rw2", ".rwl"],
        *[".sr2", ".srf", ".srw", ".x3f"],
    ]
)
_VIDEO_EXTENSIONS = frozenset(".3gp .3g2 .avi .m2ts .m4v .mkv .mov .mp4 .mpeg .mpg .mts .webm .wmv".split())  # noqa: SIM905

_UNDECODABLE_EXTENSIONS = {
    "camera raw": ".ari .gpr .raw .rwz",
    "JPEG XL": ".jxl",
    "JPEG XR": ".jxr .wdp .hdp",
    "vector graphics": ".svg .svgz .eps .ps .ai .cdr .wmf .emf",
    "high dynamic range": ".exr .hdr",
    "image editor": ".psb .xcf .kra .clip .afphoto .pdn .procreate",
}
_CONVERT = "convert it to JPEG or PNG"
_HINTS = {
    "camera raw": "export it as JPEG, or use the JPEG file that the camera wrote",
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
RAW = UndecodableFormat("camera raw", extra="raw")
"""The formats of cameras, if the extra that decodes them is not installed."""
VIDEO = UndecodableFormat("video", extra="video")
"""Videos, if the extra that decodes their first frame is not installed."""
_UNDECODABLE = {
    extension: UndecodableFormat(name, _HINTS.get(name, _CONVERT))
    for name, extensions in _UNDECODABLE_EXTENSIONS.items()
    for extension in extensions.split()
}


@cache
def has_heif() -> bool:
    """Return whether the extra that decodes HEIC files is installed."""
    return find_spec("pi_heif") is not None


@cache
def has_raw() -> bool:
    """Return whether the extra that decodes camera raw files is installed."""
    return find_spec("rawpy") is not None


@cache
def has_video() -> bool:
    """Return whether the extra that decodes videos is installed."""
    return find_spec("av") is not None


def picture_extensions() -> frozenset[str]:
    """Return the extensions by which the pictures in a folder are recognised, in lower case and with the dot.

    They include those of HEIC, camera raw files and videos only if the extras that decode them are installed.

    Examples
    --------
    >>> ".jpg" in picture_extensions(), ".jxl" in picture_extensions()
    (True, False)
    """
    installed = (extensions for extensions, format_ in _optional_formats() if format_ is None)
    return _BASE_EXTENSIONS.union(*installed)


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
    >>> undecodable_format(".JXL").hint, undecodable_format(".jpg"), undecodable_format(".txt")
    ('convert it to JPEG or PNG', None, None)
    """
    extension = extension.lower()
    for extensions, format_ in _optional_formats():
        if extension in extensions:
            return format_
    return _UNDECODABLE.get(extension)


def _optional_formats() -> list[tuple[frozenset[str], UndecodableFormat | None]]:
    """Return the extensions that need an extra, with the format if its extra is not installed."""
    return [
        (_HEIF_EXTENSIONS, None if has_heif() else HEIF),
        (_RAW_EXTENSIONS, None if has_raw() else RAW),
        (_VIDEO_EXTENSIONS, None if has_video() else VIDEO),
    ]
