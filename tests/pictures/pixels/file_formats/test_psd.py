from __future__ import annotations

import struct

import numpy as np
import pytest

from imagemood.errors import ImageError
from imagemood.pictures.pixels import decoding
from imagemood.pictures.pixels.file_formats.psd import open_psd
from tests.pictures.pixels.file_formats.builders import FLAG, assert_shows_flag

HEADER = b"8BPS\0\1" + bytes(6) + struct.pack(">HIIHH", 3, FLAG.height, FLAG.width, 8, 3)
PIXELS = b"\0\0" + np.ascontiguousarray(np.asarray(FLAG).transpose(2, 0, 1)).tobytes()


def psd(resources: bytes = b"", layers: bytes = b"") -> bytes:
    sections = (b"", resources, layers)
    return HEADER + b"".join(struct.pack(">I", len(section)) + section for section in sections) + PIXELS


def resource(number: int, data: bytes, name: bytes = b"") -> bytes:
    padded = (bytes([len(name)]) + name).ljust((len(name) + 2) // 2 * 2, b"\0")
    return (
        b"8BIM" + struct.pack(">H", number) + padded + struct.pack(">I", len(data)) + data + bytes(len(data) % 2)
    )


@pytest.mark.parametrize(
    "resources", [b"", b"garbage", b"8BIM\4", b"8BIM\4\4\0\0\xff\xff\xff\xff", resource(1033, b"abc") * 1000]
)
@pytest.mark.parametrize("layers", [b"", b"garbage", b"\0\0\0\2\x7f\xff"])
def test_no_resource_or_layer_costs_the_picture(resources, layers):
    assert_shows_flag(psd(resources, layers), tolerance=0.5)


@pytest.mark.parametrize("name", [b"", b"a", b"ab"])
def test_the_profile_is_found(name):
    content = psd(resource(1000, b"abc", name) + resource(1039, b"profile", name) + resource(1000, b"abc"))
    assert open_psd(content).icc_profile == b"profile"


@pytest.mark.parametrize("content", [HEADER, psd()[:40], psd()[:-100], HEADER + b"\xff" * 12])
def test_damaged_files_are_an_error(content):
    with pytest.raises(ImageError, match="cannot be decoded: "):
        decoding.decode(content)
