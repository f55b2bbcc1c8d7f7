"""Frames of a video at regular times, for which only the necessary parts of the file are decoded."""

from __future__ import annotations

import io
import math
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from imagemood.errors import ImageError, InputError, MoodError
from imagemood.pictures.names import find
from imagemood.pictures.pixels import conversion, decoding_limits
from imagemood.pictures.pixels.decoder_warnings import WarningsIgnored
from imagemood.pictures.pixels.file_formats import video
from imagemood.pictures.reading import addresses, local_files, storage

if TYPE_CHECKING:
    from av import VideoFrame
    from av.container import InputContainer
    from av.video.stream import VideoStream

MAX_FRAMES = 100_000
"""Largest number of frames for which a video is sampled."""
_HEAD_BYTES = 1024
_SEEK_S = 5.0
"""Difference of times from which seeking is usually faster than decoding all frames between."""
_TOLERANCE_S = 1e-4
_MAX_GAP_S = 3600.0
"""Longest time for which a frame may be shown."""


class Video:
    """A video file whose frames can be read at regular times; close it after use.

    Parameters
    ----------
    address : str
        A path, a URL, an object in an object store, or ``-`` for standard input. Only local files may be larger
        than the memory.

    Raises
    ------
    InputError
        If the file cannot be read.
    ImageError
        If it is not a video that can be decoded, or exceeds a limit.
    """

    def __init__(self, address: str) -> None:
        self.name = address
        file: Any = _open(address)
        try:
            with WarningsIgnored():
                format_ = video.container_format(file.read(_HEAD_BYTES))
                if format_ is None:
                    raise ImageError("not a video")
                file.seek(0)
                self._container, self._stream = video.open_container(file, format_)
                size = self._stream.codec_context.width, self._stream.codec_context.height
                decoding_limits.check_shape(size)
                decoding_limits.check_pixels(size)
        except MoodError as error:
            file.close()
            error.where = error.where or address
            raise
        except Exception as error:
            file.close()
            raise ImageError("cannot be decoded: the video is damaged", where=address) from error
        self._file = file

    def close(self) -> None:
        """Close the file."""
        self._container.close()
        self._file.close()

    @property
    def duration_s(self) -> float | None:
        """The duration that the file states, in seconds."""
        duration = self._container.duration
        return None if duration is None or duration <= 0 else duration / 1_000_000

    def frames(self, every_s: float, side_px: int) -> Iterator[tuple[float, NDArray[np.uint8]]]:
        """Yield times, which start at 0, and the upright RGB images of the frames that are shown then.

        Parameters
        ----------
        every_s : float
            The difference between two times, in seconds.
        side_px : int
            The images are reduced so that the shorter side has this number of pixels.
        """
        if (self.duration_s or 0) / every_s > MAX_FRAMES:
            raise InputError(f"more than {MAX_FRAMES:,} frames", where=self.name, hint="use a longer interval")
        with WarningsIgnored():
            for number, frame in enumerate(_sample(self._container, self._stream, every_s)):
                if number > MAX_FRAMES:  # the file states no duration, or a wrong one
                    return
                decoding_limits.check_pixels((frame.width, frame.height))
                image = video.to_image(frame, side_px)
                yield number * every_s, conversion.to_array(image, orientation=video.orientation(frame))


def _open(address: str) -> Any:
    path = find(address)
    if addresses.is_remote(path) or not storage.is_rereadable(path):  # a pipe cannot be searched
        return io.BytesIO(storage.read(path))
    try:
        return Path(path).open("rb")
    except (OSError, ValueError) as error:
        raise InputError(local_files.reason(error, address), where=address) from error


def _sample(container: InputContainer, stream: VideoStream, every_s: float) -> Iterator[VideoFrame]:
    """Yield the last frame that is not later than each time; the first one for times before it."""
    source = _Frames(container, stream)
    with closing(source):
        first = source.next()
        if first is None:
            return
        start, shown, number = source.time, first, 0
        # Damaged timestamps may be much later.
        end = start + container.duration / 1_000_000 if container.duration and container.duration > 0 else math.inf
        following, following_time = source.next(), source.time
        while True:
            target = start + number * every_s + _TOLERANCE_S
            if following is not None and target - following_time > _SEEK_S and source.seek(target):
                following, following_time = source.next(), source.time
            while following is not None and following_time <= target:
                shown = following
                following, following_time = source.next(), source.time
            if number and (target > end or (following is None and target > source.time + source.frame_s)):
                return
            yield shown
            if following is not None and following_time > target + _MAX_GAP_S:
                return  # the timestamps are damaged
            number += 1


class _Frames:
    """The frames of a video, with their times."""

    def __init__(self, container: InputContainer, stream: VideoStream) -> None:
        self._container, self._stream = container, stream
        self._frames = video.frames(container, stream)
        self.frame_s = float(1 / stream.average_rate) if stream.average_rate else 0.04
        self.time = -self.frame_s

    def next(self) -> VideoFrame | None:
        """Return the next frame, whose time is then `time`; None at the end, which keeps the last time."""
        frame = next(self._frames, None)
        if frame is not None:
            self.time = self.time + self.frame_s if frame.time is None else frame.time
        return frame

    def seek(self, time: float) -> bool:
        """Continue at the last key frame before a time; return whether this is possible."""
        import av  # noqa: PLC0415

        if self._stream.time_base is None:
            return False
        with suppress(av.error.FFmpegError):
            self._container.seek(int(time / self._stream.time_base), stream=self._stream)
            self._frames = video.frames(self._container, self._stream)
            return True
        return False

    def close(self) -> None:
        self._frames = iter(())
