"""Decodes the pictures of an Acumos bundle, into which this module is copied next to `runner`.

Like `runner`, it does not import imagemood, and is written for Python 3.6 and older versions of Pillow. Its
results are those of `imagemood.pictures.pixels.decoding`, but some pictures with broken metadata are refused.
"""

import functools
import io
import typing

import numpy as np

_MIN_SIDE_PX, _MAX_ASPECT_RATIO, _MAX_MEMORY_BYTES, _MAX_SCANS = 8, 50, 10**9, 1000
_BYTES_PER_PIXEL = {"JPEG": 4, "WEBP": 16, "AVIF": 14, "JPEG2000": 24}  # 8 in the other formats
_DEEP_BYTES_PER_PIXEL, _PROGRESSIVE_BYTES_PER_PIXEL = 30, 8
# The rendering intent, and the compensation of the black point; older versions of Pillow have no enumerations.
_RELATIVE_COLORIMETRIC, _COMPENSATED = typing.cast(typing.Any, 1), typing.cast(typing.Any, 0x2000)
# The only decoders of Pillow that may run; EPS, for example, would start a program.
_DECODERS = ["JPEG", "PNG", "GIF", "BMP", "PPM", "WEBP", "AVIF", "TIFF", "JPEG2000", "DIB", "QOI", "ICO", "PSD"]
_DECODERS += ["SGI", "PCX", "TGA"]
# By EXIF orientation, from 2.
_TRANSPOSITIONS = ["FLIP_LEFT_RIGHT", "ROTATE_180", "FLIP_TOP_BOTTOM", "TRANSPOSE", "ROTATE_270", "TRANSVERSE"]
_TRANSPOSITIONS += ["ROTATE_90"]


def decode_for(card, data):
    """Decode a picture file as the card of a tagger says."""
    return decode(
        data,
        card["size_px"],
        resize_px=card.get("resize_px"),
        keep_aspect=card.get("resize") == "crop",
        interpolation=card.get("interpolation", "bicubic"),
        rounding=card.get("crop_rounding", "even"),
    )


def decode(data, size_px, resize_px=None, keep_aspect=False, interpolation="bicubic", rounding="even"):
    """Decode a picture file to an upright image (size_px, size_px, 3) uint8 in sRGB.

    The picture, or its shorter side if the aspect ratio is kept, is resized to resize_px, by default size_px, and
    the centre is cropped.
    """
    import PIL.Image  # not installed for a bundle that receives tag rows

    with _open(data) as picture:
        _check(picture, data)
        is_plain, resize_px = not (resize_px or keep_aspect), resize_px or size_px
        original = picture.size
        picture.draft("RGB", (2 * resize_px, 2 * resize_px))
        bytes_per_pixel = _DEEP_BYTES_PER_PIXEL if _is_deep(picture) else _BYTES_PER_PIXEL.get(picture.format, 8)
        _check_memory(picture, bytes_per_pixel)
        picture.load()
        image, orientation = _resizable(PIL.Image, picture), _orientation(picture)
        profile = picture.info.get("icc_profile")
    original = image.size if is_plain else original
    resized = _resized_size(original, resize_px, keep_aspect)
    if image.size != (size_px, size_px) or resized != image.size:
        box = _central_box(image.size, original, resized, size_px, round if rounding == "even" else int)
        image = image.resize((size_px, size_px), getattr(PIL.Image.Resampling, interpolation.upper()), box=box)
    image = _to_srgb(image, profile).convert("RGB")
    if orientation > 1:
        image = image.transpose(getattr(PIL.Image.Transpose, _TRANSPOSITIONS[orientation - 2]))
    return np.asarray(image)


def _resized_size(size, side_px, keep_aspect):
    """Return the width and height of a picture after resizing, before its centre is cropped."""
    if not keep_aspect:
        return side_px, side_px
    return tuple(int(side_px * length / min(size)) for length in size)


def _central_box(size, original, resized, size_px, round_half):
    """Return the part of a decoded image that becomes the central square of the resized picture."""
    factor = max(1, round(original[0] / size[0]))
    starts = [round_half((length - size_px) / 2) for length in resized]
    return tuple(
        min(limit, (start + end) * length / (resized_length * factor))
        for end in (0, size_px)
        for start, length, resized_length, limit in zip(starts, original, resized, size)
    )


