"""How a picture becomes the square that a network takes, or a preview that fits into a square."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import PIL.Image

Interpolation = Literal["nearest", "box", "bilinear", "hamming", "bicubic", "lanczos"]
"""The names of Pillow's filters. Those except ``nearest`` are antialiased when a picture is reduced."""
Rounding = Literal["even", "down"]
"""How a half is rounded."""


@dataclass(frozen=True)
class Resizing:
    """How a picture is resized, usually before the centre is cropped to a square, as networks are trained.

    Attributes
    ----------
    side_px : int
        The length of both sides after resizing or, if the aspect ratio is kept, of the shorter side: at least the
        side of the square.
    keep_aspect : bool
        Whether the aspect ratio is kept.
    interpolation : str
        The filter.
    rounding : {'even', 'down'}
        How the first row and column of the crop are rounded if an odd number of pixels is cropped: to an even
        number, as by torchvision, or down, as by transformers.
    crops : bool
        Whether the centre is cropped. Otherwise, the picture is reduced until it fits into the square, unless it
        does already, and keeps its aspect ratio.

    Examples
    --------
    >>> picture = PIL.Image.new("RGB", (300, 150))
    >>> Resizing(256, keep_aspect=True).resized_size(picture.size)
    (512, 256)
    >>> Resizing(256, keep_aspect=True).apply(picture, 224).size
    (224, 224)
    >>> Resizing(200, crops=False).apply(picture, 200).size
    (200, 100)
    """

    side_px: int
    keep_aspect: bool = False
    interpolation: Interpolation = "bicubic"
    rounding: Rounding = "even"
    crops: bool = True

    def resized_size(self, size: tuple[int, int]) -> tuple[int, int]:
        """Return the width and height of a picture after resizing, before its centre is cropped."""
        if not self.keep_aspect:
            return self.side_px, self.side_px
        shorter = min(size)
        width, height = (int(self.side_px * length / shorter) for length in size)
        return width, height

    def apply(
        self,
        image: PIL.Image.Image,
        size_px: int,
        original: tuple[int, int] | None = None,
        *,
        mirrored: tuple[bool, bool] = (False, False),
    ) -> PIL.Image.Image:
        """Resize an image, and return the square of `size_px` at its centre, or the image that fits into it.

        `original` is the width and height of the picture, if the image was decoded at a half, a quarter or an
        eighth of them. The last row or column of the image then may lie partly outside the picture.

        `mirrored` says whether the columns, and the rows, are in reverse order in the upright picture, which
        matters if an odd number of pixels is cropped.
        """
        if not self.crops:
            return self._fitted(image, size_px)
        original = original or image.size
        resized, factor = self.resized_size(original), max(1, round(original[0] / image.size[0]))
        round_half = round if self.rounding == "even" else int
        starts = [round_half((length - size_px) / 2) for length in resized]
        starts = [
            length - size_px - start if is_mirrored else start
            for length, start, is_mirrored in zip(resized, starts, mirrored, strict=True)
        ]
        # Resizing only the part that remains gives the same pixels, and needs little memory for any aspect ratio.
        left, top, right, bottom = (
            min(limit, (start + end) * length / (resized_length * factor))
            for end in (0, size_px)
            for start, length, resized_length, limit in zip(starts, original, resized, image.size, strict=True)
        )
        if image.size == (size_px, size_px) == (right - left, bottom - top):
            return image
        filter_ = PIL.Image.Resampling[self.interpolation.upper()]
        return image.resize((size_px, size_px), filter_, box=(left, top, right, bottom))

    def _fitted(self, image: PIL.Image.Image, size_px: int) -> PIL.Image.Image:
        factor = max(image.size) / size_px
        if factor <= 1:
            return image
        width, height = (max(1, round(length / factor)) for length in image.size)
        return image.resize((width, height), PIL.Image.Resampling[self.interpolation.upper()])
