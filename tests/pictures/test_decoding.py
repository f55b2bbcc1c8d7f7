from __future__ import annotations

import io
import runpy
from pathlib import Path

import numpy as np
import PIL.Image
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from imagemood.errors import ImageError
from imagemood.pictures import decoding

CORPUS = Path(__file__).parents[1] / "corpus"
BAD = sorted((CORPUS / "bad").iterdir())


@pytest.fixture(scope="module")
def cat(sample_photos) -> PIL.Image.Image:
    with PIL.Image.open(sample_photos / "chelsea.png") as picture:
        return picture.convert("RGB")


def encode(picture: PIL.Image.Image, kind: str, **options) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, format=kind, **options)
    return buffer.getvalue()


def difference(one, other) -> float:
    return float(np.abs(np.asarray(one, dtype=float) - np.asarray(other, dtype=float)).mean())


def test_pixels_are_those_of_the_file(cat):
    pixels = decoding.decode(encode(cat, "PNG"))
    assert pixels.dtype == np.uint8
    np.testing.assert_array_equal(pixels, np.asarray(cat))


@pytest.mark.parametrize("orientation", range(1, 9))
def test_every_exif_orientation_is_turned_upright(cat, orientation):
    undo = {
        2: PIL.Image.Transpose.FLIP_LEFT_RIGHT,
        3: PIL.Image.Transpose.ROTATE_180,
        4: PIL.Image.Transpose.FLIP_TOP_BOTTOM,
        5: PIL.Image.Transpose.TRANSPOSE,
        6: PIL.Image.Transpose.ROTATE_90,
        7: PIL.Image.Transpose.TRANSVERSE,
        8: PIL.Image.Transpose.ROTATE_270,
    }
    stored = cat if orientation == 1 else cat.transpose(undo[orientation])
    exif = PIL.Image.Exif()
    exif[0x0112] = orientation
    upright = decoding.decode(encode(stored, "PNG", exif=exif))
    np.testing.assert_array_equal(upright, np.asarray(cat))


@pytest.mark.parametrize("mode", ["L", "P", "1", "LA", "RGBA", "CMYK", "YCbCr", "HSV", "LAB", "PA", "RGBX"])
def test_every_mode_becomes_rgb(cat, mode):
    try:
        picture = cat.convert(mode)
    except ValueError:
        picture = cat.convert("RGBA").convert(mode) if mode == "PA" else PIL.Image.new(mode, cat.size)
    pixels = decoding.convert(picture)
    assert pixels.shape == (300, 451, 3)
    assert pixels.dtype == np.uint8


@pytest.mark.parametrize(
    ("kind", "mode", "tolerance"),
    [
        ("JPEG", "L", 30),
        ("JPEG", "CMYK", 10),
        ("GIF", "P", 25),
        ("WEBP", "RGB", 10),
        ("BMP", "RGB", 0),
        ("TIFF", "CMYK", 2),
    ],
)
def test_files_of_every_kind_look_like_the_photo(cat, kind, mode, tolerance):
    assert difference(decoding.decode(encode(cat.convert(mode), kind)), cat) <= tolerance


def test_transparent_becomes_white(cat):
    layered = cat.convert("RGBA")
    layered.paste((255, 0, 0, 0), (0, 0, 100, 100))
    pixels = decoding.decode(encode(layered, "PNG"))
    assert (pixels[:100, :100] == 255).all()
    np.testing.assert_array_equal(pixels[100:], np.asarray(cat)[100:])


def test_transparent_palette_becomes_white():
    palette = PIL.Image.new("P", (16, 16), 0)
    palette.putpalette([255, 0, 0, 0, 255, 0])
    pixels = decoding.decode(encode(palette, "PNG", transparency=0))
    assert (pixels == 255).all()


@pytest.mark.parametrize("kind", ["PNG", "TIFF"])
def test_16_bit_grey_is_scaled_not_clipped(kind):
    ramp = np.linspace(0, 65535, 256).astype(np.uint16)
    deep = PIL.Image.fromarray(np.tile(ramp, (16, 1)))
    pixels = decoding.decode(encode(deep, kind))
    np.testing.assert_allclose(pixels[0, :, 0], np.arange(256), atol=1)


