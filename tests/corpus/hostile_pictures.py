"""Generates hostile pictures: mutations of valid files, and files made to cost time or memory.

    python tests/corpus/hostile_pictures.py FOLDER

writes them to a folder, always the same ones. `tests/corpus/measure_pictures.py` measures the time and memory that
each of them takes.
"""

from __future__ import annotations

import io
import random
import struct
import sys
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path

import PIL.Image

SEED = 20_260_101
_N_MUTATIONS = 30  # of each valid file
_BOMB_SIDE_PX = 16_000


def pictures(seed: int = SEED, n_mutations: int = _N_MUTATIONS) -> Iterator[tuple[str, bytes]]:
    """Yield the name and the content of each picture; another seed gives other mutations."""
    yield from crafted()
    yield from mutations(seed, n_mutations)


def mutations(seed: int = SEED, n_mutations: int = _N_MUTATIONS) -> Iterator[tuple[str, bytes]]:
    """Yield mutations of each valid file."""
    for name, content in valid_files().items():
        for number in range(n_mutations):
            rng = random.Random(f"{seed} {name} {number}")  # noqa: S311
            mutate = MUTATIONS[number % len(MUTATIONS)]
            yield f"{mutate.__name__.strip('_')}-{number}-{name}", mutate(content, rng)


def valid_files() -> dict[str, bytes]:
    """Return a small valid picture in each format and in several variants of a format."""
    photo = _photo()
    exif = PIL.Image.Exif()
    exif[0x0112], exif[0x010F] = 6, "camera"
    save: dict[str, tuple[PIL.Image.Image, str, dict[str, object]]] = {
        "baseline.jpg": (photo, "JPEG", {"exif": exif.tobytes(), "icc_profile": b"not a profile" * 20}),
        "progressive.jpg": (photo, "JPEG", {"progressive": True, "comment": b"comment" * 50}),
        "cmyk.jpg": (photo.convert("CMYK"), "JPEG", {}),
        "rgb.png": (photo, "PNG", {"exif": exif.tobytes()}),
        "palette.png": (photo.quantize(16), "PNG", {"transparency": 3}),
        "grey16.png": (photo.convert("I;16"), "PNG", {}),
        "animation.png": (
            photo,
            "PNG",
            {"save_all": True, "append_images": [photo.rotate(90)]},
        ),
        "animation.gif": (photo, "GIF", {"save_all": True, "append_images": [photo.rotate(90)]}),
        "lossy.webp": (photo, "WEBP", {"exif": exif.tobytes()}),
        "lossless.webp": (photo.convert("RGBA"), "WEBP", {"lossless": True}),
        "animation.webp": (photo, "WEBP", {"save_all": True, "append_images": [photo.rotate(90)]}),
        "photo.avif": (photo, "AVIF", {}),
        "plain.tif": (photo, "TIFF", {}),
        "lzw.tif": (photo, "TIFF", {"compression": "tiff_lzw"}),
        "jpeg.tif": (photo, "TIFF", {"compression": "jpeg"}),
        "pages.tif": (photo, "TIFF", {"save_all": True, "append_images": [photo] * 3}),
        "photo.bmp": (photo, "BMP", {}),
        "photo.jp2": (photo, "JPEG2000", {}),
        "photo.tga": (photo, "TGA", {"compression": "tga_rle"}),
        "photo.ppm": (photo, "PPM", {}),
        "photo.qoi": (photo, "QOI", {}),
        "photo.ico": (photo.resize((64, 64)), "ICO", {}),
        "photo.pcx": (photo, "PCX", {}),
        "photo.sgi": (photo, "SGI", {}),
        "photo.mpo": (photo, "MPO", {"save_all": True, "append_images": [photo.rotate(90)]}),
    }
    files = {}
    for name, (image, format_, options) in save.items():
        content = io.BytesIO()
        image.save(content, format_, **options)
        files[name] = content.getvalue()
    return files


