from __future__ import annotations

import io
import runpy
import subprocess
import zlib
from pathlib import Path

import numpy as np
import PIL.Image
import pytest
from hypothesis import given
from hypothesis import strategies as st

from imagemood.errors import ImageError
from imagemood.pictures.pixels import decoding

CORPUS = Path(__file__).parents[2] / "corpus"
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
def test_every_exif_orientation_is_applied(cat, orientation):
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
def test_files_of_every_format_look_like_the_photo(cat, kind, mode, tolerance):
    assert difference(decoding.decode(encode(cat.convert(mode), kind)), cat) <= tolerance


def test_transparent_pixels_become_white(cat):
    layered = cat.convert("RGBA")
    layered.paste((255, 0, 0, 0), (0, 0, 100, 100))
    pixels = decoding.decode(encode(layered, "PNG"))
    assert (pixels[:100, :100] == 255).all()
    np.testing.assert_array_equal(pixels[100:], np.asarray(cat)[100:])


def test_transparent_palette_entries_become_white():
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
def test_floating_point_grey_is_scaled(low, high):
    ramp = np.linspace(low, high, 256, dtype=np.float32)
    pixels = decoding.decode(encode(PIL.Image.fromarray(np.tile(ramp, (16, 1))), "TIFF"))
    np.testing.assert_allclose(pixels[0, :, 0], np.arange(256), atol=1)


@pytest.mark.parametrize("kind", ["GIF", "WEBP", "PNG"])
def test_the_first_frame_of_an_animation_is_decoded(kind):
    frames = [PIL.Image.new("RGB", (32, 32), colour) for colour in ("blue", "red", "green")]
    options = {"lossless": True} if kind == "WEBP" else {}
    moving = encode(frames[0], kind, save_all=True, append_images=frames[1:], duration=100, **options)
    assert decoding.decode(moving)[5, 5].tolist() == [0, 0, 255]


def test_progressive_jpeg_files_are_decoded(cat):
    assert difference(decoding.decode(encode(cat, "JPEG", progressive=True, quality=95)), cat) < 5


@pytest.mark.parametrize("factor", [4, 8, 12])
def test_reduced_decoding_is_close_to_full_decoding(cat, factor):
    large = cat.resize((224 * factor, 160 * factor), PIL.Image.Resampling.BICUBIC)
    data = encode(large, "JPEG", quality=92)
    reduced = decoding.decode(data, size_px=224)
    full = decoding.convert(PIL.Image.fromarray(decoding.decode(data)), size_px=224)
    assert reduced.shape == (224, 224, 3)
    assert difference(reduced, full) < 2


def test_an_image_of_the_right_size_is_not_resized(cat):
    small = cat.resize((224, 224))
    np.testing.assert_array_equal(decoding.decode(encode(small, "PNG"), size_px=224), np.asarray(small))


@pytest.mark.parametrize("path", BAD, ids=lambda path: path.name)
def test_an_unusable_file_raises_an_error_with_its_name(path):
    for size_px in (None, 224):
        with pytest.raises(ImageError) as caught:
            decoding.decode(path.read_bytes(), name=path.name, size_px=size_px)
        message = str(caught.value)
        assert message.startswith(f"{path.name}: ")
        assert "\n" not in message


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("empty.jpg", "empty file"),
        ("text.jpg", "unsupported image format"),
        ("one_pixel.png", "too small: 1×1 pixels, less than 8×8"),
        ("strip.png", "too elongated: 30000×10 pixels, more than 50 to 1"),
        ("bomb.png", "too large: more than 178,956,970 pixels"),
        ("truncated.png", "cannot be decoded: "),
    ],
)
def test_reasons(name, reason):
    with pytest.raises(ImageError, match=reason):
        decoding.decode((CORPUS / "bad" / name).read_bytes(), name=name)


def test_the_corpus_is_what_its_script_writes():
    made = runpy.run_path(str(CORPUS / "make.py"))["pictures"]()
    assert {path.name: path.read_bytes() for path in BAD} == made


@given(st.binary(max_size=300))
def test_random_bytes_are_not_an_image(data):
    with pytest.raises(ImageError):
        decoding.decode(data)


EPS = b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 60 60\n%%EndComments\n%%EOF\n"


def test_postscript_does_not_start_a_program(monkeypatch):
    def start(*arguments, **options):
        raise AssertionError("a program was started")

    monkeypatch.setattr(subprocess, "Popen", start)
    with pytest.raises(ImageError, match=r"a\.jpg: unsupported image format"):
        decoding.decode(EPS, name="a.jpg")


