from __future__ import annotations

import io

import numpy as np
import PIL.Image
import pytest

from imagemood.errors import ImageError
from imagemood.pictures.pixels import decoding
from imagemood.pictures.pixels.file_formats import raw
from tests.pictures.pixels.file_formats.builders import FLAG, encode
from tests.pictures.pixels.file_formats.media import BLUE, RED, dng, halves


def jpeg(size, *, orientation=None):
    file = io.BytesIO()
    exif = PIL.Image.Exif()
    if orientation:
        exif[274] = orientation
    PIL.Image.fromarray(halves(size)).save(file, "JPEG", exif=exif)
    return file.getvalue()


@pytest.mark.parametrize(("orientation", "shape"), [(1, (480, 640, 3)), (6, (640, 480, 3)), (3, (480, 640, 3))])
def test_the_embedded_preview_is_used_and_turned(orientation, shape):
    pixels = decoding.decode(dng(preview=jpeg((640, 480)), orientation=orientation)).astype(int)
    first, last = (BLUE, RED) if orientation == 3 else (RED, BLUE)
    assert pixels.shape == shape
    assert np.abs(pixels[:5, :5] - first).max() < 8
    assert np.abs(pixels[-5:, -5:] - last).max() < 8


def test_a_preview_that_states_its_orientation_is_not_turned_twice():
    pixels = decoding.decode(dng(preview=jpeg((640, 480), orientation=6), orientation=6))
    assert pixels.shape == (640, 480, 3)


def test_a_preview_is_decoded_at_a_reduced_scale():
    opened = raw.open_raw(dng(preview=jpeg((3200, 2400))))
    opened.reduce(448)
    assert opened.size == (800, 600)


@pytest.mark.parametrize("preview", [None, jpeg((160, 120)), jpeg((640, 480))[:300]])
@pytest.mark.parametrize("orientation", [1, 6, 8])
def test_without_a_usable_preview_the_picture_is_developed(preview, orientation):
    pixels = decoding.decode(dng(preview=preview, orientation=orientation)).astype(int)
    assert pixels.shape == ((240, 320, 3) if orientation == 1 else (320, 240, 3))
    start, end = (pixels[-9, 9], pixels[9, -9]) if orientation == 8 else (pixels[9, 9], pixels[-9, -9])
    assert start[0] > 200
    assert start[1] < 100
    assert end.max() < 100
    assert decoding.decode(dng(preview=preview), size_px=16).shape == (16, 16, 3)


def test_ordinary_tiff_files_are_not_raw():
    assert not raw.is_raw(encode("TIFF", FLAG))
    assert raw.is_raw(dng())


@pytest.mark.usefixtures("installed_by_pip")
@pytest.mark.parametrize("content", [dng(), b"\0\0\0\x18ftypcrx \0\0\0\1crx isom", b"FUJIFILMCCD-RAW 0201"])
def test_without_the_extra_the_error_names_it(content, monkeypatch):
    monkeypatch.setattr(raw, "has_raw", lambda: False)
    message = r"a: camera raw files need an extra \(pip install 'image-mood-classifier\[raw\]'\)"
    with pytest.raises(ImageError, match=message):
        decoding.decode(content, name="a")


@pytest.mark.parametrize("content", [dng()[:700], dng()[:-9000], b"FUJIFILMCCD-RAW 0201", b"IIU\0" + bytes(90)])
def test_damaged_files_are_an_error(content):
    with pytest.raises(ImageError, match=r"cannot be decoded: |too small|too elongated"):
        decoding.decode(content)
