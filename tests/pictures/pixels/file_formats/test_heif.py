from __future__ import annotations

import base64

import numpy as np
import pytest

from imagemood.errors import ImageError
from imagemood.pictures.pixels import decoding
from imagemood.pictures.pixels.file_formats import heif

# The left half is red, and the right half is blue; 64 × 48 pixels. No installed library can encode such files.
HEIC = base64.b64decode(
    """
    AAAAHGZ0eXBoZWljAAAAAG1pZjFoZWljbWlhZgAAAX1tZXRhAAAAAAAAACFoZGxyAAAAAAAAAABwaWN0AAAAAAAAAAAAAAAAAAAA
    ACJpbG9jAAAAAERAAAEAAQAAAAABoQABAAAAAAAAAIcAAAAjaWluZgAAAAAAAQAAABVpbmZlAgAAAAABAABodmMxAAAAAA5waXRt
    AAAAAAABAAAA/WlwcnAAAADdaXBjbwAAAHZodmNDAQNwAAAAkAAAAAAAHvAA/P34+AAADwNgAAEAGEABDAH//wNwAAADAJAAAAMA
    AAMAHroCQGEAAQAqQgEBA3AAAAMAkAAAAwAAAwAeoCCBBZbq5Ka5uAhoMCAAAAMDIAAAAwAhYgABAAZEAcFzwIkAAAATY29scm5j
    bHgAAQANAAaAAAAAFGlzcGUAAAAAAAAAQAAAAEAAAAAoY2xhcAAAAEAAAAABAAAAMAAAAAEAAAAAAAAAAv////AAAAACAAAAEHBp
    eGkAAAAAAwgICAAAABhpcG1hAAAAAAAAAAEAAQWBAgMFhAAAAI9tZGF0AAAAgygBrwngPfMi///yPzf//LDOy/vFxFe//8dbw7/U
    lg//5BV6YSgwK4fJZOV/OjuvTe0nzRSLF6VXROUsfyV5YE0dz5ScPKu0k7mrR5Zm03rO8lbypFTqxOw5etvY1hyVJ2YWxFMxWkiE
    CHU6E8t7/aXrC6g/pw39+aqK+UFz2Mj7hoeO
    """
)


def test_heic_files_are_decoded():
    pixels = decoding.decode(HEIC).astype(int)
    assert pixels.shape == (48, 64, 3)
    assert np.abs(pixels[:, :28] - (255, 0, 0)).mean() < 12
    assert np.abs(pixels[:, 36:] - (0, 0, 255)).mean() < 12
    assert decoding.decode(HEIC, size_px=16).shape == (16, 16, 3)


def test_the_memory_of_the_decoder_counts():
    opened = heif.open_heif(HEIC)
    assert decoding.estimated_memory_bytes(opened, size_px=16) > 8 * 64 * 48


@pytest.mark.usefixtures("installed_by_pip")
def test_without_the_extra_the_error_names_it(monkeypatch):
    monkeypatch.setattr(heif, "has_heif", lambda: False)
    message = r"a\.heic: HEIC files need an extra \(pip install 'image-mood-classifier\[heif\]'\)"
    with pytest.raises(ImageError, match=message):
        decoding.decode(HEIC, name="a.heic")


@pytest.mark.parametrize("content", [HEIC[:100], HEIC[:-50], HEIC[:28] + bytes(200)])
def test_damaged_files_are_an_error(content):
    with pytest.raises(ImageError, match="cannot be decoded: "):
        decoding.decode(content)
