from __future__ import annotations

import array
import io
import os
import zipfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pandas as pd
import PIL.Image
import pyarrow as pa
import pytest
import torch

from imagemood.errors import ImageError, InputError
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
    with pytest.raises(InputError, match=r"matches 2 pictures \(give one of them, or use classify_many"):
        as_picture(path.parent)


@pytest.mark.parametrize("several", [[RAMP], (), {RAMP.tobytes()}, iter([RAMP]), pd.Series(["a.jpg"])])
def test_as_picture_refuses_collections(several):
    with pytest.raises(InputError, match=r"is not one picture \(use classify_many for several pictures\)"):
        as_picture(several)


def test_as_pictures_keeps_order_and_is_lazy(path):
    pictures = as_pictures([path, RAMP, str(path)])
    assert len(pictures) == 3
    assert [picture.name for picture in pictures] == [str(path), "image[1]", str(path)]
    assert [picture.name for picture in pictures] == [str(path), "image[1]", str(path)]
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


def pixels_of(pictures):
    return [picture.decode() for picture in as_pictures(pictures)]


def test_what_is_iterable_can_still_be_one_picture(path):
    content = path.read_bytes()
    with path.open("rb") as file, PIL.Image.open(path) as image:
        for one in (
            content,
            bytearray(content),
            memoryview(content),
            io.BytesIO(content),
            file,
            image,
            RAMP,
            RAMP.transpose(2, 0, 1),
            torch.from_numpy(RAMP),
            array.array("B", content),
            pa.py_buffer(content),
            {"bytes": content, "path": "a.png"},
            {"bytes": None, "path": str(path)},
            {"path": path},
            Picture.from_bytes(content),
        ):
            for given in (one, [one], (one,), iter([one])):
                (pixels,) = pixels_of(given)
                np.testing.assert_array_equal(pixels, RAMP)
            np.testing.assert_array_equal(as_picture(one).decode(), RAMP)


@pytest.mark.parametrize("to_batch", [np.asarray, torch.from_numpy])
def test_a_batch_is_as_many_pictures(to_batch):
    batch = np.stack([RAMP, RAMP[::-1], RAMP[:, ::-1]])
    for given in (batch, np.ascontiguousarray(batch.transpose(0, 3, 1, 2))):
        pictures = as_pictures(to_batch(given))
        assert [picture.name for picture in pictures] == ["image[0]", "image[1]", "image[2]"]
        for picture, expected in zip(pictures, batch, strict=True):
            np.testing.assert_array_equal(picture.decode(), expected)
    assert list(as_pictures(batch[:0])) == []
    (nested,) = as_pictures([batch])
    with pytest.raises(ImageError, match=r"image\[0\]: a batch of 3 pictures"):
        nested.decode()


def test_each_element_is_one_picture_or_one_error(path, tmp_path):
    (tmp_path / "folder").mkdir()
    for i in range(2):
        (tmp_path / "folder" / f"{i}.png").write_bytes(path.read_bytes())
    (tmp_path / "empty").mkdir()
    (tmp_path / "table.csv").write_text("image\na.png\n")
    with os.scandir(tmp_path / "folder") as entries:
        entry = next(entries)
    given = [
        (path, None),
        (None, r"image\[1\]: the picture is missing$"),
        (float("nan"), r"image\[2\]: the picture is missing"),
        (np.float32("nan"), "the picture is missing"),
        (pd.NA, "the picture is missing"),
        (pd.NaT, "the picture is missing"),
        (pa.scalar(None), "the picture is missing"),
        ({"bytes": None, "path": None}, "the picture is missing"),
        (
            tmp_path / "folder",
            r"folder: a folder or pattern, not one picture \(pass it by itself to classify_many",
        ),
        (str(tmp_path / "folder" / "*.png"), r"folder or pattern, not one picture"),
        (tmp_path / "empty", "contains no pictures"),
        (tmp_path / "absent.jpg", r"absent\.jpg: No such file or directory"),
        (tmp_path / "table.csv", "a table, not a picture"),
        ("", "missing path"),
        (3, r"image\[14\]: a value of type int is not a picture \(use a path, a URL, bytes, "),
        ((RAMP, 1), "a value of type tuple is not a picture"),
        ({"bytes": "text"}, "'bytes' contains text instead of the content of a file"),
        (np.array([[path]], dtype=object), r"an array of type object and shape \(1, 1\) is not a picture"),
        ({"image": RAMP}, "a dictionary without 'bytes' and 'path' is not a picture"),
        (io.StringIO("text"), "open in text mode"),
        (pa.scalar(str(path)), None),
        (pa.scalar(path.read_bytes()), None),
        (entry, None),
        (zipfile.Path(archive_with(path), "ramp.png"), None),
    ]
    pictures = list(as_pictures([value for value, _ in given]))
    assert len(pictures) == len(given)
    for picture, (_, message) in zip(pictures, given, strict=True):
        if message is None:
            np.testing.assert_array_equal(picture.decode(), RAMP)
        else:
            with pytest.raises(InputError, match=message):
                picture.decode()
    unnamed = [picture.name for picture in pictures if picture.name.startswith("image[")]
    assert len(unnamed) == len(set(unnamed)) >= 9


