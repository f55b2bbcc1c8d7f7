from __future__ import annotations

import io

import numpy as np
import PIL.Image
import pytest

from imagemood.prediction.cascade import Cascade
from tests.serve.serving import serving


@pytest.fixture(scope="session")
def service(tmp_path_factory):
    """The service as it comes, with one more origin than none."""
    with serving(tmp_path_factory.mktemp("service"), "--cors", "https://friend.example") as served:
        yield served


@pytest.fixture(scope="session")
def narrow(tmp_path_factory):
    """A service with narrow limits and a token."""
    folder = tmp_path_factory.mktemp("narrow")
    (folder / "token.txt").write_text("a-token-of-many-letters\n")
    limits = ("--max-mb", "0.2", "--max-megapixels", "0.5", "--max-images", "2", "--queue", "4", "--timeout", "1")
    with serving(folder, "--token-file", "token.txt", *limits) as served:
        yield served


@pytest.fixture(scope="session")
def cascade():
    return Cascade.load()


@pytest.fixture(scope="session")
def photos(sample_photos):
    return {name: (sample_photos / name).read_bytes() for name in ("chelsea.png", "rocket.jpg", "coffee.png")}


@pytest.fixture(scope="session")
def noise():
    """A PNG file of noise, 1000×1000 pixels: more than a megapixel narrow limits allow, in few bytes."""
    pixels = np.zeros((1000, 1000, 3), dtype=np.uint8)
    content = io.BytesIO()
    PIL.Image.fromarray(pixels).save(content, "PNG")
    return content.getvalue()
