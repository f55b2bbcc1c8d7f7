from __future__ import annotations

import re
from pathlib import Path

import pytest

from imagemood.errors import ImageError
from imagemood.pictures.pixels import decoding_limits as limits

PAGE = (Path(__file__).parents[3] / "docs" / "pictures.md").read_text("utf-8")


@pytest.mark.parametrize(
    ("size", "is_accepted"),
    [((8, 8), True), ((7, 8), False), ((8, 400), True), ((401, 8), False), ((0, 0), False)],
)
def test_shapes(size, is_accepted):
    if is_accepted:
        limits.check_shape(size)
    else:
        with pytest.raises(ImageError, match="^too (small|elongated): "):
            limits.check_shape(size)


def test_pixels():
    limits.check_pixels((10, 10), 100)
    with pytest.raises(ImageError, match="too large: 10×11 pixels, more than 100"):
        limits.check_pixels((10, 11), 100)
    with pytest.raises(ImageError, match="too large: more than 178,956,970 pixels"):
        limits.check_pixels((20_000, 20_000), 10**12)


@pytest.mark.parametrize(
    ("n_bytes", "file_bytes", "is_accepted"),
    [
        (300_000_000, 10, True),
        (300_000_001, 10, False),
        (512_000_000, 128_000, True),
        (512_000_001, 128_000, False),
        (1_000_000_000, 10**9, True),
        (1_000_000_001, 10**9, False),
    ],
)
def test_memory(n_bytes, file_bytes, is_accepted):
    if is_accepted:
        limits.check_memory(n_bytes, file_bytes)
    else:
        with pytest.raises(ImageError, match="^too large: decoding takes about [0-9,]+ MB of memory, more than"):
            limits.check_memory(n_bytes, file_bytes)


@pytest.mark.parametrize("name", [name for name in vars(limits) if re.fullmatch("M(AX|IN)_[A-Z_]+", name)])
def test_every_limit_is_documented(name):
    value = getattr(limits, name)
    texts = [f"{value:,}", f"{value / 1e6:,.0f} MB", f"{value >> 20} MiB"]
    assert any(re.search(rf"\b{re.escape(text)}\b", PAGE) for text in texts), texts
