"""A film for tests of videos."""

from __future__ import annotations

from pathlib import Path

import av
import PIL.Image

from imagemood.pictures.samples import FOLDER

PHOTOS = ("alps.jpg", "ant.jpg", "carousel.jpg")
SECONDS_PER_PHOTO = 2
N_SECONDS = SECONDS_PER_PHOTO * len(PHOTOS)
_FRAMES_PER_SECOND = 5
_SIZE = (320, 240)


def write_film(path: Path) -> Path:
    """Write a film in WebM that shows each photo for two seconds, and return its path."""
    options = {"deadline": "realtime", "cpu-used": "8"}
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libvpx", rate=_FRAMES_PER_SECOND, options=options)
        stream.width, stream.height = _SIZE
        stream.pix_fmt = "yuv420p"
        for name in PHOTOS:
            photo = PIL.Image.open(FOLDER / name).convert("RGB").resize(_SIZE)
            for _ in range(_FRAMES_PER_SECOND * SECONDS_PER_PHOTO):
                container.mux(stream.encode(av.VideoFrame.from_image(photo)))
        container.mux(stream.encode())
    return path