RAMP = PIL.Image.fromarray(np.arange(3 * 48 * 40, dtype=np.uint32).astype(np.uint8).reshape(48, 40, 3))
FRAMES = {"save_all": True, "append_images": [RAMP.transpose(PIL.Image.Transpose.ROTATE_180)]}
EXIF = PIL.Image.Exif()
EXIF[0x0112] = 6
SEEDS = {
    "png": encode(RAMP, "PNG"),
    "png-palette": encode(RAMP.convert("P"), "PNG", transparency=3),
    "png-16-bit": encode(PIL.Image.fromarray(np.arange(1024, dtype=np.uint16).reshape(32, 32)), "PNG"),
    "apng": encode(RAMP, "PNG", **FRAMES),
    "jpeg": encode(RAMP, "JPEG", exif=EXIF),
    "jpeg-progressive": encode(RAMP, "JPEG", progressive=True),
    "jpeg-cmyk": encode(RAMP.convert("CMYK"), "JPEG"),
    "gif": encode(RAMP.convert("P"), "GIF", save_all=True, append_images=[RAMP.convert("P")]),
    "bmp": encode(RAMP, "BMP"),
    "tiff": encode(RAMP, "TIFF", exif=EXIF),
    "tiff-lzw": encode(RAMP, "TIFF", compression="tiff_lzw"),
    "tiff-deflate": encode(RAMP.convert("RGBA"), "TIFF", compression="tiff_adobe_deflate"),
    "tiff-float": encode(PIL.Image.fromarray(np.linspace(0, 1, 1024, dtype=np.float32).reshape(32, 32)), "TIFF"),
    "webp": encode(RAMP, "WEBP", exif=EXIF),
    "webp-lossless": encode(RAMP.convert("RGBA"), "WEBP", lossless=True),
    "webp-animated": encode(RAMP, "WEBP", **FRAMES),
    "avif": encode(RAMP, "AVIF", exif=EXIF),
    "ppm": encode(RAMP, "PPM"),
    "pgm": encode(RAMP.convert("L"), "PPM"),
}
N_MUTANTS = 300  # of each seed


def mutate(content: bytes, rng: np.random.Generator) -> bytes:
    """Damage a file as transfers and attackers do: bytes, lengths, missing and repeated parts, other formats."""
    mutant = bytearray(content)
    for _ in range(rng.integers(1, 5)):
        head_only = rng.random() < 0.5  # where formats keep sizes, offsets and types
        place = int(rng.integers(min(len(mutant), 200) if head_only else len(mutant)))
        length = int(rng.integers(1, 40))
        match rng.integers(8):
            case 0:
                mutant[place] ^= 1 << rng.integers(8)
            case 1:
                mutant[place] = rng.integers(256)
            case 2:
                extreme = rng.choice([0, 1, 0x7F, 0x80, 0xFF, 0x7FFF, 0xFFFF, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF])
                mutant[place : place + 4] = int(extreme).to_bytes(4, rng.choice(["big", "little"]))
            case 3:
                del mutant[place : place + length]
            case 4:
                mutant[place:place] = mutant[place : place + length]
            case 5:
                mutant[place:place] = rng.bytes(length)
            case 6:
                other = SEEDS[rng.choice(list(SEEDS))]
                mutant[place : place + length] = other[place : place + length]
            case _:
                del mutant[max(1, place) :]
        if not mutant:
            return b""
    return with_valid_checksums(bytes(mutant)) if rng.random() < 0.7 else bytes(mutant)


def with_valid_checksums(content: bytes) -> bytes:
    """Correct the checksums of the chunks of a PNG file, so that damage to their data reaches the decoder."""
    fixed, place = bytearray(content), 8
    while content.startswith(b"\x89PNG") and place + 12 <= len(fixed):
        end = place + 8 + int.from_bytes(fixed[place : place + 4], "big")
        if end + 4 > len(fixed):
            break
        fixed[end : end + 4] = zlib.crc32(fixed[place + 4 : end]).to_bytes(4, "big")
        place = end + 4
    return bytes(fixed)


@pytest.mark.filterwarnings("ignore")  # Pillow's remarks on damaged files
@pytest.mark.parametrize("kind", SEEDS)
def test_mutated_files_are_decoded_or_raise_an_image_error(kind):
    rng = np.random.default_rng(list(kind.encode()))
    n_decoded = 0
    for i in range(N_MUTANTS):
        mutant = mutate(SEEDS[kind], rng)
        try:
            pixels = decoding.decode(mutant, name="mutant", size_px=16 if i % 2 else None, max_pixels=100_000)
        except ImageError as error:
            assert error.where == "mutant"  # noqa: PT017
            assert "\n" not in str(error)  # noqa: PT017
            continue
        n_decoded += 1
        assert pixels.dtype == np.uint8
        assert pixels.ndim == 3
        assert pixels.shape[2] == 3
        assert i % 2 == 0 or pixels.shape == (16, 16, 3)
    assert 0 < n_decoded < N_MUTANTS  # some damage is harmless, and some is not


@pytest.mark.parametrize(
    "error", [RuntimeError("a"), AttributeError("b"), ZeroDivisionError("c"), AssertionError()]
)
def test_any_exception_of_a_decoder_is_an_error_of_its_picture(monkeypatch, error):
    def fail(*arguments, **options):
        raise error

    monkeypatch.setattr(PIL.Image.Image, "convert", fail)
    with pytest.raises(ImageError, match=r"^a\.png: cannot be decoded: ") as caught:
        decoding.decode(SEEDS["png-palette"], name="a.png")
    assert caught.value.__cause__ is error


def test_too_little_memory_is_an_error_of_the_picture(monkeypatch):
    def fail(*arguments, **options):
        raise MemoryError

    monkeypatch.setattr(PIL.Image.Image, "resize", fail)
    with pytest.raises(ImageError, match="not enough memory"):
        decoding.decode(SEEDS["png"], size_px=16)


@pytest.mark.parametrize(
    ("shape", "accepted"), [((8, 8), True), ((7, 8), False), ((8, 400), True), ((8, 401), False)]
)
def test_limits_of_sides(shape, accepted):
    pixels = np.zeros((*shape, 3), np.uint8)
    if accepted:
        assert decoding.convert(pixels).shape == (*shape, 3)
    else:
        with pytest.raises(ImageError, match="too (small|elongated)"):
            decoding.convert(pixels)


def test_a_grey_array_becomes_rgb():
    assert decoding.convert(np.full((9, 9), 7, dtype=np.uint8)).tolist() == [[[7, 7, 7]] * 9] * 9
