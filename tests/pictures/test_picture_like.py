from __future__ import annotations

from pathlib import Path

import numpy as np
import PIL.Image
import pytest

from imagemood.errors import InputError
from imagemood.pictures.picture import Picture
from imagemood.pictures.picture_like import as_picture, as_pictures

RAMP = np.arange(3 * 16 * 32, dtype=np.uint32).astype(np.uint8).reshape(16, 32, 3)


@pytest.fixture
def path(tmp_path) -> Path:
    path = tmp_path / "ramp.png"
    PIL.Image.fromarray(RAMP).save(path)
    return path


def test_as_picture_accepts_what_users_pass(path):
    picture = Picture.from_image(RAMP)
    assert as_picture(picture) is picture
    for given in (str(path), path, path.read_bytes(), RAMP, PIL.Image.fromarray(RAMP)):
        np.testing.assert_array_equal(as_picture(given).decode(), RAMP)


def test_as_picture_refuses_a_path_with_several_pictures(path):
    (path.parent / "copy.png").write_bytes(path.read_bytes())
    with pytest.raises(InputError, match=r"matches 2 pictures \(use classify_many\)"):
        as_picture(path.parent)


def test_as_pictures_keeps_order_and_is_lazy_only_for_iterators(path):
    given = [path, RAMP, path.parent]
    pictures = as_pictures(given)
    assert isinstance(pictures, list)
    assert [picture.name for picture in pictures] == [str(path), "image", str(path)]
    assert [picture.name for picture in as_pictures(str(path.parent))] == [str(path)]

    taken = []

    def stream():
        for i in range(3):
            taken.append(i)
            yield RAMP

    lazy = iter(as_pictures(stream()))
    assert taken == []
    next(lazy)
    assert taken == [0]
