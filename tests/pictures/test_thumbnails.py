from __future__ import annotations

import base64

import numpy as np
import pytest

from imagemood.pictures.pixels import decoding
from imagemood.pictures.thumbnails import data_url


@pytest.mark.parametrize(
    ("shape", "expected"), [((400, 300), (160, 120)), ((100, 800), (20, 160)), ((50, 40), (50, 40))]
)
def test_a_thumbnail_keeps_the_aspect_ratio_and_is_never_larger(shape, expected):
    pixels = np.full((*shape, 3), (200, 100, 50), np.uint8)
    head, _, content = data_url(pixels, 160).partition(",")
    assert head == "data:image/jpeg;base64"
    thumbnail = decoding.decode(base64.b64decode(content))
    assert thumbnail.shape == (*expected, 3)
    np.testing.assert_allclose(thumbnail.reshape(-1, 3).mean(axis=0), (200, 100, 50), atol=3)