def archive_with(path):
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.write(path, "ramp.png")
    return zipfile.ZipFile(content)


def test_collections_of_any_type(path):
    values = [str(path), None, str(path)]
    collections = [
        tuple(values),
        np.array(values, dtype=object),
        pd.Series(values, index=[5, 5, 7]),
        pa.array(values),
        pa.chunked_array([values]),
        dict.fromkeys("abc", str(path)).values(),
        map(str, [path] * 3),
    ]
    for collection in collections:
        assert len(list(as_pictures(collection))) == 3
    assert len(as_pictures(np.array([str(path)] * 2))) == 2
    for one in (None, 3, float("nan"), {"image": 1}, np.zeros(9)):
        (picture,) = as_pictures(one)
        with pytest.raises(InputError, match="^image: "):
            picture.decode()
    for table in (pd.DataFrame({"image": values}), pa.table({"image": values})):
        with pytest.raises(
            InputError, match=r"is a table, not a column of pictures \(pass its column of pictures"
        ):
            as_pictures(table)


def test_images_of_an_iterator_may_be_closed_and_overwritten_afterwards(path, tmp_path):
    turned = tmp_path / "turned.tiff"
    exif = PIL.Image.Exif()
    exif[0x0112] = 3
    PIL.Image.fromarray(RAMP).save(turned, exif=exif)

    def stream():
        buffer = RAMP.copy()
        yield buffer
        buffer[:] = 0
        for file in (path, turned):
            with PIL.Image.open(file) as image:
                yield image
            image.close()
        with path.open("rb") as opened:
            yield opened

    kept = list(as_pictures(stream()))
    assert [picture.name for picture in kept] == ["image[0]", str(path), str(turned), str(path)]
    for picture, expected in zip(kept, [RAMP, RAMP, RAMP[::-1, ::-1], RAMP], strict=True):
        np.testing.assert_array_equal(picture.decode(), expected)


def test_closed_images_are_errors(path):
    with PIL.Image.open(path) as image:
        image.load()
    assert as_picture(image).decode().shape == RAMP.shape
    image.close()
    with PIL.Image.open(path) as never_loaded:
        pass
    for given in ([image, never_loaded], iter([image, never_loaded])):
        for picture in as_pictures(given):
            with pytest.raises(ImageError, match=r"ramp\.png: cannot be decoded: "):
                picture.decode()


MODES = "1 L P RGB RGBA CMYK YCbCr LAB HSV I F LA PA RGBX RGBa La I;16 I;16B I;16L"


@pytest.mark.parametrize("mode", MODES.split())
def test_images_of_all_modes(mode):
    image = PIL.Image.new(mode, (24, 16))
    for given in (image, [image], iter([image])):
        (picture,) = as_pictures(given)
        assert picture.decode().shape == (16, 24, 3)


def test_integers_of_8_bits_are_not_those_of_16_bits():
    grey = PIL.Image.fromarray(RAMP[:, :, 0])
    for image in (grey, grey.convert("I"), grey.convert("F")):
        np.testing.assert_array_equal(as_picture(image).decode()[:, :, 0], RAMP[:, :, 0])


def test_one_lazily_loaded_image_in_several_threads(sample_photos):
    with PIL.Image.open(sample_photos / "rocket.jpg") as image:
        pictures = list(as_pictures([image] * 16))
        with ThreadPoolExecutor(8) as pool:
            decoded = list(pool.map(lambda picture: picture.decode(64), pictures))
    for pixels in decoded:
        np.testing.assert_array_equal(pixels, decoded[0])