@pytest.mark.parametrize(("low", "high"), [(0, 1), (0, 255)])
def test_floating_grey(low, high):
    ramp = np.linspace(low, high, 256, dtype=np.float32)
    pixels = decoding.decode(encode(PIL.Image.fromarray(np.tile(ramp, (16, 1))), "TIFF"))
    np.testing.assert_allclose(pixels[0, :, 0], np.arange(256), atol=1)


@pytest.mark.parametrize("kind", ["GIF", "WEBP", "PNG"])
def test_first_frame_of_an_animation(kind):
    frames = [PIL.Image.new("RGB", (32, 32), colour) for colour in ("blue", "red", "green")]
    options = {"lossless": True} if kind == "WEBP" else {}
    moving = encode(frames[0], kind, save_all=True, append_images=frames[1:], duration=100, **options)
    assert decoding.decode(moving)[5, 5].tolist() == [0, 0, 255]


def test_progressive_jpeg(cat):
    assert difference(decoding.decode(encode(cat, "JPEG", progressive=True, quality=95)), cat) < 5


@pytest.mark.parametrize("factor", [4, 8, 12])
def test_reduced_decoding_is_close_to_full_decoding(cat, factor):
    large = cat.resize((224 * factor, 160 * factor), PIL.Image.Resampling.BICUBIC)
    data = encode(large, "JPEG", quality=92)
    reduced = decoding.decode(data, size_px=224)
    full = decoding.convert(PIL.Image.fromarray(decoding.decode(data)), size_px=224)
    assert reduced.shape == (224, 224, 3)
    assert difference(reduced, full) < 2


def test_a_picture_of_the_right_size_is_not_touched(cat):
    small = cat.resize((224, 224))
    np.testing.assert_array_equal(decoding.decode(encode(small, "PNG"), size_px=224), np.asarray(small))


@pytest.mark.parametrize("path", BAD, ids=lambda path: path.name)
def test_bad_picture_fails_by_itself_with_name_and_reason(path):
    for size_px in (None, 224):
        with pytest.raises(ImageError) as caught:
            decoding.decode(path.read_bytes(), name=path.name, size_px=size_px)
        message = str(caught.value)
        assert message.startswith(f"{path.name}: ")
        assert "\n" not in message


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("empty.jpg", "is empty"),
        ("text.jpg", "is no picture in a known format"),
        ("one_pixel.png", "has 1×1 pixels; 8×8 is the least"),
        ("strip.png", "has 30000×10 pixels; sides may be 1 to 50 at most"),
        ("bomb.png", "has more than 178,956,970 pixels"),
        ("truncated.png", "cannot be decoded: "),
    ],
)
def test_reasons(name, reason):
    with pytest.raises(ImageError, match=reason):
        decoding.decode((CORPUS / "bad" / name).read_bytes(), name=name)


def test_corpus_is_what_its_script_makes():
    made = runpy.run_path(str(CORPUS / "make.py"))["pictures"]()
    assert {path.name: path.read_bytes() for path in BAD} == made


@given(st.binary(max_size=300))
def test_random_bytes_are_no_picture(data):
    with pytest.raises(ImageError):
        decoding.decode(data)


@pytest.mark.filterwarnings("ignore::UserWarning:PIL")  # its remarks on odd files
@settings(max_examples=60)
@given(kind=st.sampled_from(["PNG", "JPEG", "GIF", "BMP", "TIFF", "WEBP"]), data=st.data())
def test_damaged_files_give_pixels_or_our_error(kind, data):
    ramp = PIL.Image.fromarray(np.arange(3 * 32 * 32, dtype=np.uint32).astype(np.uint8).reshape(32, 32, 3))
    content = bytearray(encode(ramp, kind))
    for _ in range(data.draw(st.integers(0, 4))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    del content[data.draw(st.integers(len(content) // 2, len(content))) :]
    try:
        pixels = decoding.decode(bytes(content), size_px=16)
    except ImageError:
        return
    assert pixels.shape == (16, 16, 3)


@pytest.mark.parametrize(
    "array",
    [np.zeros((8, 8, 3)), np.zeros((8, 8, 5), np.uint8), np.zeros(8, np.uint8), np.zeros((8, 8, 3), np.int64)],
)
def test_arrays_that_are_no_pictures(array):
    with pytest.raises(ImageError, match="is an array of .* .give uint8 of shape"):
        decoding.convert(array)


def test_grey_array():
    assert decoding.convert(np.full((9, 9), 7, dtype=np.uint8)).tolist() == [[[7, 7, 7]] * 9] * 9
