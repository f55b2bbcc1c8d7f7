from __future__ import annotations

from contextlib import suppress

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from imagemood.errors import ImageError
from imagemood.pictures.pixels import decoding
from imagemood.pictures.pixels.file_formats import video as module
from tests.pictures.pixels.file_formats.media import BLUE, RED, halves, sound, turned, video

KINDS = [
    ("libx264", "mp4"),
    ("libx264", "mov"),
    ("libx264", "matroska"),
    ("libvpx-vp9", "webm"),
    ("libx264", "mpegts"),
    ("mpeg4", "avi"),
    ("mpeg2video", "mpeg"),
    ("wmv2", "asf"),
]
MP4 = video(frames=[halves()] + [halves(left=BLUE)] * 15)


@pytest.mark.parametrize(("codec", "container"), KINDS)
def test_the_first_frame_is_decoded(codec, container):
    content = video(codec, container, frames=[halves()] + [halves(left=BLUE)] * 3)
    pixels = decoding.decode(content).astype(int)
    assert pixels.shape == (64, 96, 3)
    assert np.abs(pixels[:, :40] - RED).mean() < 10
    assert np.abs(pixels[:, 56:] - BLUE).mean() < 10
    assert decoding.decode(content, size_px=16).shape == (16, 16, 3)


@pytest.mark.parametrize("degrees", [90, 180, 270])
def test_the_rotation_is_applied(degrees):
    pixels = decoding.decode(turned(MP4, degrees)).astype(int)
    expected = np.rot90(halves(), -degrees // 90)
    assert pixels.shape == expected.shape
    assert np.abs(pixels - expected).mean() < 10


@pytest.mark.parametrize("transfer", [16, 18])
def test_high_dynamic_range_is_mapped(transfer):
    grey = np.linspace(0, 255, 96).astype(np.uint8)[None, :, None].repeat(64, 0).repeat(3, 2)
    content = video(
        "libx265",
        frames=[np.ascontiguousarray(grey)],
        pixel_format="yuv420p10le",
        color_trc=transfer,
        color_primaries=9,
        colorspace=9,
        # With B-frames, the decoding times of a single frame would be undefined.
        options={"x265-params": "log-level=none:bframes=0"},
    )
    levels = decoding.decode(content).astype(int)[32]
    assert levels[0].max() < 8
    assert levels[-1].min() > 245
    assert (np.diff(levels.mean(axis=1)) > -4).all()
    assert np.ptp(levels, axis=1).max() < 12
    diffuse_white = 0.58 if transfer == 16 else 0.75  # the signal of 203 cd/m²
    assert 190 < levels[round(diffuse_white * 95)].mean() < 245


def test_a_file_with_sound_only_is_an_error():
    with pytest.raises(ImageError, match=r"^a\.mp4: the file has no video stream$"):
        decoding.decode(sound(), name="a.mp4")


def test_decoders_that_are_not_needed_do_not_run():
    with pytest.raises(ImageError, match="in a format that is not supported"):
        decoding.decode(video("zmbv", "avi", pixel_format="bgr0"))


def test_huge_frames_are_refused_before_they_are_decoded(monkeypatch):
    monkeypatch.setattr(decoding.decoding_limits, "MAX_PIXELS", 2000)
    with pytest.raises(ImageError, match=r"too large: more than 2,000 pixels"):
        decoding.decode(MP4)


def test_playlists_are_no_videos(tmp_path):
    for playlist in (b"#EXTM3U\n#EXTINF:1,\n/etc/passwd\n", b"ffconcat version 1.0\nfile a.mp4\n"):
        with pytest.raises(ImageError, match="unsupported image format"):
            decoding.decode(playlist)


@pytest.mark.usefixtures("installed_by_pip")
def test_without_the_extra_the_error_names_it(monkeypatch):
    monkeypatch.setattr(module, "has_video", lambda: False)
    message = r"a\.mp4: videos need an extra \(pip install 'image-mood-classifier\[video\]'\)"
    with pytest.raises(ImageError, match=message):
        decoding.decode(MP4, name="a.mp4")


@given(data=st.data())
@settings(max_examples=60, deadline=None)
def test_damaged_files_are_decoded_or_an_error(data):
    content = bytearray(MP4[: data.draw(st.integers(40, len(MP4)))])
    for _ in range(data.draw(st.integers(0, 3))):
        content[data.draw(st.integers(12, len(content) - 1))] = data.draw(st.integers(0, 255))
    with suppress(ImageError):
        assert decoding.decode(bytes(content), size_px=16).shape == (16, 16, 3)
