from __future__ import annotations

import io

import numpy as np
import PIL.Image
import pytest


@pytest.fixture(scope="module")
def photo(sample_photos):
    return PIL.Image.open(sample_photos / "coffee.png").convert("RGB")


def encoded(image, file_format, **options):
    content = io.BytesIO()
    image.save(content, file_format, **options)
    return content.getvalue()


def previewed(response):
    assert response.status_code == 200, response.text
    assert response.headers["Content-Type"] == "image/jpeg"
    return PIL.Image.open(io.BytesIO(response.content))


def test_a_preview_fits_into_1024_pixels_and_keeps_the_aspect_ratio(service, photo):
    large = photo.resize((3000, 1000))
    preview = previewed(service.post("/v1/preview", content=encoded(large, "TIFF")))
    assert preview.size == (1024, 341)
    expected = np.asarray(large.resize((1024, 341), PIL.Image.Resampling.BICUBIC)).astype(int)
    assert np.abs(np.asarray(preview).astype(int) - expected).mean() < 3


def test_a_small_picture_keeps_its_size_and_is_upright(service, photo):
    exif = PIL.Image.Exif()
    exif[0x0112] = 6
    content = encoded(photo.resize((60, 40)), "JPEG", exif=exif)
    preview = previewed(service.post("/v1/preview", content=content, headers={"Content-Type": "image/jpeg"}))
    assert preview.size == (40, 60)
    thin = encoded(photo.resize((2500, 50)), "PNG")
    assert previewed(service.post("/v1/preview", content=thin)).size == (1024, 20)


def test_what_is_not_one_picture_is_refused(service, photo):
    response = service.post("/v1/preview", content=b"text")
    assert response.status_code == 422
    assert response.json()["detail"].startswith("unsupported image format")
    content = encoded(photo, "PNG")
    response = service.post("/v1/preview", files=[("a", ("a.png", content)), ("b", ("b.png", content))])
    assert response.status_code == 422
    assert response.json()["detail"] == "the request has 2 pictures, but must have one"
