"""An image file whose header was read, and the part of a file that its decoder gets."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import IO, Any, cast

import PIL.Image


class OpenedImage:
    """An image whose pixels are not decoded yet, with the metadata that matter for its appearance.

    Parameters
    ----------
    image : PIL.Image.Image
        The image, opened without the metadata of the file.
    orientation : int
        The EXIF orientation, from 1 to 8.
    icc_profile : bytes or None
        The ICC profile, not checked yet.
    decoder_bytes : int
        An estimate of the memory that the decoder allocates besides the pixels of the image.
    """

    def __init__(
        self,
        image: PIL.Image.Image,
        *,
        orientation: int = 1,
        icc_profile: bytes | None = None,
        decoder_bytes: int = 0,
    ) -> None:
        self.image = image
        self.orientation = orientation
        self.icc_profile = icc_profile
        self._decoder_bytes = decoder_bytes

    @property
    def size(self) -> tuple[int, int]:
        """Width and height at which the image will be decoded."""
        return self.image.size

    @property
    def mode(self) -> str:
        """The mode of the decoded image."""
        return self.image.mode

    @property
    def decoder_bytes(self) -> int:
        """An estimate of the memory that the decoder allocates besides the pixels of the image."""
        return self._decoder_bytes

    @property
    def decoder(self) -> str:
        """Pillow's name of the decoder."""
        tiles = getattr(self.image, "tile", None)
        return tiles[0][0] if tiles else ""

    @property
    def has_transparency(self) -> bool:
        """Whether the image has transparent pixels, as far as is known."""
        return self.image.has_transparency_data

    def reduce(self, side_px: int) -> None:
        """Select the smallest scale at which both sides have at least `side_px` pixels, if there are scales."""

    def decode(self) -> PIL.Image.Image:
        """Decode the pixels; raise `ValueError` if too much of the file is missing."""
        self.image.load()
        return self.image


class LazyImage(OpenedImage):
    """An image that is opened only when it is decoded, because Pillow allocates its memory when it opens it.

    Parameters
    ----------
    open_ : callable
        Opens the image.
    size : (int, int)
        Width and height.
    mode : str
        The mode of the decoded image.
    **attributes
        The other parameters of `OpenedImage`.
    """

    def __init__(
        self, open_: Callable[[], PIL.Image.Image], size: tuple[int, int], mode: str, **attributes: Any
    ) -> None:
        super().__init__(PIL.Image.Image(), **attributes)
        self._open = open_
        self._size = size
        self._mode = mode

    @property
    def size(self) -> tuple[int, int]:
        """Width and height."""
        return self._size

    @property
    def mode(self) -> str:
        """The mode of the decoded image."""
        return self._mode

    @property
    def has_transparency(self) -> bool:
        """Whether the mode has transparent pixels."""
        return self._mode == "RGBA"

    def decode(self) -> PIL.Image.Image:
        """Open the image and decode its pixels."""
        self.image = self._open()
        return super().decode()


class PartedFile:
    """A file that consists of parts of other files, which are not copied.

    Examples
    --------
    >>> PartedFile(b"ab", memoryview(b"xcdx")[1:3]).read()
    b'abcd'
    """

    def __init__(self, *parts: bytes | memoryview) -> None:
        self._parts = parts
        self._size = sum(map(len, parts))
        self._position = 0

    def read(self, size: int = -1) -> bytes:
        """Read up to `size` bytes; all that remain if it is negative."""
        end = self._size if size is None or size < 0 else min(self._size, self._position + size)
        pieces, start = [], 0
        for part in self._parts:
            piece = part[max(0, self._position - start) : max(0, end - start)]
            if piece:
                pieces.append(piece)
            start += len(part)
        self._position = max(self._position, end)
        return b"".join(pieces)

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Change the position, as for other files."""
        self._position = max(0, offset + (0, self._position, self._size)[whence])
        return self._position

    def tell(self) -> int:
        """Return the position."""
        return self._position

    def close(self) -> None:
        """Do nothing; the parts belong to the caller."""


def parted_file(*parts: bytes | memoryview) -> IO[bytes]:
    """Return a `PartedFile` with the type that Pillow expects of files."""
    return cast("IO[bytes]", PartedFile(*parts))
