"""Maps the colours of videos with a high dynamic range to sRGB."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from av import VideoFrame

_PQ, _HLG = 16, 18  # codes of ITU-T H.273
_BT2020 = 9
_WHITE_NITS, _PEAK_NITS = 203.0, 1000.0  # ITU-R BT.2408
_TO_BT709 = np.array(
    [[1.6605, -0.5876, -0.0728], [-0.1246, 1.1329, -0.0083], [-0.0182, -0.1006, 1.1187]], np.float32
)
_ROWS = 64


def is_hdr(frame: VideoFrame) -> bool:
    """Return whether a frame states the transfer characteristics of a high dynamic range, PQ or HLG."""
    return int(frame.color_trc) in (_PQ, _HLG)


def to_standard_range(pixels: NDArray[np.uint16], frame: VideoFrame) -> NDArray[np.uint8]:
    """Return RGB pixels with a high dynamic range as sRGB: diffuse white stays, highlights are compressed."""
    result = np.empty(pixels.shape, np.uint8)
    linear = _from_pq if int(frame.color_trc) == _PQ else _from_hlg
    is_wide = int(frame.color_primaries) == _BT2020
    for top in range(0, len(pixels), _ROWS):
        values = linear(pixels[top : top + _ROWS].astype(np.float32) / 65535) / _WHITE_NITS
        result[top : top + _ROWS] = _encode(_compress(values), is_wide=is_wide)
    return result


def _from_pq(values: NDArray[Any]) -> NDArray[Any]:
    """Return the luminance in cd/m² (SMPTE ST 2084)."""
    power = values ** (1 / 78.84375)
    return 10_000 * (np.maximum(power - 0.8359375, 0) / (18.8515625 - 18.6875 * power)) ** (1 / 0.1593017578125)


def _from_hlg(values: NDArray[Any]) -> Any:
    """Return the luminance in cd/m² on a display of 1000 cd/m² (ITU-R BT.2100)."""
    scene = np.where(values <= 0.5, values**2 / 3, (np.exp((values - 0.55991073) / 0.17883277) + 0.28466892) / 12)
    luminance = scene @ np.array([0.2627, 0.678, 0.0593], np.float32)
    return _PEAK_NITS * scene * np.maximum(luminance, 1e-6)[..., None] ** 0.2


def _compress(values: NDArray[Any]) -> NDArray[Any]:
    """Compress what is brighter than half of diffuse white, so that the peak becomes white."""
    knee, peak = 0.5, _PEAK_NITS / _WHITE_NITS
    excess = np.maximum(values - knee, 0) / (peak - knee)
    compressed = knee + (1 - knee) * np.log1p(excess * 20) / np.log1p(20)
    return np.where(values <= knee, values, compressed)


def _encode(values: NDArray[Any], *, is_wide: bool) -> NDArray[np.uint8]:
    linear = np.clip(values @ _TO_BT709.T if is_wide else values, 0, 1)
    encoded = np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055)
    codes: NDArray[np.uint8] = np.rint(255 * encoded).astype(np.uint8)
    return codes
