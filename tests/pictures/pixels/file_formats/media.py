"""Builds small videos and camera raw files."""

from __future__ import annotations

import io
import struct

import av
import numpy as np

RED, BLUE = (220, 40, 40), (20, 20, 200)


def halves(size=(96, 64), left=RED, right=BLUE):
    """Return an RGB array whose halves have one colour each."""
    pixels = np.empty((size[1], size[0], 3), np.uint8)
    pixels[:, : size[0] // 2], pixels[:, size[0] // 2 :] = left, right
    return pixels


def video(
    codec="libx264", container="mp4", *, frames=None, rate=10, times=None, pixel_format="yuv420p", **settings
):
    """Return a video of RGB arrays; `times` are those of the frames, in units of 1 / `rate` seconds."""
    frames = [halves()] * 3 if frames is None else frames
    file = io.BytesIO()
    with av.open(file, "w", format=container) as output:
        stream = output.add_stream(codec, rate=rate)
        stream.height, stream.width = frames[0].shape[:2]
        stream.pix_fmt = pixel_format
        if codec == "libx264":
            stream.options = {"x264-params": "keyint=10:log-level=none"}
        for name, value in settings.items():
            setattr(stream.codec_context, name, value)
        for number, pixels in enumerate(frames):
            frame = av.VideoFrame.from_ndarray(pixels, "rgb24")
            frame.pts = times[number] if times else number
            output.mux(stream.encode(frame))
        output.mux(stream.encode(None))
    return file.getvalue()


def turned(mp4, degrees):
    """Return an MP4 file whose track states that it is turned clockwise."""
    a, b = {0: (1, 0), 90: (0, 1), 180: (-1, 0), 270: (0, -1)}[degrees]
    start = mp4.index(b"tkhd") + 44
    matrix = struct.pack(">9i", a << 16, b << 16, 0, -b << 16, a << 16, 0, 0, 0, 1 << 30)
    return mp4[:start] + matrix + mp4[start + 36 :]


def sound():
    """Return an MP4 file that contains only sound."""
    file = io.BytesIO()
    with av.open(file, "w", format="mp4") as output:
        stream = output.add_stream("aac", rate=8000)
        frame = av.AudioFrame.from_ndarray(np.zeros((1, 1024), np.float32), "fltp", "mono")
        frame.sample_rate = 8000
        output.mux(stream.encode(frame))
        output.mux(stream.encode(None))
    return file.getvalue()


def dng(*, preview=None, size=(640, 480), orientation=1):
    """Return a DNG file whose left half is red and whose right half is dark, with an embedded JPEG file."""
    width, height = size
    y, x = np.mgrid[:height, :width]
    values = np.full((height, width), 600, "<u2")
    values[(y % 2 == 0) & (x % 2 == 0) & (x < width // 2)] = 14_000
    identity = struct.pack("<18i", *(number for i in range(9) for number in (int(i % 4 == 0), 1)))
    camera = [
        (271, 2, b"Test\0"),  # Make
        (272, 2, b"Camera\0"),  # Model
        (274, 3, struct.pack("<H", orientation)),
        (50706, 1, bytes([1, 4, 0, 0])),  # DNGVersion
        (50708, 2, b"Test Camera\0"),
        (50721, 10, identity),  # ColorMatrix1
        (50778, 3, struct.pack("<H", 21)),  # CalibrationIlluminant1
    ]
    sensor = [
        *[(254, 4, bytes(4)), (256, 4, struct.pack("<I", width)), (257, 4, struct.pack("<I", height))],
        *[(258, 3, b"\x10\0"), (259, 3, b"\1\0"), (262, 3, struct.pack("<H", 32803))],
        *[(273, 4, values.tobytes()), (277, 3, b"\1\0"), (278, 4, struct.pack("<I", height))],
        (279, 4, struct.pack("<I", values.nbytes)),
        (33421, 3, b"\2\0\2\0"),  # CFARepeatPatternDim
        (33422, 1, bytes([0, 1, 1, 2])),  # CFAPattern
        (50717, 4, struct.pack("<I", 16_383)),  # WhiteLevel
    ]
    directories = [sorted(camera + sensor)]
    if preview is not None:
        jpeg = [(259, 3, b"\6\0"), (513, 4, preview), (514, 4, struct.pack("<I", len(preview)))]
        directories.append([(254, 4, b"\1\0\0\0"), *jpeg])
    return _tiff(directories)


_SIZES = {1: 1, 2: 1, 3: 2, 4: 4, 10: 8}


def _tiff(directories):
    """Return a TIFF file of (tag, type, data); the data of the tags 273 and 513 are a strip and a JPEG file."""
    content = b"II*\0" + struct.pack("<I", 8)
    for number, tags in enumerate(directories):
        end = len(content) + 2 + 12 * len(tags) + 4
        entries, data = b"", b""
        for tag, kind, value in tags:
            place = struct.pack("<I", end + len(data))
            if tag in {273, 513}:
                entries += struct.pack("<HHI", tag, kind, 1) + place
                data += value
            elif len(value) <= 4:
                entries += struct.pack("<HHI", tag, kind, len(value) // _SIZES[kind]) + value.ljust(4, b"\0")
            else:
                entries += struct.pack("<HHI", tag, kind, len(value) // _SIZES[kind]) + place
                data += value
            data += bytes(len(data) % 2)
        following = end + len(data) if number + 1 < len(directories) else 0
        content += struct.pack("<H", len(tags)) + entries + struct.pack("<I", following) + data
    return content
