from __future__ import annotations

import os
import socket
import threading
from contextlib import closing

import numpy as np
import pytest

from imagemood.errors import ImageError, InputError
from imagemood.pictures.pixels import video_frames
from imagemood.pictures.pixels.video_frames import Video
from tests.pictures.pixels.file_formats.media import halves, sound, turned, video

RATE = 5
LEVELS = [(40 + 4 * second,) * 3 for second in range(40)]  # the colour of each second
FRAMES = [halves(left=level, right=level) for level in LEVELS for _ in range(RATE)]
FILM = video(frames=FRAMES, rate=RATE)


def seconds_of(path, every_s):
    """Return the times, and the seconds to which the colours of their frames belong."""
    with closing(Video(str(path))) as opened:
        found = [(time, float(pixels.mean())) for time, pixels in opened.frames(every_s, 64)]
    return [time for time, _ in found], [round((level - 40) / 4) for _, level in found]


@pytest.mark.parametrize(("codec", "container"), [("libx264", "mp4"), ("libx264", "matroska"), ("mpeg4", "avi")])
@pytest.mark.parametrize("every_s", [0.5, 1.0, 7.0, 12.5, 100.0])
def test_the_frame_of_each_time(codec, container, every_s, tmp_path):
    path = tmp_path / "film"
    path.write_bytes(FILM if container == "mp4" else video(codec, container, frames=FRAMES, rate=RATE))
    times, seconds = seconds_of(path, every_s)
    expected = np.arange(0, 40, every_s)
    assert times == expected.tolist()
    assert seconds == np.floor(expected).astype(int).tolist()


def test_only_the_necessary_frames_are_decoded(tmp_path, monkeypatch):
    (tmp_path / "film.mp4").write_bytes(FILM)
    decoded = []
    frames = video_frames.video.frames

    def counted(*arguments):
        for frame in frames(*arguments):
            decoded.append(frame.time)
            yield frame

    monkeypatch.setattr(video_frames.video, "frames", counted)
    assert seconds_of(tmp_path / "film.mp4", 13.0)[1] == [0, 13, 26, 39]
    assert len(decoded) < 60  # of 200


def test_a_varying_frame_rate(tmp_path):
    levels = [0, 1, 5, 20]
    frames = [FRAMES[RATE * level] for level in levels]
    (tmp_path / "a.mkv").write_bytes(video(container="matroska", frames=frames, rate=10, times=[0, 10, 50, 200]))
    times, seconds = seconds_of(tmp_path / "a.mkv", 2.0)
    assert seconds == [0, 1, 1, 5, 5, 5, 5, 5, 5, 5, 20]
    assert times == [2.0 * i for i in range(11)]


def test_the_rotation_is_applied(tmp_path):
    (tmp_path / "a.mp4").write_bytes(turned(video(), 90))
    with closing(Video(str(tmp_path / "a.mp4"))) as opened:
        assert [pixels.shape for _, pixels in opened.frames(1.0, 64)] == [(96, 64, 3)]
        assert opened.duration_s == pytest.approx(0.3, abs=0.1)


def test_a_truncated_video_is_used_as_far_as_possible(tmp_path):
    content = video(container="matroska", frames=FRAMES, rate=RATE)
    (tmp_path / "a.mkv").write_bytes(content[: len(content) // 2])
    _, seconds = seconds_of(tmp_path / "a.mkv", 1.0)
    assert 5 < len(seconds) < 35
    assert seconds == list(range(len(seconds)))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "not a video"),
        (b"text", "not a video"),
        (sound(), "the file has no video stream"),
        (FILM[:200], "cannot be decoded: the video is damaged"),
    ],
)
def test_other_files_are_an_error(content, message, tmp_path):
    (tmp_path / "a.mp4").write_bytes(content)
    with pytest.raises(ImageError, match=f"a.mp4: {message}"):
        Video(str(tmp_path / "a.mp4"))


def test_a_pipe_is_read_into_memory(tmp_path):
    content = FILM
    (tmp_path / "a.mp4").write_bytes(content)
    os.mkfifo(tmp_path / "pipe.mp4")
    writer = threading.Thread(target=(tmp_path / "pipe.mp4").write_bytes, args=[content])
    writer.start()
    assert seconds_of(tmp_path / "pipe.mp4", 1.0)[0] == seconds_of(tmp_path / "a.mp4", 1.0)[0]
    writer.join()


def test_special_and_absent_files(tmp_path):
    with pytest.raises(InputError, match="absent.mp4: No such file"):
        Video(str(tmp_path / "absent.mp4"))
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(tmp_path / "socket"))
        with pytest.raises(InputError):
            Video(str(tmp_path / "socket"))
    with pytest.raises(InputError):
        Video(str(tmp_path))


def test_damaged_timestamps_do_not_repeat_a_frame_for_days(tmp_path):
    content = video(container="matroska", frames=FRAMES[:3], rate=1, times=[0, 1, 500_000])
    (tmp_path / "a.mkv").write_bytes(content)
    times, _ = seconds_of(tmp_path / "a.mkv", 10.0)
    assert times == [0.0, 10.0]


def test_too_many_frames(tmp_path):
    (tmp_path / "a.mp4").write_bytes(FILM)
    with closing(Video(str(tmp_path / "a.mp4"))) as opened, pytest.raises(InputError, match="more than 100,000"):
        next(opened.frames(0.0001, 64))
