from __future__ import annotations

from types import SimpleNamespace

import pytest

from imagemood.errors import InputError
from imagemood.exporting.hugging_face_pictures import card_fields

SQUARE = {"height": 224, "width": 224}
NORMALISED = {"image_mean": [0.5, 0.4, 0.3], "image_std": [0.2, 0.2, 0.2]}


def fields(**settings):
    return card_fields(SimpleNamespace(**{"resample": 3, **NORMALISED, **settings}), "hf/x")


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({"size": SQUARE}, {"size_px": 224, "resize": "stretch", "resize_px": 224}),
        (
            {"size": {"shortest_edge": 256}, "do_center_crop": True, "crop_size": SQUARE},
            {"size_px": 224, "resize": "crop", "resize_px": 256},
        ),
        (
            {"size": {"height": 256, "width": 256}, "do_center_crop": True, "crop_size": SQUARE, "resample": 2},
            {"size_px": 224, "resize": "stretch", "resize_px": 256, "interpolation": "bilinear"},
        ),
        (
            {"size": {"shortest_edge": 224}, "crop_pct": 0.875},  # ConvNeXT
            {"size_px": 224, "resize": "crop", "resize_px": 256},
        ),
        (
            {"size": {"shortest_edge": 384}, "crop_pct": 0.875},
            {"size_px": 384, "resize": "stretch", "resize_px": 384},
        ),
        ({"size": SQUARE, "rescale_factor": 1 / 127.5}, {"scale": 127.5}),
        ({"size": SQUARE, "do_rescale": False}, {"scale": 1.0, "mean": (0.5, 0.4, 0.3)}),
        ({"size": SQUARE, "do_normalize": False}, {"scale": 255.0, "mean": 0.0, "std": 1.0}),
        ({"size": SimpleNamespace(height=32, width=32, shortest_edge=None)}, {"size_px": 32}),
    ],
)
def test_fields_of_the_card(settings, expected):
    found = fields(**settings)
    assert {name: found[name] for name in expected} == expected


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({}, "does not say to which size pictures are resized"),
        ({"size": SQUARE, "do_resize": False}, "does not say to which size"),
        ({"size": {"height": 224, "width": 192}}, "takes pictures of 192×224 pixels, not squares"),
        ({"size": {"longest_edge": 512}}, "does not say to which size"),
        ({"size": {"shortest_edge": 224}}, "resizes pictures to a variable size"),
        (
            {"size": {"shortest_edge": 224}, "do_center_crop": True, "crop_size": {}},
            "resizes pictures to a variable",
        ),
    ],
)
def test_preparations_that_a_card_cannot_describe(settings, message):
    with pytest.raises(InputError, match=f"^hf/x: {message}"):
        fields(**settings)