def _open(data):
    """Open the first image of a picture file, without decoding it."""
    import PIL.Image

    if data.startswith(b"\xff\xd8"):
        from PIL.JpegImagePlugin import JpegImageFile

        return JpegImageFile(io.BytesIO(data))  # PIL.Image.open refuses 200 megapixels, whatever the scale
    PIL.Image.init()
    decoders = [name for name in _DECODERS if name in PIL.Image.OPEN]  # old versions lack some of them
    return PIL.Image.open(io.BytesIO(data), formats=decoders)


def _check(picture, data):
    """Raise `ValueError` if a picture has an unsuitable shape, or is a JPEG file that takes too long to decode."""
    width, height = picture.size
    if min(width, height) < _MIN_SIDE_PX or max(width, height) > _MAX_ASPECT_RATIO * min(width, height):
        raise ValueError("unsupported size: {} x {} pixels".format(width, height))
    if picture.info.get("progressive"):
        _check_memory(picture, _PROGRESSIVE_BYTES_PER_PIXEL)  # whatever the scale
        if data.count(b"\xff\xda") > _MAX_SCANS:
            raise ValueError("too many scans: more than {}".format(_MAX_SCANS))


def _check_memory(picture, bytes_per_pixel):
    width, height = picture.size
    if bytes_per_pixel * width * height > _MAX_MEMORY_BYTES:
        raise ValueError("too large: {} x {} pixels".format(width, height))


def _orientation(picture):
    """Return the EXIF orientation, from 1 to 8; metadata that cannot be read are ignored."""
    try:
        orientation = int(picture.getexif().get(0x0112, 1))
    except Exception:
        return 1
    return orientation if 1 <= orientation <= 8 else 1


def _to_srgb(image, profile):
    """Convert an image to sRGB; a profile that is broken, or that of another mode, is ignored."""
    spaces = {"RGB": b"RGB ", "L": b"GRAY", "CMYK": b"CMYK"}
    if not profile or profile[16:20] != spaces.get(image.mode):
        return image
    transform = _transform(profile, image.mode)
    return image if transform is None else transform.apply(image)


@functools.lru_cache(maxsize=8)
def _transform(profile, mode):
    """Return the transform of an ICC profile, or None if it changes nothing or cannot be used."""
    try:
        from PIL import Image, ImageCms

        source, target = ImageCms.ImageCmsProfile(io.BytesIO(profile)), ImageCms.createProfile("sRGB")
        transform = ImageCms.buildTransform(source, target, mode, "RGB", _RELATIVE_COLORIMETRIC, _COMPENSATED)
        if mode == "CMYK":
            return transform
        levels = np.linspace(0, 255, 16 if mode == "RGB" else 256).astype(np.uint8)
        colours = np.stack(np.meshgrid(*[levels] * len(mode), indexing="ij"), axis=-1).reshape(1, -1, len(mode))
        changed = np.asarray(transform.apply(Image.fromarray(colours.squeeze(-1) if mode == "L" else colours)))
        return transform if np.abs(changed.astype(int) - colours).max() > 2 else None
    except Exception:  # also if Pillow was built without colour management
        return None


def _resizable(pillow, image):
    """Convert an image to a mode that can be resized: high bit depths are scaled, and the background is white."""
    if _is_deep(image):
        values = np.nan_to_num(np.asarray(image).astype(np.float64), posinf=0.0, neginf=0.0)
        maximum = values.max()
        if image.mode == "F":
            white = 1 if maximum <= 1 else max(255, maximum)
        else:
            white = 2**16 - 1 if maximum < 2**16 else 2**31 - 1
        return pillow.fromarray(np.clip(np.rint(values * (255 / white)), 0, 255).astype(np.uint8))
    if image.mode in ("LA", "La", "PA", "RGBA", "RGBa") or "transparency" in image.info:
        with_alpha = image.convert("RGBA")
        return pillow.alpha_composite(pillow.new("RGBA", image.size, "white"), with_alpha).convert("RGB")
    if image.mode == "1":
        return image.convert("L")
    return image if image.mode in ("L", "RGB", "RGBX", "CMYK", "YCbCr", "LAB") else image.convert("RGB")


def _is_deep(image):
    """Return whether an image has grey values of more than 8 bits."""
    return image.mode in ("I", "F") or image.mode.startswith("I;16")
