"""Converts pixels to sRGB as an ICC profile says; a profile that is broken or does not fit is ignored."""

from __future__ import annotations

import hashlib
import io
from typing import TYPE_CHECKING, Any

import numpy as np
import PIL.Image

from imagemood.pictures.pixels.decoding_limits import MAX_PROFILE_BYTES

if TYPE_CHECKING:
    from PIL.ImageCms import ImageCmsTransform

_COLOUR_SPACES = {"RGB": b"RGB ", "L": b"GRAY", "CMYK": b"CMYK"}
_CLASSES = frozenset([b"mntr", b"scnr", b"prtr", b"spac"])
_RELATIVE_COLORIMETRIC, _BLACK_POINT_COMPENSATION = 1, 0x2000
_MAX_DIFFERENCE = 2  # of 255; a profile that changes no colour by more is that of sRGB
_MAX_CACHED = 64
_MISSING: Any = object()
_cache: dict[tuple[bytes, str], ImageCmsTransform | None] = {}


def to_srgb(image: PIL.Image.Image, profile: bytes | None) -> PIL.Image.Image:
    """Convert an image to sRGB.

    Parameters
    ----------
    image : PIL.Image.Image
        The image. Modes other than RGB, L and CMYK have no profile.
    profile : bytes or None
        The ICC profile of the image.

    Returns
    -------
    PIL.Image.Image
        An RGB image; or `image` itself, if it is in sRGB, or the profile cannot be used.

    Examples
    --------
    >>> from PIL import ImageCms
    >>> srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    >>> red = PIL.Image.new("RGB", (8, 8), "red")
    >>> to_srgb(red, srgb) is red, to_srgb(red, b"damaged") is red
    (True, True)
    """
    if not profile or not _fits(profile, image.mode):
        return image
    key = hashlib.sha256(profile).digest(), image.mode
    transform: ImageCmsTransform | None = _cache.get(key, _MISSING)
    if transform is _MISSING:
        if len(_cache) >= _MAX_CACHED:
            _cache.clear()
        transform = _cache[key] = _transform(profile, image.mode)
    if transform is None:
        return image
    return transform.apply(image)


def _fits(profile: bytes, mode: str) -> bool:
    return (
        128 < len(profile) <= MAX_PROFILE_BYTES
        and profile[36:40] == b"acsp"
        and profile[12:16] in _CLASSES
        and profile[16:20] == _COLOUR_SPACES.get(mode)
    )


def _transform(profile: bytes, mode: str) -> ImageCmsTransform | None:
    """Return the transform of a profile, or None if it changes nothing, or the profile is damaged."""
    try:
        from PIL import ImageCms  # noqa: PLC0415 (slow to import, and few pictures need it)

        transform = ImageCms.ImageCmsTransform(
            ImageCms.ImageCmsProfile(io.BytesIO(profile)),
            ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")),
            mode,
            "RGB",
            ImageCms.Intent(_RELATIVE_COLORIMETRIC),
            flags=ImageCms.Flags(_BLACK_POINT_COMPENSATION),
        )
        return None if mode != "CMYK" and _is_identity(transform, mode) else transform
    except Exception:
        return None


def _is_identity(transform: ImageCmsTransform, mode: str) -> bool:
    levels = np.linspace(0, 255, 16 if mode == "RGB" else 256).astype(np.uint8)
    colours = np.stack(np.meshgrid(*[levels] * len(mode), indexing="ij"), axis=-1).reshape(1, -1, len(mode))
    image = PIL.Image.fromarray(colours if mode == "RGB" else colours[..., 0])
    changed = np.asarray(transform.apply(image), dtype=int)
    return bool(np.abs(changed - colours).max() <= _MAX_DIFFERENCE)