def _photo() -> PIL.Image.Image:
    gradient = PIL.Image.linear_gradient("L").resize((96, 64))
    noise = PIL.Image.frombytes("L", (96, 64), random.Random(SEED).randbytes(96 * 64))  # noqa: S311
    return PIL.Image.merge("RGB", (gradient, gradient.rotate(180), noise))


# Mutations -----------------------------------------------------------------------------------------------------


def _flip_bits(content: bytes, rng: random.Random) -> bytes:
    mutated = bytearray(content)
    for _ in range(rng.choice((1, 4, 16, 64))):
        mutated[rng.randrange(len(mutated))] ^= 1 << rng.randrange(8)
    return bytes(mutated)


def _flip_bits_of_header(content: bytes, rng: random.Random) -> bytes:
    mutated = bytearray(content)
    for _ in range(rng.choice((1, 2, 4))):
        mutated[rng.randrange(min(len(mutated), 120))] ^= 1 << rng.randrange(8)
    return bytes(mutated)


def _truncate(content: bytes, rng: random.Random) -> bytes:
    return content[: rng.randrange(len(content))]


def _overwrite_number(content: bytes, rng: random.Random) -> bytes:
    """Write an extreme number into the header, where sizes, counts and offsets are."""
    number = rng.choice((0, 1, 0x7F, 0x80, 0xFF, 0x7FFF, 0xFFFF, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF))
    packed = (
        struct.pack(rng.choice("<>") + rng.choice("HI"), number & 0xFFFF if rng.random() < 0.5 else number)
        if number <= 0xFFFF
        else struct.pack(rng.choice("<>") + "I", number)
    )
    place = rng.randrange(min(len(content), 200))
    return content[:place] + packed + content[place + len(packed) :]


def _remove_range(content: bytes, rng: random.Random) -> bytes:
    start = rng.randrange(len(content))
    return content[:start] + content[start + rng.choice((1, 2, 8, 100)) :]


def _repeat_range(content: bytes, rng: random.Random) -> bytes:
    start = rng.randrange(len(content))
    end = start + rng.choice((1, 4, 50, 500))
    return content[:end] + content[start:end] * rng.choice((1, 10, 200)) + content[end:]


def _insert_noise(content: bytes, rng: random.Random) -> bytes:
    place = rng.randrange(len(content))
    return content[:place] + rng.randbytes(rng.choice((1, 3, 64, 1000))) + content[place:]


MUTATIONS: tuple[Callable[[bytes, random.Random], bytes], ...] = (
    _flip_bits,
    _flip_bits_of_header,
    _truncate,
    _overwrite_number,
    _remove_range,
    _repeat_range,
    _insert_noise,
)


# Files made by hand --------------------------------------------------------------------------------------------


def crafted() -> Iterator[tuple[str, bytes]]:
    """Yield small files that announce or contain much, and files that pretend to be pictures."""
    yield from _png_bombs()
    yield from _jpeg_bombs()
    yield from _other_bombs()
    yield from _other_formats()


