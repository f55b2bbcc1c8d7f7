from __future__ import annotations

import io

import numpy as np
import PIL.Image
import pytest
from hypothesis import given
from hypothesis import strategies as st

from imagemood.acumos import runner_pictures
from imagemood.pictures.picture import Picture
from imagemood.pictures.pixels import decoding
from imagemood.pictures.pixels.resizing import Resizing
from imagemood.pictures.processes.decoder_processes import DecoderProcesses

CROP = Resizing(72, keep_aspect=True, interpolation="bilinear")
SIZES = [(300, 200), (200, 300), (641, 479), (97, 97), (64, 64), (48, 31), (72, 500)]


@pytest.fixture(scope="module")
def photo(sample_photos):
    with PIL.Image.open(sample_photos / "chelsea.png") as image:
        return image.convert("RGB")


def resized_then_cropped(image, resizing, size_px):
    """Resize the whole picture and crop its centre, as the transforms of torchvision do."""
    width, height = image.size
    if resizing.keep_aspect:
        side, shorter = resizing.side_px, min(width, height)
        resized = (int(side * width / shorter), int(side * height / shorter))
    else:
        resized = (resizing.side_px, resizing.side_px)
    left, top = (round((side - size_px) / 2) for side in resized)
    whole = image.resize(resized, PIL.Image.Resampling[resizing.interpolation.upper()])
    return whole.crop((left, top, left + size_px, top + size_px))


def jpeg(image):
    content = io.BytesIO()
    image.save(content, "JPEG", quality=95, subsampling=0)
    return content.getvalue()


def difference(a, b):
    return np.abs(np.asarray(a, dtype=int) - np.asarray(b, dtype=int))


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("interpolation", ["bilinear", "bicubic", "lanczos", "hamming"])
@pytest.mark.parametrize(("side_px", "keep_aspect"), [(64, True), (73, True), (64, False), (80, False)])
def test_pixels_are_those_of_resizing_the_whole_picture(photo, size, interpolation, side_px, keep_aspect):
    image = photo.resize(size)
    resizing = Resizing(side_px, keep_aspect, interpolation)
    differences = difference(resizing.apply(image, 64), resized_then_cropped(image, resizing, 64))
    assert differences.max() <= 2
    assert differences.mean() < 0.25


def test_an_odd_number_of_cropped_pixels_is_rounded_as_chosen():
    """Of 5 columns, 2 in the middle remain: from column 2, which is 1.5 rounded to an even number, or from 1."""
    image = PIL.Image.fromarray(np.arange(5 * 2, dtype=np.uint8).reshape(2, 5).repeat(3).reshape(2, 5, 3))
    columns = {
        name: np.asarray(Resizing(2, True, rounding=name).apply(image, 2))[0, :, 0] for name in ("even", "down")
    }
    assert {name: list(values) for name, values in columns.items()} == {"even": [2, 3], "down": [1, 2]}
    image.resize((50, 20), PIL.Image.Resampling.NEAREST).save(content := io.BytesIO(), "PNG")
    card = {"size_px": 20, "resize": "crop", "crop_rounding": "down", "resize_px": 21}
    resizing = Resizing(21, True, rounding="down")
    expected = decoding.decode(content.getvalue(), size_px=20, resizing=resizing)
    np.testing.assert_array_equal(runner_pictures.decode_for(card, content.getvalue()), expected)


def test_the_default_is_stretching_without_a_crop(photo):
    expected = decoding.convert(photo, size_px=64)
    np.testing.assert_array_equal(decoding.convert(photo, size_px=64, resizing=Resizing(64)), expected)
    np.testing.assert_array_equal(expected, photo.resize((64, 64)))
    assert Resizing(64).apply(photo.resize((64, 64)), 64).size == (64, 64)


@pytest.mark.parametrize("size", [(1333, 2001), (1111, 1117), (3001, 2003)])
def test_reduced_scales_do_not_move_the_picture(photo, size):
    """Decoded at half its size, a picture of 1333 pixels has 667, half of the last of which is outside."""
    image = photo.resize(size, PIL.Image.Resampling.BICUBIC)
    content = jpeg(image)
    resizing = Resizing(256, keep_aspect=True)
    with PIL.Image.open(io.BytesIO(content)) as decoded:
        expected = resized_then_cropped(decoded.convert("RGB"), resizing, 224)
    differences = difference(decoding.decode(content, size_px=224, resizing=resizing), expected)
    assert differences.mean() < 0.3
    assert differences.max() <= 4


def test_the_square_is_cropped_from_the_upright_picture(photo):
    exif = PIL.Image.Exif()
    exif[0x0112] = 6
    content = io.BytesIO()
    photo.rotate(90, expand=True).save(content, "PNG", exif=exif)
    pixels = decoding.decode(content.getvalue(), size_px=64, resizing=CROP)
    assert difference(pixels, CROP.apply(photo, 64)).max() <= 2


@given(size=st.tuples(st.integers(8, 400), st.integers(8, 400)), side=st.integers(16, 60), keep=st.booleans())
def test_any_picture_becomes_a_square(size, side, keep):
    image = PIL.Image.new("RGB", size, (10, 20, 30))
    pixels = np.asarray(Resizing(side, keep).apply(image, 16))
    assert pixels.shape == (16, 16, 3)
    assert (pixels == (10, 20, 30)).all()


def test_a_panorama_needs_little_memory():
    """Resized as a whole, it would have 4096 × 204,800 pixels."""
    assert Resizing(4096, True).apply(PIL.Image.new("RGB", (5000, 100)), 4096).size == (4096, 4096)


def test_all_ways_to_decode_agree(photo, tmp_path):
    content = jpeg(photo.resize((641, 479)))
    (tmp_path / "photo.jpg").write_bytes(content)
    expected = decoding.decode(content, size_px=64, resizing=CROP)
    picture = Picture.from_address(tmp_path / "photo.jpg")
    np.testing.assert_array_equal(picture.decode(64, resizing=CROP), expected)
    with DecoderProcesses(timeout_s=60) as decoders:
        np.testing.assert_array_equal(picture.decode(64, resizing=CROP, decoder=decoders.decode), expected)
    card = {"size_px": 64, "resize": "crop", "resize_px": 72, "interpolation": "bilinear"}
    np.testing.assert_array_equal(runner_pictures.decode_for(card, content), expected)
    from_image = Picture.from_image(PIL.Image.open(tmp_path / "photo.jpg")).decode(64, resizing=CROP)
    assert difference(from_image, expected).mean() < 0.3
    default = decoding.decode(content, size_px=64)
    np.testing.assert_array_equal(runner_pictures.decode_for({"size_px": 64}, content), default)
