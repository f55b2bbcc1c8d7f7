"""Opens HEIC files, with the extra ``heif``."""

from __future__ import annotations

import io

from imagemood.errors import ImageError
from imagemood.pictures.formats import HEIF, has_heif
from imagemood.pictures.pixels.file_formats.opened import OpenedImage

_BYTES_PER_PIXEL = 6  # measured


def open_heif(content: bytes) -> OpenedImage:
    """Open the main image of a HEIC file, which the decoder turns upright.

    Raises
    ------
    ImageError
        If the extra is not installed.
    """
    if not has_heif():
        raise ImageError("HEIC files need an extra", hint=HEIF.hint)
    import pi_heif  # noqa: PLC0415

    # The main image is all that is needed.
    pi_heif.options.THUMBNAILS = pi_heif.options.DEPTH_IMAGES = pi_heif.options.AUX_IMAGES = False
    image = pi_heif.HeifImageFile(io.BytesIO(content))
    return OpenedImage(
        image,
        icc_profile=image.info.get("icc_profile"),
        decoder_bytes=_BYTES_PER_PIXEL * image.width * image.height,
    )
