"""Make the hostile pictures of `bad/`, byte for byte the same each time.

python tests/corpus/make.py
"""

from __future__ import annotations

import struct
import zlib
from pathlib import Path

BAD = Path(__file__).parent / "bad"


def png(width: int, height: int, *, rows: int | None = None) -> bytes:
    """Build a grey PNG by hand, whose header may promise more rows than follow."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    body = zlib.compress((b"\0" + b"\x80" * width) * (height if rows is None else rows), 9)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", body) + chunk(b"IEND", b"")


def pictures() -> dict[str, bytes]:
    good = png(64, 64)
    flipped = bytearray(png(64, 64))
    flipped[50] ^= 0xFF
    return {
        "empty.jpg": b"",
        "text.jpg": b"This is a shopping list: milk, bread, eggs.\n",
        "truncated.png": good[: len(good) * 2 // 3],
        "damaged.png": bytes(flipped),
        "bomb.png": png(60_000, 60_000, rows=1),
        "one_pixel.png": png(1, 1),
        "strip.png": png(30_000, 10),
        "header_only.gif": b"GIF89a\x40\x00\x40\x00\x80\x00\x00",
        "header_only.jpg": bytes.fromhex("ffd8ffe000104a46494600010100000100010000ffd9"),
        "html.png": b"<!DOCTYPE html><title>404</title>",
    }


if __name__ == "__main__":
    BAD.mkdir(exist_ok=True)
    for name, content in pictures().items():
        (BAD / name).write_bytes(content)
