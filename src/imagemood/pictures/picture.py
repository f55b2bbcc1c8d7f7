"""The class of a picture, wherever it comes from."""

from __future__ import annotations

import io
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any, NoReturn, Protocol

import numpy as np
import PIL.Image
from numpy.typing import NDArray

from imagemood._text import valid_unicode
from imagemood.errors import MoodError
from imagemood.pictures import names
from imagemood.pictures.pixels import decoding
from imagemood.pictures.pixels.resizing import Resizing
from imagemood.pictures.reading import addresses, storage
from imagemood.pictures.reading.urls import display_name


class Decoder(Protocol):
    """Decodes the content of a picture file, with the parameters and errors of `decoding.decode`."""

    def __call__(
        self, content: bytes, *, name: str, size_px: int | None, resizing: Resizing | None, max_pixels: int
    ) -> NDArray[np.uint8]:
        """Return the pixels, of shape (height, width, 3)."""
        ...


class Picture:
    """A picture that is read and decoded only on request.

    Use one of the class methods `from_address`, `from_bytes`, `from_image` and `failed` to create most pictures.

    Parameters
    ----------
    name : str
        The name used in results and error messages.
    read : callable
        Returns the content of the picture file, or raises a `MoodError`.
    max_pixels : int
        Largest width × height to decode; at most `imagemood.pictures.pixels.decoding.MAX_PIXELS`.
    rereadable : bool
        Whether the content can be read more than once.

    Attributes
    ----------
    name : str
        The name used in results and error messages, which is always valid Unicode, and without passwords.
    max_pixels : int
        The parameter of the same name.
    error : MoodError or None
        The error that `read` and `decode` will raise, if it is known in advance.
    showable : bool
        Whether a result should refer to the picture, so that a notebook can show it: it is a local file, or in the
        memory of the caller anyway.

    Examples
    --------
    >>> picture = Picture.from_image(np.zeros((32, 48, 3), np.uint8), name="black")
    >>> picture.name, picture.decode().shape, picture.decode(size_px=16).shape
    ('black', (32, 48, 3), (16, 16, 3))
    """

    def __init__(
        self,
        name: str,
        read: Callable[[], bytes],
        *,
        max_pixels: int = decoding.MAX_PIXELS,
        rereadable: bool = True,
    ) -> None:
        self.name = display_name(valid_unicode(name))
        self.error: MoodError | None = None
        self.showable = False
        self._read = read
        self._image: PIL.Image.Image | NDArray[Any] | None = None
        self.max_pixels = max_pixels
        self._rereadable = rereadable

    def __repr__(self) -> str:
        return f"Picture({self.name!r})"

    @classmethod
    def from_address(cls, address: str | Path, *, name: str | None = None, allow_special: bool = True) -> Picture:
        r"""Create the picture at a path, at a URL, in an object store, or (``-``) on standard input.

        Parameters
        ----------
        address : str or Path
            Where the picture file is. It is not read yet. If there is no such file, the address may also be the
            name of a picture.
        name : str, optional
            The picture's name. Defaults to the address; bytes of a path that are not valid UTF-8 become escapes
            such as ``\xe9``.
        allow_special : bool
            Whether the address may be that of standard input, a pipe or a device. Otherwise, these are errors.

        Returns
        -------
        Picture
            The picture.

        Examples
        --------
        >>> Picture.from_address("absent.jpg").read()
        Traceback (most recent call last):
            ...
        imagemood.errors.InputError: absent.jpg: No such file or directory
        """
        where = str(address) if name is not None else names.find(str(address))
        picture = cls(
            names.of_address(where) if name is None else name,
            lambda: storage.read(where, allow_special=allow_special),
            rereadable=storage.is_rereadable(where, allow_special=allow_special),
        )
        picture.showable = picture._rereadable and not addresses.is_remote(where)
        return picture

    @classmethod
    def from_bytes(cls, content: bytes, *, name: str = "image", max_pixels: int = decoding.MAX_PIXELS) -> Picture:
        """Create a picture from the content of a picture file.

        Parameters
        ----------
        content : bytes
            The content, in any supported image format.
        name : str
            The picture's name.
        max_pixels : int
            Largest width × height to decode.

        Returns
        -------
        Picture
            The picture.
        """
        return cls(name, lambda: content, max_pixels=max_pixels)

    @classmethod
    def from_image(cls, image: PIL.Image.Image | NDArray[Any], *, name: str = "image") -> Picture:
        """Create a picture from an image that is already decoded.

        Parameters
        ----------
        image : PIL.Image.Image or ndarray of shape (height, width[, channels]) or (channels, height, width)
            The image: grey, grey with alpha, RGB or RGBA. Arrays are of type uint8, uint16, bool, float from 0 to
            1, or another type of integers from 0 to 255.
        name : str
            The picture's name.

        Returns
        -------
        Picture
            The picture; its `read` returns the image as a PNG file.
        """
        picture = cls(name, lambda: _as_png(picture.decode()))
        picture._image = image
        return picture

    @classmethod
    def failed(cls, name: str, error: MoodError) -> Picture:
        """Create a picture that cannot be used.

        Parameters
        ----------
        name : str
            The picture's name.
        error : MoodError
            The error that `read` and `decode` raise.

        Returns
        -------
        Picture
            The picture.
        """

        def read() -> NoReturn:
            raise error

        picture = cls(name, read)
        picture.error = error
        return picture

    def read(self) -> bytes:
        """Read the content of the picture file.

        Returns
        -------
        bytes
            The content.

        Raises
        ------
        InputError
            If the file does not exist, cannot be read, or exceeds a limit.
        RemoteError
            If a server or an object store fails; `UnavailableError` if a later attempt may succeed.
        """
        return self._read()

    def decode(
        self,
        size_px: int | None = None,
        *,
        resizing: Resizing | None = None,
        decoder: Decoder = decoding.decode,
    ) -> NDArray[np.uint8]:
        """Read and decode the picture.

        Parameters
        ----------
        size_px : int, optional
            Resize to a square with this side, by default without keeping the aspect ratio.
            Defaults to the picture's own size.
        resizing : Resizing, optional
            Another way to resize to the square.
        decoder : callable
            Decodes the content, such as `DecoderProcesses.decode`; not used if the image is already decoded.

        Returns
        -------
        ndarray of shape (height, width, 3) or (size_px, size_px, 3), uint8
            The upright image: red, green and blue.

        Raises
        ------
        ImageError
            If the content cannot be decoded.
        MoodError
            If the content cannot be read; see `read`.
        """
        if self._image is not None:
            return decoding.convert(self._image, name=self.name, size_px=size_px, resizing=resizing)
        return decoder(
            self._read(), name=self.name, size_px=size_px, resizing=resizing, max_pixels=self.max_pixels
        )

    def cached(self) -> Picture:
        """Return an equivalent picture that can be read more than once.

        Returns
        -------
        Picture
            This picture if its content can be read again. Otherwise, as for standard input and URLs, a picture
            that keeps its content in memory after the first read.
        """
        if self._rereadable:
            return self
        return Picture(self.name, cache(self._read), max_pixels=self.max_pixels)


def _as_png(pixels: NDArray[np.uint8]) -> bytes:
    content = io.BytesIO()
    PIL.Image.fromarray(pixels).save(content, format="PNG")
    return content.getvalue()
