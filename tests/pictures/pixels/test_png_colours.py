from __future__ import annotations

import struct

import numpy as np
import PIL.Image
import pytest
from hypothesis import given
from hypothesis import strategies as st

from imagemood.pictures.pixels import decoding, png_colours
from tests.pictures.pixels.file_formats.builders import encode, png_chunk

SRGB_POINTS = struct.pack(">8I", 31270, 32900, 64000, 33000, 30000, 60000, 15000, 6000)
P3_POINTS = struct.pack(">8I", 31270, 32900, 68000, 32000, 26500, 69000, 15000, 6000)
GAMMA_2_2, LINEAR = struct.pack(">I", 45_455), struct.pack(">I", 100_000)


def decode(colour: tuple[int, int, int], **chunks: bytes) -> list[int]:
    """Return a colour that a PNG file with some chunks shows."""
    content = encode("PNG", PIL.Image.new("RGB", (16, 16), colour))
    data = b"".join(png_chunk(name.encode(), chunk) for name, chunk in chunks.items())
    return decoding.decode(content[:33] + data + content[33:])[0, 0].tolist()


def test_a_linear_picture_is_lightened():
    assert decode((55, 55, 55), gAMA=LINEAR) == pytest.approx([128] * 3, abs=2)


@pytest.mark.parametrize("chunks", [{"gAMA": GAMMA_2_2, "cHRM": P3_POINTS}, {"cICP": b"\x0c\x0d\0\1"}])
def test_wide_colours_become_those_of_srgb(chunks):
    # A grey keeps its values, and a colour becomes more saturated.
    assert decode((128, 128, 128), **chunks) == pytest.approx([128] * 3, abs=2)
    # Display P3 (200, 100, 100) is the colour (214, 93, 96) of sRGB.
    assert decode((200, 100, 100), **chunks) == pytest.approx([214, 93, 96], abs=3)


@pytest.mark.parametrize(
    "chunks",
    [
        {"gAMA": GAMMA_2_2},
        {"gAMA": GAMMA_2_2, "cHRM": SRGB_POINTS},
        {"cHRM": P3_POINTS},
        {"sRGB": b"\0", "gAMA": LINEAR},
        {"cICP": b"\x01\x0d\0\1", "gAMA": LINEAR},
        {"gAMA": bytes(4)},
        {"gAMA": GAMMA_2_2, "cHRM": struct.pack(">8I", *[30_000] * 8)},
        {"cICP": b"\x09\x10\0\1"},
    ],
)
def test_other_pictures_are_in_srgb(chunks):
    assert decode((200, 100, 50), **chunks) == [200, 100, 50]


def test_an_embedded_profile_precedes_the_other_chunks():
    profile = png_colours.profile({b"gAMA": LINEAR})
    content = encode("PNG", PIL.Image.new("RGB", (16, 16), (55, 55, 55)), icc_profile=profile)
    content = content[:33] + png_chunk(b"sRGB", b"\0") + png_chunk(b"gAMA", GAMMA_2_2) + content[33:]
    assert decoding.decode(content)[0, 0].tolist() == pytest.approx([128] * 3, abs=2)


@given(
    st.dictionaries(
        st.sampled_from([b"cICP", b"iCCP", b"sRGB", b"gAMA", b"cHRM"]), st.binary(max_size=40), max_size=5
    )
)
def test_any_chunks_give_a_profile_or_none(chunks):
    with np.errstate(all="raise"):
        profile = png_colours.profile(chunks)
    assert profile is None or isinstance(profile, bytes)


@given(st.lists(st.integers(0, 2**32 - 1), min_size=8, max_size=8), st.integers(0, 2**32 - 1))
def test_any_numbers_give_a_profile_or_none(points, gamma):
    chunks = {b"cHRM": struct.pack(">8I", *points), b"gAMA": struct.pack(">I", gamma)}
    with np.errstate(all="raise"):
        profile = png_colours.profile(chunks)
    assert profile is None or profile[36:40] == b"acsp"
