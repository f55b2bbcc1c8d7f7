from __future__ import annotations

import io
import json

import PIL.Image
import pytest

from imagemood.acumos.catalogue import catalogue_files, catalogue_names, license_file, read_text
from imagemood.acumos.dump import BundleOptions, dump
from imagemood.errors import InputError


def picture(image_format, size=(8, 8)):
    buffer = io.BytesIO()
    PIL.Image.new("RGB", size).save(buffer, image_format)
    return buffer.getvalue()


def test_they_travel_with_a_dump(tmp_path):
    (tmp_path / "about.txt").write_text("\ufeffMoods of photos\n\n", "utf-8")
    (tmp_path / "logo").write_bytes(picture("PNG"))
    options = BundleOptions(description=str(tmp_path / "about.txt"), icon=tmp_path / "logo", license="Apache-2.0")
    dump(tmp_path / "bundle", options=options)
    assert (tmp_path / "bundle" / "description.md").read_text() == "Moods of photos\n"
    assert (tmp_path / "bundle" / "icon.png").read_bytes() == picture("PNG")
    assert catalogue_names(tmp_path / "bundle") == ["description.md", "icon.png"]
    dump(tmp_path / "bundle")  # replaces all files
    assert catalogue_names(tmp_path / "bundle") == []


@pytest.mark.parametrize(
    ("image_format", "name"), [("PNG", "icon.png"), ("JPEG", "icon.jpg"), ("GIF", "icon.gif")]
)
def test_the_content_determines_the_format_of_an_icon(tmp_path, image_format, name):
    (tmp_path / "icon.webp").write_bytes(picture(image_format))
    assert list(catalogue_files(None, tmp_path / "icon.webp")) == [name]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "cannot be read: No such file"),
        (b"", "not a PNG, JPEG or GIF picture"),
        (picture("BMP"), "not a PNG, JPEG or GIF picture"),
        (picture("PNG")[:45], "not a PNG, JPEG or GIF picture"),
        (bytes(1_000_001), "the icon has more than 1,000,000 bytes"),
    ],
    ids=["missing", "empty", "another format", "truncated", "large"],
)
def test_icons_that_cannot_be_used(tmp_path, content, message):
    if content is not None:
        (tmp_path / "icon.png").write_bytes(content)
    with pytest.raises(InputError, match=rf"icon\.png: {message}"):
        dump(tmp_path / "bundle", options=BundleOptions(icon=tmp_path / "icon.png"))
    assert not (tmp_path / "bundle").exists()


@pytest.mark.parametrize("text", ["", " \n"])
def test_an_empty_description(text):
    with pytest.raises(InputError, match="the description is empty"):
        catalogue_files(text, None)


def test_texts_are_not_paths(tmp_path):
    for text in ("x" * 100_000, "a\0b", "no/such/file", str(tmp_path)):
        assert read_text(text) == (text, "")
    (tmp_path / "latin1.txt").write_bytes("é".encode("latin-1"))
    with pytest.raises(InputError, match=r"latin1\.txt: not a text file in UTF-8"):
        license_file(str(tmp_path / "latin1.txt"))


def test_licences(tmp_path):
    assert json.loads(license_file("MIT")) == {"license": "MIT"}
    (tmp_path / "l.json").write_text('{"keyword": "MIT"}')
    assert license_file(str(tmp_path / "l.json")) == b'{"keyword": "MIT"}'
