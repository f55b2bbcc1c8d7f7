from __future__ import annotations

import PIL.Image
import pytest

from imagemood.pictures import formats


@pytest.fixture
def without_extras(monkeypatch):
    for name in ("has_heif", "has_raw", "has_video"):
        monkeypatch.setattr(formats, name, lambda: False)


def test_every_extension_is_one_of_pillow(without_extras):
    PIL.Image.init()
    # Pillow also decodes files with the other extensions of JPEG, but does not list these extensions.
    unlisted = {".jfi", ".jif", ".pjpeg", ".pjp"}
    assert formats.picture_extensions() - unlisted <= set(PIL.Image.registered_extensions())


@pytest.mark.parametrize("extension", [".jpg", ".jfif", ".mpo", ".apng", ".avifs", ".jp2", ".pnm", ".tga", ".qoi"])
def test_extensions_of_decodable_formats(extension):
    assert extension in formats.picture_extensions()
    assert formats.undecodable_format(extension) is None


@pytest.mark.parametrize(
    ("extension", "name"),
    [
        (".gpr", "camera raw"),
        (".jxl", "JPEG XL"),
        (".svg", "vector graphics"),
        (".xcf", "image editor"),
        (".exr", "high dynamic range"),
    ],
)
def test_extensions_of_formats_that_cannot_be_decoded(extension, name):
    assert extension.lower() not in formats.picture_extensions()
    undecodable = formats.undecodable_format(extension)
    assert undecodable is not None
    assert undecodable.name == name
    assert undecodable.hint


@pytest.mark.parametrize("extension", ["", ".txt", ".csv", ".xmp", ".py"])
def test_other_extensions_are_not_those_of_pictures(extension):
    assert extension not in formats.picture_extensions()
    assert formats.undecodable_format(extension) is None


OPTIONAL = [(".heic", "heif"), (".Dng", "raw"), (".cr3", "raw"), (".MP4", "video"), (".webm", "video")]


@pytest.mark.parametrize(("extension", "extra"), OPTIONAL)
def test_some_formats_need_an_extra(extension, extra, without_extras):
    assert extension.lower() not in formats.picture_extensions()
    undecodable = formats.undecodable_format(extension)
    assert undecodable is not None
    assert undecodable.extra == extra
    assert f"[{extra}]" in undecodable.hint


@pytest.mark.parametrize(("extension", "extra"), OPTIONAL)
def test_files_of_these_formats_are_pictures_with_the_extra(extension, extra, monkeypatch):
    monkeypatch.setattr(formats, f"has_{extra}", lambda: True)
    assert extension.lower() in formats.picture_extensions()
    assert formats.undecodable_format(extension) is None
