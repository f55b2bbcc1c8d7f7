from __future__ import annotations

import struct

import PIL.Image
import pytest

from imagemood.errors import ImageError
from imagemood.pictures.pixels import decoding, decoding_limits
from imagemood.pictures.pixels.file_formats.tiff import open_tiff
from tests.pictures.pixels.file_formats.builders import FLAG, ORIENTATION_6, assert_shows_flag, encode

Entry = tuple[int, int, int, bytes]
OUTSIDE = struct.pack("<I", 1 << 30)
TAGS: dict[str, Entry] = {
    "resolution as text": (282, 2, 4, b"abc\0"),
    "resolution as a number": (282, 4, 1, b"\1\0\0\0"),
    "resolution outside the file": (282, 5, 1, OUTSIDE),
    "unit as text": (296, 2, 4, b"inch"),
    "XMP as numbers outside the file": (700, 3, 7, OUTSIDE),
    "profile as numbers": (34675, 4, 3, b"\x09\0\0\0"),
    "profile outside the file": (34675, 7, 500, OUTSIDE),
    "EXIF at an odd place": (34665, 4, 1, b"\7\0\0\0"),
    "EXIF as text": (34665, 2, 4, b"abc\0"),
    "position outside the file": (34853, 4, 1, struct.pack("<I", 1 << 31)),
    "many directories": (330, 4, 1000, b"\x08\0\0\0"),
    "endless description": (270, 2, 0xFFFFFFFF, b"\x08\0\0\0"),
    "maker of an unknown type": (271, 200, 1, b"abcd"),
    "orientation 0": (274, 3, 1, bytes(4)),
    "orientation as text": (274, 2, 2, b"6\0\0\0"),
    "Photoshop": (34377, 1, 4, b"8BIM"),
    "date as numbers": (306, 3, 5, b"\3\0\0\0"),
    "transfer function outside the file": (301, 3, 768, OUTSIDE),
}


def with_tags(content: bytes, *new: Entry) -> bytes:
    """Return a TIFF file with a new directory: other tags, and the next page in a circle."""
    (start,) = struct.unpack_from("<I", content, 4)
    (n_entries,) = struct.unpack_from("<H", content, start)
    entries = {}
    for place in range(start + 2, start + 2 + 12 * n_entries, 12):
        entry = struct.unpack_from("<HHI4s", content, place)
        entries[entry[0]] = entry
    entries |= {entry[0]: entry for entry in new}
    place = len(content) + len(content) % 2
    directory = b"".join(struct.pack("<HHI4s", *entry) for _, entry in sorted(entries.items()))
    end = struct.pack("<H", len(entries)) + directory + struct.pack("<I", place)
    return content[:4] + struct.pack("<I", place) + content[8:].ljust(place - 8, b"\0") + end


@pytest.mark.parametrize("compression", [None, "tiff_lzw"])
@pytest.mark.parametrize("name", TAGS)
def test_no_tag_of_metadata_costs_the_picture(name, compression):
    assert_shows_flag(with_tags(encode("TIFF", compression=compression), TAGS[name]), tolerance=0.5)


@pytest.mark.parametrize("compression", ["raw", "tiff_lzw", "tiff_adobe_deflate", "packbits", "zstd", "lzma"])
@pytest.mark.parametrize("options", [{}, {"big_tiff": True}])
def test_every_compression_is_decoded_and_turned(compression, options):
    exif = PIL.Image.Exif()
    exif[0x0112] = 6
    content = encode("TIFF", compression=compression, exif=exif, **options)
    assert_shows_flag(content, orientation=6, tolerance=1)


def test_orientation_in_xmp():
    content = encode("TIFF") + b'<x tiff:Orientation="6"/>'
    xmp = (700, 1, 25, struct.pack("<I", len(content) - 25))
    assert_shows_flag(with_tags(content, xmp), orientation=6, tolerance=1)
    assert_shows_flag(with_tags(content, ORIENTATION_6), orientation=6, tolerance=1)


def test_the_first_page_is_decoded():
    other = PIL.Image.new("RGB", FLAG.size)
    assert_shows_flag(encode("TIFF", save_all=True, append_images=[other, other]), tolerance=0.5)


def test_too_many_strips_are_refused():
    n_strips = decoding_limits.MAX_BLOCKS + 1
    content = with_tags(encode("TIFF"), (273, 4, n_strips, b"\x08\0\0\0"))
    with pytest.raises(ImageError, match="too many strips or tiles: more than 100,000"):
        decoding.decode(content)


@pytest.mark.parametrize("tile", [(322, 323, 324), None])
def test_the_memory_for_a_tile_or_strip_counts(tile):
    content = encode("TIFF", compression="tiff_lzw")
    if tile:
        content = with_tags(content, *[(tag, 4, 1, struct.pack("<I", 40_000)) for tag in tile])
    else:
        content = with_tags(content, *[(tag, 4, 1, struct.pack("<I", 12_000)) for tag in (256, 257, 278)])
    assert decoding.estimated_memory_bytes(open_tiff(content)) > 4 * 12_000**2
    with pytest.raises(ImageError, match="too large: decoding takes about [0-9,]+ MB of memory"):
        decoding.decode(content)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"II*\0", "truncated"),
        (b"II*\0\xff\xff\xff\x7f", "truncated"),
        (b"II*\0\x08\0\0\0\0\0\0\0\0\0", "cannot be decoded: the file is damaged"),
        (encode("TIFF")[:-3000], "cannot be decoded"),
    ],
)
def test_reasons(content, reason):
    with pytest.raises(ImageError, match=reason):
        decoding.decode(content)


def test_libtiff_writes_no_messages(capfd):
    content = bytearray(encode("TIFF", FLAG.convert("1"), compression="group4"))
    content[10:30] = bytes(20)
    for _ in range(2):
        try:
            decoding.decode(bytes(content))
        except ImageError:
            continue
    assert capfd.readouterr() == ("", "")
