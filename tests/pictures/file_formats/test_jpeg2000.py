from __future__ import annotations

import struct

import numpy as np
import PIL.Image
import pytest

from imagemood.errors import ImageError
from imagemood.pictures import decoding
from imagemood.pictures.file_formats.jpeg2000 import open_jpeg2000
from tests.pictures.file_formats.builders import FLAG, assert_shows_flag, encode

JP2 = encode("JPEG2000")
CODESTREAM = encode("JPEG2000", no_jp2=True)
HEADER_END = JP2.index(b"jp2c") - 4
BOXES = {
    "resolution with a huge exponent": b"\0\0\0\x1ares \0\0\0\x12resc" + b"\xff" * 10,
    "unknown box": b"\0\0\0\x0cuuidabcd",
    "box of a wrong length": struct.pack(">I", 0x7FFFFFFF) + b"uuidabc",
    "box of a negative length": b"\0\0\0\2uuidabc",
}


@pytest.mark.parametrize("name", BOXES)
def test_no_box_costs_the_picture(name):
    assert_shows_flag(JP2[:HEADER_END] + BOXES[name] + JP2[HEADER_END:], tolerance=8)


def test_a_broken_resolution_in_the_header_does_not_cost_the_picture():
    start = JP2.index(b"jp2h") - 4
    (length,) = struct.unpack_from(">I", JP2, start)
    box = BOXES["resolution with a huge exponent"]
    header = struct.pack(">I", length + len(box)) + JP2[start + 4 : start + length] + box
    assert_shows_flag(JP2[:start] + header + JP2[start + length :], tolerance=8)


@pytest.mark.parametrize("size", [(451, 300), (333, 777), (512, 512)])
@pytest.mark.parametrize("options", [{}, {"no_jp2": True}, {"tile_size": (100, 100)}, {"num_resolutions": 2}])
def test_files_are_decoded_at_a_reduced_scale(sample_photos, size, options):
    with PIL.Image.open(sample_photos / "chelsea.png") as picture:
        photo = picture.convert("RGB").resize(size)
    opened = open_jpeg2000(encode("JPEG2000", photo, **options))
    opened.reduce(32)
    n_halvings = min((min(size) // 64).bit_length() - 1, options.get("num_resolutions", 6) - 1)
    assert opened.size == tuple(-(-side // 2**n_halvings) for side in size)
    reduced = np.asarray(opened.decode().resize((16, 16))).astype(int)
    assert np.abs(reduced - np.asarray(photo.resize((16, 16)))).mean() < 4


def test_the_memory_for_tiles_counts():
    content = bytearray(CODESTREAM)
    content[8:16] = content[24:32] = struct.pack(">II", 8_000, 8_000)
    assert open_jpeg2000(bytes(content)).decoder_bytes > 8_000**2
    content[24:32] = struct.pack(">II", 32, 32)
    with pytest.raises(ImageError, match="too large: decoding takes about"):
        decoding.decode(bytes(content), size_px=16)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (JP2[:HEADER_END], "it contains no image"),
        (JP2[: HEADER_END + 30], "cannot be decoded"),
        (CODESTREAM[:24] + bytes(8) + CODESTREAM[32:], "cannot be decoded: the tiles have no size"),
        (JP2[:12] + b"\0\0\0\x08free" * 100_001, "it contains no image"),
    ],
)
def test_reasons(content, reason):
    with pytest.raises(ImageError, match=reason):
        decoding.decode(content)


def test_grey_and_transparent_files():
    assert decoding.decode(encode("JPEG2000", FLAG.convert("L"))).shape == (48, 64, 3)
    assert (decoding.decode(encode("JPEG2000", PIL.Image.new("RGBA", (32, 32)))) > 250).all()
