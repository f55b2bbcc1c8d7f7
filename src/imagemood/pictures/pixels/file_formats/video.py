"""Opens the first frame of videos, with the extra ``video``."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import PIL.Image

from imagemood.errors import ImageError
from imagemood.pictures.formats import VIDEO, has_video
from imagemood.pictures.pixels import decoding_limits as limits
from imagemood.pictures.pixels.file_formats.opened import OpenedImage
from imagemood.pictures.pixels.file_formats.video_colours import is_hdr, to_standard_range

if TYPE_CHECKING:
    from av import VideoFrame
    from av.container import InputContainer
    from av.video.stream import VideoStream

_BRANDS = ("qt  ", "iso", "mp4", "mp7", "avc1", "M4V", "3gp", "3g2", "dash", "MSNV", "XAVC", "f4v")
_OLD_ATOMS = frozenset([b"moov", b"mdat", b"wide", b"free", b"skip", b"pnot"])  # QuickTime before 2005
_SIGNATURES = {
    b"\x1aE\xdf\xa3": "matroska",  # and WebM
    b"\0\0\1\xba": "mpeg",
    b"\0\0\1\xb3": "mpegvideo",
    b"0&\xb2u\x8ef\xcf\x11": "asf",
}
DECODERS = (  # noqa: SIM905
    "h264 hevc vp8 vp9 libvpx libvpx-vp9 av1 libdav1d mpeg4 mpeg1video mpeg2video mjpeg prores dnxhd h263 theora "
    "dvvideo wmv1 wmv2 wmv3 vc1 msmpeg4v1 msmpeg4v2 msmpeg4 cinepak svq1 svq3 rawvideo ffv1 huffyuv"
).split()
"""The only decoders of FFmpeg that may run: those of cameras, phones, browsers and editors."""
_MAX_PACKETS = 2000  # before the first frame that can be decoded
_ORIENTATIONS = {90: 8, 180: 3, 270: 6}  # degrees, counterclockwise
_BYTES_PER_PIXEL = 24  # several reference frames


def container_format(content: bytes) -> str | None:
    r"""Return FFmpeg's name of the format of a video file, of which the first 512 bytes suffice; None for others.

    Playlists, which refer to other files and servers, are not among the formats.

    Examples
    --------
    >>> container_format(b"\0\0\0\x14ftypqt  "), container_format(b"#EXTM3U")
    ('mov', None)
    """
    kind = content[4:8]
    if kind == b"ftyp":
        return "mov" if content[8:12].decode("latin-1").startswith(_BRANDS) else None
    if kind in _OLD_ATOMS:
        return "mov"
    if content.startswith(b"RIFF") and content[8:11] == b"AVI":
        return "avi"
    for offset, packet in ((0, 188), (4, 192)):
        if len(content) > offset + 2 * packet and content[offset : offset + 3 * packet : packet] == b"GGG":
            return "mpegts"
    return next((name for start, name in _SIGNATURES.items() if content.startswith(start)), None)


def open_container(file: Any, format_: str) -> tuple[InputContainer, VideoStream]:
    """Open a video file, which refers to no other file, and return it with its main video stream.

    Parameters
    ----------
    file : str or file object
        The file.
    format_ : str
        FFmpeg's name of its format.

    Raises
    ------
    ImageError
        If the extra is not installed, or the file has no video stream that can be decoded.
    ValueError
        If the file is damaged.
    """
    if not has_video():
        raise ImageError("videos need an extra", hint=VIDEO.hint)
    import av  # noqa: PLC0415

    allowed = {"codec_whitelist": ",".join(DECODERS), "protocol_whitelist": "file"}
    try:
        container = av.open(file, format=format_, options=allowed, metadata_errors="replace")
    except av.error.FFmpegError as error:
        raise ValueError("the video is damaged") from error
    streams = [stream for stream in container.streams.video if not stream.disposition & _attached_picture()]
    if not streams:
        raise ImageError("the file has no video stream")
    stream = streams[0]
    if stream.codec_context is None or stream.codec_context.name not in DECODERS:
        raise ImageError("the video is in a format that is not supported", hint="convert it to H.264")
    stream.codec_context.thread_count = 1
    stream.codec_context.options = {"max_pixels": str(limits.MAX_PIXELS)}
    return container, stream


def _attached_picture() -> Any:
    from av.stream import Disposition  # noqa: PLC0415

    return Disposition.attached_pic


def frames(container: InputContainer, stream: VideoStream) -> Iterator[VideoFrame]:
    """Yield the frames from the current position, without those that are damaged, until too many are."""
    import av  # noqa: PLC0415

    n_failed = 0
    # PyAV raises the other errors if a damaged file gets more streams while it is read.
    with suppress(av.error.FFmpegError, LookupError, ValueError):
        for packet in container.demux(stream):
            decoded: list[VideoFrame] = []
            with suppress(av.error.FFmpegError):
                decoded = packet.decode()
            n_failed = 0 if decoded else n_failed + 1
            if n_failed > _MAX_PACKETS:
                return
            yield from decoded


def to_image(frame: VideoFrame, side_px: int | None = None) -> PIL.Image.Image:
    """Return a frame as it is stored, in sRGB; both its sides keep at least `side_px` pixels if it is reduced.

    High dynamic range is mapped to the range of sRGB.
    """
    width, height = frame.width, frame.height
    if side_px is not None and min(width, height) > side_px:
        scale = side_px / min(width, height)
        width, height = round(width * scale), round(height * scale)
    layout = "rgb48le" if is_hdr(frame) else "rgb24"
    pixels: Any = frame.reformat(width, height, format=layout, interpolation="AREA").to_ndarray()
    return PIL.Image.fromarray(to_standard_range(pixels, frame) if layout != "rgb24" else pixels)


def orientation(frame: VideoFrame) -> int:
    """Return the EXIF orientation of a frame, from the display matrix of the video."""
    return _ORIENTATIONS.get(round(frame.rotation / 90) * 90 % 360, 1)


class _OpenedVideo(OpenedImage):
    """The first frame of a video."""

    def __init__(self, container: InputContainer, stream: VideoStream) -> None:
        self._size = stream.codec_context.width, stream.codec_context.height
        super().__init__(PIL.Image.Image(), decoder_bytes=_BYTES_PER_PIXEL * self._size[0] * self._size[1])
        self._container, self._stream = container, stream
        self._side_px: int | None = None

    @property
    def size(self) -> tuple[int, int]:
        return self._size

    @property
    def mode(self) -> str:
        return "RGB"

    @property
    def has_transparency(self) -> bool:
        return False

    def reduce(self, side_px: int) -> None:
        self._side_px = side_px

    def decode(self) -> PIL.Image.Image:
        with self._container:
            frame = next(frames(self._container, self._stream), None)
            if frame is None:
                raise ValueError("no frame of the video can be decoded")
            limits.check_pixels((frame.width, frame.height))
            self.orientation = orientation(frame)
            self.image = to_image(frame, self._side_px)
        return self.image


def open_video(content: bytes) -> OpenedImage:
    """Open the first frame of a video.

    Raises
    ------
    ImageError
        If the extra is not installed, or the file has no video stream that can be decoded.
    ValueError
        If the file is damaged.
    """
    container, stream = open_container(io.BytesIO(content), container_format(content) or "")
    if not min(stream.codec_context.width, stream.codec_context.height):
        raise ValueError("the file is damaged")
    return _OpenedVideo(container, stream)
