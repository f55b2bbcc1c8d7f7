from __future__ import annotations

import numpy as np
import PIL.Image
import pytest

from imagemood.errors import InputError
from imagemood.exporting.hugging_face_pictures import measure
from imagemood.exporting.libraries import import_library
from imagemood.models.tagger_card import TaggerCard
from imagemood.pictures.pixels import decoding

SQUARE = {"height": 224, "width": 224}
IMAGENET = {"mean": (0.485, 0.456, 0.406), "std": (0.229, 0.224, 0.225)}
HALF = {"mean": (0.5, 0.5, 0.5), "std": (0.5, 0.5, 0.5)}
MOBILE_VIT = {"size": {"shortest_edge": 288}, "crop_size": {"height": 256, "width": 256}, "resample": 2}
# As published for google/efficientnet-b0: normalised twice, the second time with the standard deviation only.
TWICE = {"image_mean": [0.485, 0.456, 0.406], "image_std": [0.47853944, 0.4732864, 0.47434163]}
OFFSET = {"rescale_factor": 1 / 127.5, "rescale_offset": True, "include_top": False, "do_normalize": False}
CROPPED = {"resize": "crop", "resize_px": 256}
SETTINGS = [
    ("ViTImageProcessor", {}, {"size_px": 224, "resize": "stretch", "resize_px": 224, **HALF}),
    ("BitImageProcessor", {"size": {"shortest_edge": 256}, "crop_size": SQUARE}, {"size_px": 224, **CROPPED}),
    (
        "DeiTImageProcessor",
        {},
        {"size_px": 224, "resize": "stretch", "resize_px": 256, "interpolation": "bicubic"},
    ),
    ("ConvNextImageProcessor", {"size": {"shortest_edge": 224}, "crop_pct": 0.875}, {"size_px": 224, **CROPPED}),
    ("ConvNextImageProcessor", {}, {"size_px": 384, "resize": "stretch", "resize_px": 384}),
    ("LevitImageProcessor", {}, {"size_px": 224, **CROPPED, **IMAGENET}),
    ("PoolFormerImageProcessor", {}, {"size_px": 224, "resize": "crop", "resize_px": 248}),
    ("PoolFormerImageProcessor", {"crop_pct": 0.95}, {"resize": "crop", "resize_px": 235}),
    (
        "MobileViTImageProcessor",
        MOBILE_VIT,
        {"size_px": 256, "resize_px": 288, "mean": (0.0,) * 3, "std": (1.0,) * 3},
    ),
    (
        "EfficientNetImageProcessor",
        {"size": SQUARE, "resample": 0, **TWICE},
        {"interpolation": "nearest", **IMAGENET},
    ),
    ("EfficientNetImageProcessor", {"size": SQUARE, **OFFSET}, {"size_px": 224, **HALF}),
    (
        "ViTImageProcessor",
        {"do_rescale": False, "do_normalize": False},
        {"mean": (0.0,) * 3, "std": (0.00392157,) * 3},
    ),
]


def processor_of(name, **settings):
    return getattr(import_library("transformers"), name)(**settings)


@pytest.mark.parametrize(("name", "settings", "expected"), SETTINGS)
def test_fields_of_the_card(name, settings, expected):
    fields = measure(processor_of(name, **settings), "hf/x").fields
    assert {key: fields[key] for key in expected} == expected


@pytest.mark.parametrize(("name", "settings", "_"), SETTINGS)
@pytest.mark.parametrize("size", [(800, 533), (480, 641), (1500, 200), (17, 11), (224, 224)])
def test_photos_are_prepared_as_by_the_processor(name, settings, _, size, sample_photos):
    processor = processor_of(name, **settings)
    preparation = measure(processor, "hf/x")
    card = TaggerCard(**preparation.fields, embedding="features")
    with PIL.Image.open(sample_photos / "chelsea.png") as image:
        photo = image.convert("RGB").resize(size, PIL.Image.Resampling.BICUBIC)
    pixels = decoding.convert(photo, size_px=card.size_px, resizing=card.resizing)
    factor, offset = card.factor_and_offset
    expected = processor(photo, return_tensors="pt")["pixel_values"][0].numpy()
    assert np.array_equal(preparation.transform(processor)(photo).numpy()[list(preparation.channels)], expected)
    found = (pixels * factor - offset).transpose(2, 0, 1)[list(preparation.channels)]
    levels = np.abs(found - expected) / factor[list(preparation.channels), np.newaxis, np.newaxis]
    assert levels.mean() < 0.3


def test_blue_may_be_the_first_channel():
    assert measure(processor_of("MobileViTImageProcessor", **MOBILE_VIT), "hf/x").channels == (2, 1, 0)
    assert measure(processor_of("ViTImageProcessor"), "hf/x").channels == (0, 1, 2)


def test_the_numbers_of_a_channel_stay_with_its_colour():
    settings = {"do_normalize": True, "image_mean": [0.1, 0.2, 0.3], "image_std": [0.4, 0.5, 0.6]}

    def reversed_channels(picture, return_tensors):
        prepared = processor_of("ViTImageProcessor", **settings)(picture, return_tensors=return_tensors)
        return {"pixel_values": prepared["pixel_values"].flip(1)}

    preparation = measure(reversed_channels, "hf/x")
    assert preparation.channels == (2, 1, 0)
    assert (preparation.fields["mean"], preparation.fields["std"]) == ((0.1, 0.2, 0.3), (0.4, 0.5, 0.6))


@pytest.mark.parametrize(
    ("name", "settings", "message"),
    [
        ("ViTImageProcessor", {"do_resize": False}, "takes pictures of 600×400 pixels, not squares"),
        ("ViTImageProcessor", {"size": {"height": 224, "width": 192}}, "takes pictures of 192×224 pixels"),
        ("CLIPImageProcessor", {"do_center_crop": False}, "takes pictures of 336×224 pixels, not squares"),
        ("MobileViTImageProcessor", {}, "adds borders to pictures"),  # crops 256 pixels from 224
        ("Owlv2ImageProcessor", {}, "adds borders to pictures"),
        ("Siglip2ImageProcessor", {}, "does not take colour pictures"),  # takes patches
        ("BridgeTowerImageProcessor", {}, "resizes pictures in a way that a tagger card cannot describe"),
        ("ImageGPTImageProcessor", {}, "its library cannot prepare pictures: Clusters must be provided"),
    ],
)
def test_preparations_that_a_card_cannot_describe(name, settings, message):
    with pytest.raises(InputError, match=f"^hf/x: {message}"):
        measure(processor_of(name, **settings), "hf/x")


@pytest.mark.parametrize("change", [lambda pixels: pixels.mean(1, keepdim=True).repeat(1, 3, 1, 1), lambda x: -x])
def test_other_colours_are_an_error(change):
    processor = processor_of("ViTImageProcessor")

    def changed(picture, return_tensors):
        pixels = processor(picture, return_tensors=return_tensors)["pixel_values"]
        return {"pixel_values": change(pixels)}

    with pytest.raises(InputError, match="changes the colours of pictures"):
        measure(changed, "hf/x")
