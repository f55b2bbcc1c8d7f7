"""Converts what users pass as pictures: paths, URLs, bytes, file objects, images, arrays, `Picture` objects."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sized
from contextlib import suppress
from pathlib import PurePath
from typing import IO, Any

import numpy as np
import PIL.Image
from numpy.typing import NDArray

from imagemood.errors import InputError, MoodError
from imagemood.pictures import names
from imagemood.pictures.finding.opening import opener
from imagemood.pictures.finding.sources import find_pictures, list_pictures
from imagemood.pictures.picture import Picture
from imagemood.pictures.pixels import decoding, pixel_arrays
from imagemood.pictures.reading import file_objects

PictureLike = (
    str
    | os.PathLike[str]
    | bytes
    | bytearray
    | memoryview
    | IO[bytes]
    | Picture
    | PIL.Image.Image
    | NDArray[Any]
    | Mapping[str, Any]
    | None
)
"""A path or URL, the content of a picture file, a file object, a `Picture`, an image that is already decoded, a
dictionary with ``bytes`` or ``path``, or a missing value. Tensors of PyTorch count as arrays."""
Pictures = PictureLike | Iterable[PictureLike]
"""One picture, or several: a folder or glob pattern, an iterable of pictures, or an array of shape
``(n, height, width, channels)`` or ``(n, channels, height, width)``."""
_UNNAMED = "image"
_SUPPORTED = "use a path, a URL, bytes, a file object, or an image of Pillow, NumPy or PyTorch"


def as_pictures(pictures: Pictures) -> Iterable[Picture]:
    """Convert the pictures that a user passes, each to one `Picture`, in their order.

    What cannot be used becomes a picture whose `error` is set. Only a folder or glob pattern that is the argument
    itself is searched for pictures. The result has a length if the argument has one; elements are converted one by
    one while it is iterated. Images from an iterator are copied, since its owner may close or overwrite them.

    Raises
    ------
    InputError
        If the argument is a table.
    """
    if isinstance(pictures, str | os.PathLike):
        return find_pictures([_path(pictures)])
    if pixel_arrays.is_array(pictures):
        return _of_array(pictures)
    if hasattr(pictures, "columns") or hasattr(pictures, "column_names"):
        hint = "pass its column of pictures, such as table['image']"
        raise InputError(f"a {type(pictures).__name__} is a table, not a column of pictures", hint=hint)
    if _is_one(pictures):
        return [_as_picture(pictures, _UNNAMED)]
    if isinstance(pictures, Sized):
        return _SizedPictures(pictures)
    return _convert(pictures, keep=False, copy=True)  # type: ignore[arg-type]


def is_collection(pictures: Pictures) -> bool:
    """Return whether an argument of `as_pictures` is a collection of pictures, and not one picture."""
    if isinstance(pictures, str | os.PathLike):
        return len(find_pictures([_path(pictures)])) != 1
    if pixel_arrays.is_array(pictures):
        return pixel_arrays.is_batch(pictures)  # type: ignore[arg-type]
    return not _is_one(pictures)


def as_picture(picture: PictureLike) -> Picture:
    """Convert the one picture that a user passes; raise an `InputError` if a path stands for several."""
    if not isinstance(picture, str | os.PathLike):
        if not pixel_arrays.is_array(picture) and not _is_one(picture):
            what = f"a value of type {type(picture).__name__} is not one picture"
            raise InputError(what, hint="use classify_many for several pictures")
        return _as_picture(picture, _UNNAMED)
    path = _path(picture)
    found = find_pictures([path])
    if len(found) != 1:
        hint = "give one of them, or use classify_many in Python"
        raise InputError(f"matches {len(found)} pictures", where=path, hint=hint)
    return found[0]


class _SizedPictures:
    """The pictures of a collection of known length."""

    def __init__(self, given: Any) -> None:
        self._given = given

    def __len__(self) -> int:
        return len(self._given)

    def __iter__(self) -> Iterator[Picture]:
        # The elements of other collections may be created while they are iterated.
        return _convert(self._given, keep=isinstance(self._given, list | tuple), copy=False)


def _convert(given: Iterable[Any], *, keep: bool, copy: bool) -> Iterator[Picture]:
    for i, element in enumerate(given):
        yield _as_picture(element, f"{_UNNAMED}[{i}]", keep=keep, copy=copy)


def _of_array(value: Any) -> list[Picture]:
    try:
        array = pixel_arrays.to_numpy(value)
    except MoodError as error:
        return [_failed(_UNNAMED, error)]
    if not pixel_arrays.is_batch(array):
        return [_as_picture(array, _UNNAMED)]
    return [_as_picture(row, f"{_UNNAMED}[{i}]") for i, row in enumerate(array)]


def _is_one(value: Any) -> bool:
    """Return whether a value is one picture, although it may be iterable, or cannot be iterated."""
    if isinstance(value, bytes | bytearray | memoryview | Mapping | Picture | PIL.Image.Image):
        return True
    if value is None or file_objects.is_file(value) or _buffer(value) is not None:
        return True
    try:
        iter(value)
    except TypeError:
        return True
    return False


def _as_picture(value: Any, name: str, *, keep: bool = True, copy: bool = False) -> Picture:
    try:
        picture = _converted(value, name, copy=copy)
        picture.showable |= keep and _is_content(value)
        return picture
    except MoodError as error:
        return _failed(error.where or name, error)


def _is_content(value: Any) -> bool:
    is_image = isinstance(value, bytes | bytearray | memoryview | PIL.Image.Image) or pixel_arrays.is_array(value)
    return is_image or callable(getattr(value, "read", None))


def _failed(name: str, error: MoodError) -> Picture:
    error.where = error.where or name
    return Picture.failed(name, error)


def _converted(value: Any, name: str, *, copy: bool) -> Picture:
    if isinstance(value, Picture):
        return value
    if hasattr(value, "as_py"):  # an element of an array of pyarrow
        value = value.as_py()
    if isinstance(value, str | os.PathLike):
        return _at(_path(value))
    if isinstance(value, PIL.Image.Image):
        return _of_image(value, name, copy=copy)
    if pixel_arrays.is_array(value):
        array = pixel_arrays.to_numpy(value)
        return Picture.from_image(array.copy() if copy else array, name=name)
    return _of_content(value, name)


def _of_content(value: Any, name: str) -> Picture:
    """Return the picture in bytes, in a file object, or in a dictionary."""
    if isinstance(value, bytes | bytearray | memoryview):
        return Picture.from_bytes(bytes(value), name=name)
    if _is_missing(value):
        raise InputError("the picture is missing", where=name)
    if isinstance(value, Mapping):
        return _of_mapping(value, name)
    if file_objects.is_file(value):
        name = names.of_address(file_objects.name_of(value) or name)
        return Picture.from_bytes(file_objects.read(value, where=name), name=name)
    if (content := _buffer(value)) is not None:
        return Picture.from_bytes(content, name=name)
    if isinstance(value, np.ndarray):
        raise InputError(f"an array of type {value.dtype} and shape {value.shape} is not a picture", where=name)
    raise InputError(f"a value of type {type(value).__name__} is not a picture", where=name, hint=_SUPPORTED)


def _path(value: str | os.PathLike[Any]) -> str:
    """Return a path as text; the objects that list a folder, and other paths, are not always of type Path."""
    return str(value) if isinstance(value, str | PurePath) else os.fsdecode(value)


def _at(address: str) -> Picture:
    """Return the picture at an address, which must be a single one."""
    try:
        listed = list_pictures(address)
        if not listed.is_single:
            raise InputError(
                "a folder or pattern, not one picture",
                hint="pass it by itself to classify_many, or list its files with pathlib.Path.rglob",
            )
        return opener(allow_special=True)(next(listed.names))
    except MoodError as error:
        return _failed(names.of_address(address), error)


def _of_image(image: PIL.Image.Image, name: str, *, copy: bool) -> Picture:
    filename = getattr(image, "filename", None)
    if isinstance(filename, str | bytes | os.PathLike) and filename:
        name = names.of_address(os.fsdecode(filename))
    return Picture.from_image(decoding.copy(image, name=name) if copy else image, name=name)


def _of_mapping(value: Mapping[str, Any], name: str) -> Picture:
    """Return the picture in a dictionary of the library ``datasets``, which has its content, its path, or both."""
    content, path = value.get("bytes"), value.get("path")
    if "bytes" not in value and "path" not in value:
        raise InputError("a dictionary without 'bytes' and 'path' is not a picture", where=name)
    if isinstance(content, str):
        raise InputError("'bytes' contains text instead of the content of a file", where=name)
    if not _is_missing(content):
        label = names.of_address(_path(path)) if isinstance(path, str | os.PathLike) and str(path) else name
        return _as_picture(content, label, keep=False)
    return _as_picture(path, name, keep=False)


def _buffer(value: Any) -> bytes | None:
    """Return the content of an object that is like bytes, such as ``array.array`` or a buffer of pyarrow."""
    if isinstance(value, np.ndarray | np.generic):
        return None
    try:
        return bytes(memoryview(value))
    except (TypeError, BufferError):
        return None


def _is_missing(value: Any) -> bool:
    """Return whether a value is None, NaN, or a missing value of pandas."""
    if value is None or type(value).__name__ in ("NAType", "NaTType"):
        return True
    with suppress(TypeError, ValueError):
        return isinstance(value, float | np.floating) and bool(np.isnan(value))
    return False
