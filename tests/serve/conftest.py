from __future__ import annotations

import io

import PIL.Image
import pytest

from imagemood.prediction.cascade import Cascade
from imagemood.serve.service import Service
from imagemood.serve.settings import Settings
from tests.serve.serving import TOKEN, serving


@pytest.fixture(scope="session")
def service(tmp_path_factory):
    """A running service with default settings, except for one allowed origin."""
    with serving(tmp_path_factory.mktemp("service"), "--cors", "https://friend.example") as running:
        yield running


@pytest.fixture(scope="session")
def limited_service(tmp_path_factory):
    """A running service with tight limits and a token."""
    folder = tmp_path_factory.mktemp("limited_service")
    (folder / "token.txt").write_text(f"{TOKEN}\n")
    limits = ("--max-mb", "0.2", "--max-megapixels", "0.5", "--max-images", "2", "--queue", "4", "--timeout", "1")
    with serving(folder, "--token-file", "token.txt", *limits) as running:
        yield running


@pytest.fixture(scope="session")
def local_service():
    """The shared state of a service in this process, for tests of single modules."""
    return Service(Settings())


@pytest.fixture(scope="session")
def cascade():
    return Cascade.load()


@pytest.fixture(scope="session")
def photos(sample_photos):
    return {name: (sample_photos / name).read_bytes() for name in ("chelsea.png", "rocket.jpg", "coffee.png")}


@pytest.fixture(scope="session")
def megapixel_png():
    """A PNG file of 1000×1000 black pixels in few bytes."""
    content = io.BytesIO()
    PIL.Image.new("RGB", (1000, 1000)).save(content, "PNG")
    return content.getvalue()