def _png_chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def _png(
    width: int, height: int, *, bits: int = 8, colour: int = 0, chunks: bytes = b"", interlaced: int = 0
) -> bytes:
    """Return a black PNG; its data is compressed row by row, so that large ones are made quickly."""
    n_samples = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}[colour]
    row = bytes(1 + (width * bits * n_samples + 7) // 8)
    compressor = zlib.compressobj(9)
    n_rows = max(1, min(height, (1 << 26) // len(row)))  # larger pictures end early
    body = b"".join(compressor.compress(row) for _ in range(n_rows)) + compressor.flush()
    header = struct.pack(">IIBBBBB", width, height, bits, colour, 0, 0, interlaced)
    palette = _png_chunk(b"PLTE", bytes(768)) if colour == 3 else b""
    parts = _png_chunk(b"IHDR", header) + palette + chunks + _png_chunk(b"IDAT", body) + _png_chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + parts


def _png_bombs() -> Iterator[tuple[str, bytes]]:
    zeros = zlib.compress(bytes(50_000_000), 9)
    for colour, bits in ((0, 1), (0, 8), (0, 16), (2, 8), (2, 16), (3, 8), (4, 16), (6, 8), (6, 16)):
        yield f"bomb-{colour}-{bits}.png", _png(_BOMB_SIDE_PX, _BOMB_SIDE_PX // 4, bits=bits, colour=colour)
    yield "bomb-interlaced.png", _png(_BOMB_SIDE_PX, _BOMB_SIDE_PX // 4, colour=6, interlaced=1)
    yield "announces-4-terapixels.png", _png(2_000_000, 2_000_000)
    yield "text-bomb.png", _png(64, 64, chunks=_png_chunk(b"zTXt", b"key\0\0" + zeros) * 20)
    yield "international-text-bomb.png", _png(64, 64, chunks=_png_chunk(b"iTXt", b"key\0\1\0\0\0" + zeros))
    yield "profile-bomb.png", _png(64, 64, chunks=_png_chunk(b"iCCP", b"name\0\0" + zeros))
    yield "many-chunks.png", _png(64, 64, chunks=_png_chunk(b"tEXt", b"a\0b") * 100_000)
    yield "many-frames.png", _png(64, 64, chunks=_png_chunk(b"acTL", struct.pack(">II", 2**31 - 1, 0)))


def _jpeg_bombs() -> Iterator[tuple[str, bytes]]:
    content = valid_files()["progressive.jpg"]
    start, end = content.index(b"\xff\xda"), content.rindex(b"\xff\xd9")
    for n_scans in (50, 1_000, 12_000):
        yield f"scans-{n_scans}.jpg", content[:start] + content[start:end] * (n_scans // 8) + content[end:]
    size_at = content.index(b"\xff\xc2") + 5
    for width, height in ((65_500, 65_500), (30_000, 30_000), (12_000, 12_000), (65_500, 0), (0, 65_500)):
        size = struct.pack(">HH", height, width)
        yield f"announces-{width}x{height}.jpg", content[:size_at] + size + content[size_at + 4 :]
    yield "many-segments.jpg", content[:2] + b"\xff\xe5\x00\x02" * 300_000 + content[2:]
    yield "many-restarts.jpg", content[:end] + b"\xff\xd0" * 500_000 + content[end:]
    yield "fill-bytes.jpg", content[:2] + b"\xff" * 3_000_000 + content[2:]
    yield "junk-after-image.jpg", content + bytes(3_000_000)


def _other_bombs() -> Iterator[tuple[str, bytes]]:
    for width, height in ((16_383, 16_383), (16_383, 4_000)):
        size = struct.pack("<HH", width, height)
        frame = b"VP8 " + struct.pack("<I", 16) + b"\x10\x00\x00\x9d\x01\x2a" + size + bytes(6)
        yield f"lossy-{width}x{height}.webp", b"RIFF" + struct.pack("<I", 4 + len(frame)) + b"WEBP" + frame
        canvas = b"\x10\0\0\0" + (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
        extended = b"VP8X" + struct.pack("<I", 10) + canvas + frame
        yield f"canvas-{width}x{height}.webp", b"RIFF" + struct.pack("<I", 4 + len(extended)) + b"WEBP" + extended
    gif = valid_files()["animation.gif"]
    yield "screen-65535.gif", gif[:6] + struct.pack("<HH", 65_535, 65_535) + gif[10:]
    yield "many-frames.gif", gif[:-1] + gif[gif.index(b"\x2c") : -1] * 2_000 + b";"
    yield "comments.gif", gif[:13] + (b"\x21\xfe\xff" + b"c" * 255 + b"\0") * 20_000 + gif[13:]
    yield from _tiff_bombs()
    for side in (30_000, 0x7FFFFFFF):
        bmp = b"BM" + bytes(8) + struct.pack("<IIiiHHII", 54, 40, side, side, 1, 24, 0, 0) + bytes(16)
        yield f"announces-{side}.bmp", bmp
        yield f"runs-{side}.bmp", bmp[:28] + struct.pack("<HI", 8, 1) + bmp[34:] + b"\xff\x00" * 5_000
        yield f"announces-{side}.ppm", b"P6 %d %d 255\n" % (side, side)
        yield f"announces-{side}.qoi", b"qoif" + struct.pack(">II", side, side) + b"\x04\x00" + b"\xfd" * 10_000
        yield (
            f"announces-{side}.psd",
            b"8BPS\0\1" + bytes(6) + struct.pack(">HIIHH", 3, side, side, 8, 3) + bytes(14),
        )
    yield "digits.ppm", b"P3 " + b"9" * 2_000_000 + b" 10 255\n"
    yield "comments.ppm", b"P2\n" + b"# comment\n" * 200_000 + b"16 16 255\n" + b"1 " * 256
    yield (
        "runs.tga",
        bytes([0, 0, 10, *[0] * 9]) + struct.pack("<HHBB", 16_000, 10_000, 24, 0) + b"\xff\0\0\0" * 9_000,
    )
    yield "planes.pcx", b"\n\5\1\x08" + struct.pack("<HHHH", 0, 0, 65_534, 65_534) + bytes(116) + b"\xc0" * 9_000
    yield "runs.sgi", struct.pack(">HBBHHHH", 474, 1, 1, 3, 65_535, 65_535, 3) + bytes(500) + b"\xff" * 9_000
    png = _png(9_000, 9_000, colour=6)
    yield "png-bomb.ico", b"\0\0\1\0\1\0" + struct.pack("<BBBBHHII", 64, 64, 0, 0, 1, 32, len(png), 22) + png
    yield "many-icons.ico", b"\0\0\1\0\xff\xff" + struct.pack("<BBBBHHII", 64, 64, 0, 0, 1, 32, 99, 22) * 65_535
    yield "nested-boxes.jp2", b"\0\0\0\x0cjP  \r\n\x87\n" + struct.pack(">I4s", 1 << 30, b"jp2h") * 50_000
    stream = b"\xff\x4f\xff\x51\x00\x29\0\0" + struct.pack(">IIIIIIII", 60_000, 60_000, 0, 0, 1, 1, 0, 0)
    yield "tiny-tiles.j2k", stream + b"\x00\x01\x07\x01\x01" + bytes(1_000)
    yield "nested-boxes.avif", b"\0\0\0\x14ftypavif\0\0\0\0avif" + struct.pack(">I4s", 1 << 30, b"meta") * 50_000


def _tiff_bombs() -> Iterator[tuple[str, bytes]]:
    def tiff(entries: list[tuple[int, int, int, int]], following: int = 0, data: bytes = b"") -> bytes:
        packed = b"".join(struct.pack("<HHII", *entry) for entry in entries)
        return b"II*\0\x08\0\0\0" + struct.pack("<H", len(entries)) + packed + struct.pack("<I", following) + data

    def page(side: int, compression: int, **more: int) -> list[tuple[int, int, int, int]]:
        n_strips, offset = more.get("n_strips", 1), more.get("offset", 200)
        sizes = [(256, 4, 1, side), (257, 4, 1, side), (258, 3, 1, 8), (259, 3, 1, compression), (262, 3, 1, 1)]
        return [*sizes, (273, 4, n_strips, offset), (277, 3, 1, 1), (278, 4, 1, side), (279, 4, n_strips, 1_000)]

    for compression in (1, 5, 7, 8, 32_773, 34_712, 50_000):
        yield f"bomb-{compression}.tif", tiff(page(40_000, compression), data=bytes(2_000))
        yield f"damaged-{compression}.tif", tiff(page(400, compression), data=bytes(range(256)) * 10)
    yield "pages-in-a-circle.tif", tiff(page(64, 1), following=8, data=bytes(8_000))
    yield "many-strips.tif", tiff(page(64, 1, n_strips=0x0FFFFFFF), data=bytes(8_000))
    yield "strips-outside.tif", tiff(page(64, 1, offset=0xFFFFFFF0), data=bytes(100))
    yield "many-tags.tif", tiff(page(64, 1) + [(40_000, 4, 1, 1)] * 65_000, data=bytes(8_000))
    yield "long-text.tif", tiff([*page(64, 1), (270, 2, 0x7FFFFFFF, 8)], data=bytes(8_000))
    deflated = zlib.compress(bytes(40_000 * 4_000), 9)
    yield (
        "deflated.tif",
        tiff(
            [
                *[(256, 4, 1, 40_000), (257, 4, 1, 4_000), (258, 3, 1, 8), (259, 3, 1, 8), (262, 3, 1, 1)],
                *[(273, 4, 1, 122), (277, 3, 1, 1), (278, 4, 1, 4_000), (279, 4, 1, len(deflated))],
            ],
            data=deflated,
        ),
    )


def _other_formats() -> Iterator[tuple[str, bytes]]:
    postscript = b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 99 99\n%%EndComments\n"
    yield "postscript.jpg", postscript + b"showpage\n"
    yield "postscript-with-preview.jpg", b"\xc5\xd0\xd3\xc6" + struct.pack("<IIII", 32, 99, 0, 0) + postscript
    yield "metafile.jpg", b"\xd7\xcd\xc6\x9a\0\0" + struct.pack("<hhhhH", 0, 0, 999, 999, 96) + bytes(40)
    yield "enhanced-metafile.jpg", b"\1\0\0\0" + bytes(36) + b" EMF" + bytes(60)
    fits = b"".join(line.ljust(80) for line in (b"SIMPLE  =  T", b"BITPIX  =  8", b"NAXIS   =  2"))
    yield "astronomy.jpg", fits + b"NAXIS1  = 40000".ljust(80) + b"NAXIS2  = 40000".ljust(80) + b"END".ljust(2_480)
    yield (
        "texture.jpg",
        b"DDS " + struct.pack("<IIII", 124, 0x1007, 30_000, 30_000) + bytes(104) + b"DXT1" + bytes(40),
    )
    for name, start in {
        "hierarchical.jpg": b"\x89HDF\r\n\x1a\n",
        "weather.jpg": b"GRIB",
        "observations.jpg": b"BUFR",
        "compound.jpg": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
        "photo-cd.jpg": bytes(2_048) + b"PCD_",
        "video.jpg": b"\0\0\1\xb3",
        "movie.jpg": b"\0\0\0\x18ftypisom\0\0\0\0",
        "phone.jpg": b"\0\0\0\x18ftypheic\0\0\0\0",
        "jpeg-xl.jpg": b"\xff\x0a",
        "archive.jpg": b"PK\3\4",
        "program.jpg": b"\x7fELF\2\1\1",
        "pickle.jpg": b"\x80\4\x95\0\0\0\0\0\0\0\0.",
        "page.jpg": b"<!DOCTYPE html><img src=x onerror=alert(1)>",
        "vector.jpg": b'<svg xmlns="http://www.w3.org/2000/svg"><image href="file:///etc/passwd"/></svg>',
        "bitmap-as-program.jpg": b"#define x_width 30000\n#define x_height 30000\nstatic char x_bits[] = {",
        "pixmap-as-program.jpg": b'/* XPM */\nstatic char *x[] = {\n"30000 30000 2 1",\n',
    }.items():
        yield name, start + bytes(500)
    yield "zeros.jpg", bytes(100_000)
    yield "ones.jpg", b"\xff" * 100_000
    yield "noise.jpg", random.Random(SEED).randbytes(100_000)  # noqa: S311


if __name__ == "__main__":
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    for name_, content_ in pictures():
        (folder / name_).write_bytes(content_)
