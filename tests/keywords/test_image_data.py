from __future__ import annotations

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imagemood.keywords.image_data import image_data
from tests.keywords.photos import image

TYPES = {"JPEG": {}, "TIFF": {}, "PNG": {}, "WEBP": {"lossless": True}}


def encoded(file_type, shade, **options):
    content = io.BytesIO()
    image(shade).save(content, file_type, **TYPES[file_type], **options)
    return content.getvalue()


@pytest.mark.parametrize("file_type", TYPES)
def test_only_pixels_count(file_type):
    assert image_data(encoded(file_type, 0), file_type) == image_data(encoded(file_type, 0), file_type)
    assert image_data(encoded(file_type, 0), file_type) != image_data(encoded(file_type, 1), file_type)


@pytest.mark.parametrize("file_type", ["JPEG", "TIFF", "WEBP"])
def test_metadata_do_not_count(file_type):
    with_metadata = encoded(
        file_type, 0, exif=b"Exif\0\0II*\0\x08\0\0\0\0\0\0\0\0\0" if file_type != "TIFF" else b""
    )
    assert image_data(with_metadata, file_type) == image_data(encoded(file_type, 0), file_type)


@given(content=st.binary(max_size=60), file_type=st.sampled_from(list(TYPES)), is_headed=st.booleans())
def test_damaged_files_raise_only_value_errors(content, file_type, is_headed):
    header = encoded(file_type, 0)[:24] if is_headed else b""
    try:
        image_data(header + content, file_type)
    except ValueError as error:
        assert str(error) == "damaged file"  # noqa: PT017


def test_a_file_without_image_data_is_damaged():
    with pytest.raises(ValueError, match="damaged file"):
        image_data(b"RIFF1234WEBP", "WEBP")
