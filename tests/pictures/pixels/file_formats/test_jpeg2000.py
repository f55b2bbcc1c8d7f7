from __future__ import annotations

import struct

import numpy as np
import PIL.Image
import pytest

from imagemood.errors import ImageError
from imagemood.pictures.pixels import decoding
from imagemood.pictures.pixels.file_formats.jpeg2000 import open_jpeg2000
from tests.pictures.pixels.file_formats.builders import FLAG, assert_shows_flag, encode

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


def with_size(codestream: bytes, side_px: int, tile_px: int) -> bytes:
    sides = [struct.pack(">II", side, side) for side in (side_px, tile_px)]
    return codestream[:8] + sides[0] + codestream[16:24] + sides[1] + codestream[32:]


def with_style(codestream: bytes, exponents: int, *, n_layers: int = 1, marker: bytes = b"\xff\x52") -> bytes:
    """Return a codestream with precincts of a size, for all components, for the first or for the first tile."""
    start = codestream.index(b"\xff\x52")
    levels = codestream[start + 9]
    style = codestream[start + 9 : start + 14] + bytes([exponents]) * (levels + 1)
    if marker == b"\xff\x53":
        segment = b"\0\1" + style
    else:
        segment = bytes([codestream[start + 4] | 1, codestream[start + 5]])
        segment += struct.pack(">H", n_layers) + codestream[start + 8 : start + 9] + style
    segment = (b"\xff\x52" if marker == b"tile" else marker) + struct.pack(">H", len(segment) + 2) + segment
    place = start
    if marker == b"\xff\x53":
        place = start + 14
    elif marker == b"tile":
        place = codestream.index(b"\xff\x90") + 12
    rest = codestream[start + 14 :] if place == start else codestream[place:]
    return codestream[:place] + segment + rest


def test_the_memory_for_tiles_counts():
    assert open_jpeg2000(with_size(CODESTREAM, 8_000, 8_000)).decoder_bytes > 8_000**2
    with pytest.raises(ImageError, match="too large: decoding takes about"):
        decoding.decode(with_size(CODESTREAM, 8_000, 50), size_px=16)


@pytest.mark.parametrize("marker", [b"\xff\x52", b"\xff\x53", b"tile"])
def test_many_precincts_are_refused(marker):
    with pytest.raises(ImageError, match="too many tiles or precincts: more than 500,000"):
        decoding.decode(with_style(with_size(CODESTREAM, 3_000, 3_000), 0x11, marker=marker), size_px=16)
    with pytest.raises(ImageError, match="too large: decoding takes about"):
        decoding.decode(with_style(with_size(CODESTREAM, 1_000, 1_000), 0x22, marker=marker), size_px=16)


def test_the_memory_for_layers_counts():
    few, many = (with_style(CODESTREAM, 0x55, n_layers=n_layers) for n_layers in (1, 60_000))
    assert open_jpeg2000(many).decoder_bytes > open_jpeg2000(few).decoder_bytes + 1_000_000


def test_files_with_precincts_are_decoded(sample_photos):
    with PIL.Image.open(sample_photos / "chelsea.png") as picture:
        photo = picture.convert("RGB")
    content = encode("JPEG2000", photo, precinct_size=(128, 128), codeblock_size=(32, 32), no_jp2=True)
    assert open_jpeg2000(content).header.n_levels > 0
    assert np.abs(decoding.decode(content).astype(int) - np.asarray(photo)).mean() < 2


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (JP2[:HEADER_END], "it contains no image"),
        (JP2[: HEADER_END + 30], "cannot be decoded"),
        (with_size(CODESTREAM, 64, 0), "cannot be decoded: the tiles have no size"),
        (CODESTREAM[:40], "cannot be decoded: truncated"),
        (
            CODESTREAM[: CODESTREAM.index(b"\xff\x90")] + (b"\xff\x90\0\x0a" + bytes(5) + b"\x0c\0\1") * 100_001,
            "too many parts of tiles",
        ),
        (JP2[:12] + b"\0\0\0\x08free" * 100_001, "it contains no image"),
    ],
)
def test_reasons(content, reason):
    with pytest.raises(ImageError, match=reason):
        decoding.decode(content)


def test_grey_and_transparent_files():
    assert decoding.decode(encode("JPEG2000", FLAG.convert("L"))).shape == (48, 64, 3)
    assert (decoding.decode(encode("JPEG2000", PIL.Image.new("RGBA", (32, 32)))) > 250).all()
