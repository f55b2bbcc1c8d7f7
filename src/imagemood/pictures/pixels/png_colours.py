"""The colour space that the chunks of a PNG file state, as an ICC profile."""

from __future__ import annotations

import struct
import zlib

import numpy as np
from numpy.typing import NDArray

from imagemood.pictures.pixels.decoding_limits import MAX_PROFILE_BYTES

_D50 = np.array([0.9642, 1.0, 0.8249])
_BRADFORD = np.array([[0.8951, 0.2664, -0.1614], [-0.7502, 1.7135, 0.0367], [0.0389, -0.0685, 1.0296]])
_D65 = (0.3127, 0.3290)
_BT709 = (*_D65, 0.64, 0.33, 0.30, 0.60, 0.15, 0.06)  # white, red, green and blue: x, y
_BT2020 = (*_D65, 0.708, 0.292, 0.17, 0.797, 0.131, 0.046)
_DISPLAY_P3 = (*_D65, 0.68, 0.32, 0.265, 0.69, 0.15, 0.06)
_PRIMARIES = {1: _BT709, 9: _BT2020, 12: _DISPLAY_P3}  # codes of ITU-T H.273
_SRGB = (2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045)  # parameters of the curve
_TRANSFERS = {1: _SRGB, 6: _SRGB, 13: _SRGB, 14: _SRGB, 15: _SRGB, 4: (2.2,), 5: (2.8,), 8: (1.0,)}


def profile(chunks: dict[bytes, bytes]) -> bytes | None:
    """Return the ICC profile of a PNG file, or None if it is in sRGB or does not state its colour space.

    As the PNG standard demands, cICP precedes iCCP, iCCP precedes sRGB, and sRGB precedes gAMA and cHRM. High
    dynamic range (PQ and HLG in cICP) is not supported; the numbers are then taken as sRGB.
    """
    if len(chunks.get(b"cICP", b"")) >= 2:
        primaries, transfer = chunks[b"cICP"][:2]
        if primaries in _PRIMARIES and transfer in _TRANSFERS:
            return _matrix_profile(_PRIMARIES[primaries], _TRANSFERS[transfer])
    if b"iCCP" in chunks:
        return _embedded_profile(chunks[b"iCCP"])
    gamma = int.from_bytes(chunks.get(b"gAMA", b"")[:4])
    if b"sRGB" in chunks or not 20_000 <= gamma <= 500_000:
        return None
    points: tuple[float, ...] = _BT709
    if len(chunks.get(b"cHRM", b"")) >= 32:
        points = tuple(value / 100_000 for value in struct.unpack_from(">8I", chunks[b"cHRM"]))
    is_srgb_curve = 43_000 < gamma < 48_000  # 1 / 2.2 is an approximation of sRGB
    return _matrix_profile(points, _SRGB if is_srgb_curve else (100_000 / gamma,))


def _embedded_profile(chunk: bytes) -> bytes | None:
    _, _, compressed = chunk.partition(b"\0")  # after the name; its first byte is the method of compression
    try:
        return zlib.decompressobj().decompress(compressed[1:], MAX_PROFILE_BYTES + 1)
    except zlib.error:
        return None


def _matrix_profile(points: tuple[float, ...], curve: tuple[float, ...]) -> bytes | None:
    """Return an ICC profile from the chromaticities of white, red, green and blue, and a parametric curve."""
    if points == _BT709 and curve == _SRGB:
        return None
    x, y = np.array(points[::2]), np.array(points[1::2])
    if not (y > 0).all() or abs(np.linalg.det([x[1:], y[1:], 1 - x[1:] - y[1:]])) < 1e-6:
        return None
    white, *primaries = np.stack([x / y, np.ones(4), (1 - x - y) / y], axis=1)
    to_xyz = np.transpose(primaries)
    to_xyz = to_xyz * np.linalg.solve(to_xyz, white)
    to_d50 = np.linalg.solve(_BRADFORD, np.diag(_BRADFORD @ _D50 / (_BRADFORD @ white)) @ _BRADFORD)
    columns = (to_d50 @ to_xyz).T
    curve_tag = b"para\0\0\0\0" + struct.pack(">HH", 3 if len(curve) > 1 else 0, 0) + _fixed(*curve)
    tags = {b"wtpt": _xyz(_D50)}
    for name, column in zip((b"r", b"g", b"b"), columns, strict=True):
        tags |= {name + b"XYZ": _xyz(column), name + b"TRC": curve_tag}
    return _with_header(tags)


def _xyz(values: NDArray[np.float64]) -> bytes:
    return b"XYZ \0\0\0\0" + _fixed(*values)


def _fixed(*values: float) -> bytes:
    """Return numbers with 16 fractional bits."""
    return struct.pack(
        f">{len(values)}i", *(round(max(-32768.0, min(32767.0, value)) * 65536) for value in values)
    )


def _with_header(tags: dict[bytes, bytes]) -> bytes:
    start = 128 + 4 + 12 * len(tags)
    table, data = struct.pack(">I", len(tags)), b""
    for name, tag in tags.items():
        table += name + struct.pack(">II", start + len(data), len(tag))
        data += tag + bytes(-len(tag) % 4)
    size = struct.pack(">I", start + len(data))
    header = size + bytes(4) + b"\x04\x30\0\0mntrRGB XYZ " + bytes(12) + b"acsp" + bytes(28) + _fixed(*_D50)
    return header.ljust(128, b"\0") + table + data
