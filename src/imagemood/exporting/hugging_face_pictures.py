"""Describes how an image processor of Hugging Face transformers prepares pictures, as fields of a tagger card."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from imagemood.errors import InputError

_FILTERS = {0: "nearest", 1: "lanczos", 2: "bilinear", 3: "bicubic", 4: "box", 5: "hamming"}  # Pillow's numbers


def card_fields(processor: Any, source: str) -> dict[str, Any]:
    """Return the fields of a tagger card that describe the preparation of pictures.

    Not all processors can be described. `check_agreement` compares prepared pictures, and rejects the others.
    """

    def setting(name: str, default: Any = None) -> Any:
        value = getattr(processor, name, None)
        return default if value is None else value

    _check_square(setting("crop_size" if setting("do_center_crop") else "size", {}), source)
    size = _sides(setting("size", {}))
    crop = _sides(setting("crop_size", {})) if setting("do_center_crop") else None
    if size is None or not setting("do_resize", True):
        raise InputError("does not say to which size pictures are resized", where=source)
    side_px, keeps_aspect = size
    size_px = side_px if crop is None else crop[0]
    crop_share = setting("crop_pct")
    if crop_share is not None and crop is None:  # ConvNeXT
        keeps_aspect = side_px < 384
        side_px = int(side_px / crop_share) if keeps_aspect else side_px
    elif keeps_aspect and crop is None:
        raise InputError("resizes pictures to a variable size, not to a square", where=source)
    normalises = setting("do_normalize", True)
    scale = round(1 / setting("rescale_factor", 1 / 255), 9) if setting("do_rescale", True) else 1.0
    return {
        "size_px": size_px,
        "mean": _channels(setting("image_mean", 0.0)) if normalises else 0.0,
        "std": _channels(setting("image_std", 1.0)) if normalises else 1.0,
        "scale": scale,
        "resize": "crop" if keeps_aspect else "stretch",
        "resize_px": side_px,
        "crop_rounding": "down",
        "interpolation": _FILTERS.get(int(setting("resample", 2)), "bilinear"),
    }


def _sides(size: Any) -> tuple[int, bool] | None:
    """Return the side of the square, or of the shorter side, and whether the aspect ratio is kept."""
    values = dict(size) if isinstance(size, Mapping) else {k: v for k, v in vars(size).items() if v is not None}
    if values.get("shortest_edge"):
        return int(values["shortest_edge"]), True
    height, width = values.get("height"), values.get("width")
    return (int(height), False) if height and height == width else None


def _check_square(size: Any, source: str) -> None:
    values = dict(size) if isinstance(size, Mapping) else vars(size)
    height, width = values.get("height"), values.get("width")
    if height and width and height != width:
        raise InputError(f"takes pictures of {width}×{height} pixels, not squares", where=source)


def _channels(value: Any) -> Any:
    return tuple(map(float, value)) if isinstance(value, list | tuple) else float(value)
