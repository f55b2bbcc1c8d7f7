"""A picture: from an address, bytes or an image, or known to fail."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import PIL.Image
import pytest

from imagemood.errors import ImageError, UnavailableError
from imagemood.pictures.picture import Picture

RAMP = np.arange(3 * 16 * 32, dtype=np.uint32).astype(np.uint8).reshape(16, 32, 3)


def png(pixels: np.ndarray) -> bytes:
    content = io.BytesIO()
    PIL.Image.fromarray(pixels).save(content, format="PNG")
    return content.getvalue()


@pytest.fixture
def path(tmp_path) -> Path:
    path = tmp_path / "ramp.png"
    path.write_bytes(png(RAMP))
    return path


def test_all_kinds_of_pictures_have_the_same_pixels(path):
    content = path.read_bytes()
    pictures = [
        Picture.from_address(path),
        Picture.from_bytes(content),
        Picture.from_image(RAMP),
        Picture.from_image(PIL.Image.fromarray(RAMP)),
        Picture("ramp", lambda: content),
    ]
    for picture in pictures:
        np.testing.assert_array_equal(picture.decode(), RAMP)
        np.testing.assert_array_equal(picture.decode(8), pictures[0].decode(8))
        assert picture.error is None
    assert [picture.name for picture in pictures] == [str(path), "image", "image", "image", "ramp"]


def test_content_is_the_file_or_a_lossless_png(path):
    assert Picture.from_address(path).read() == path.read_bytes()
    np.testing.assert_array_equal(Picture.from_bytes(Picture.from_image(RAMP).read()).decode(), RAMP)


def test_creating_a_picture_reads_nothing(tmp_path):
    picture = Picture.from_address(tmp_path / "later.png", name="later")
    (tmp_path / "later.png").write_bytes(png(RAMP))
    assert picture.name == "later"
    assert picture.decode().shape == (16, 32, 3)


def test_failed_pictures_raise_their_error():
    error = UnavailableError("timed out", where="a.jpg")
    picture = Picture.failed("a.jpg", error)
    assert picture.error is error
    for attempt in (picture.read, picture.decode, picture.cached().read):
        with pytest.raises(UnavailableError, match=r"^a\.jpg: timed out$"):
            attempt()


def test_errors_name_the_picture_not_the_address(tmp_path):
    (tmp_path / "text.jpg").write_text("no image")
    with pytest.raises(ImageError, match=r"^text\.jpg: "):
        Picture.from_address(tmp_path / "text.jpg", name="text.jpg").decode()


def test_the_limit_on_pixels_applies_to_the_picture():
    assert Picture.from_bytes(png(RAMP), max_pixels=512).decode().shape == (16, 32, 3)
    with pytest.raises(ImageError, match=r"^ramp: too large: 32×16 pixels, more than 511"):
        Picture.from_bytes(png(RAMP), name="ramp", max_pixels=511).decode()


def test_only_pictures_that_cannot_be_read_again_are_cached(path):
    local = Picture.from_address(path)
    assert local.cached() is local
    contents = iter([b"first", b"second"])
    cached = Picture("stream", lambda: next(contents), rereadable=False).cached()
    assert (cached.name, cached.read(), cached.read()) == ("stream", b"first", b"first")
    assert cached.cached() is cached


@pytest.mark.parametrize("address", ["-", "http://127.0.0.1:1/a.jpg", "HTTPS://127.0.0.1:1/a.jpg"])
def test_standard_input_and_urls_are_cached(address):
    picture = Picture.from_address(address)
    assert picture.cached() is not picture
