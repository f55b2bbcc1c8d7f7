from __future__ import annotations

import dataclasses

import msgspec
import PIL.Image
import pytest

from imagemood.errors import ModelError
from imagemood.exporting.agreement import _sizes, check_agreement
from imagemood.exporting.libraries import import_library
from imagemood.models.tagger import Tagger
from tests.exporting.networks import SIZE_PX


@pytest.mark.parametrize(
    "fields", [{"resize_px": 48}, {"resize": "stretch"}, {"mean": 0.4}, {"std": 0.1}, {"interpolation": "nearest"}]
)
def test_pictures_that_are_prepared_in_another_way_are_an_error(exports, fields):
    export = exports["dinov2"]
    tagger = Tagger.load(export.folder)
    changed = Tagger(tagger.network, msgspec.structs.replace(tagger.card, **fields))
    with pytest.raises(ModelError, match=r"pictures cannot be prepared as .* differ by [\d.]+ of 255 levels"):
        check_agreement(export.original, changed)


def test_how_sides_are_rounded_matters_for_a_test_picture(exports):
    export = exports["dinov2"]
    tagger = Tagger.load(export.folder)
    width, height = _sizes(tagger)[-1]
    assert height * tagger.card.resize_px / width % 1 > 0.5


def test_pictures_that_are_reduced_without_antialiasing_are_an_error(exports):
    export = exports["siglip"]
    transform = export.original.transform

    def without_antialiasing(image):
        return transform(image.resize((SIZE_PX, SIZE_PX), PIL.Image.Resampling.NEAREST))

    with pytest.raises(ModelError, match="pictures cannot be prepared as the original network needs them"):
        check_agreement(
            dataclasses.replace(export.original, transform=without_antialiasing), Tagger.load(export.folder)
        )


def test_another_network_is_an_error(exports):
    torch = import_library("torch")

    class Scaled(torch.nn.Module):
        def forward(self, image):
            return (exports["dinov2"].original.module(image)[0] * 1.001,)

    export = exports["dinov2"]
    original = dataclasses.replace(export.original, module=Scaled())
    with pytest.raises(ModelError, match=r"differs from the original by 0\.001, more than 0\.0001"):
        check_agreement(original, Tagger.load(export.folder))


def test_other_logits_are_an_error_even_if_all_scores_are_close_to_0(exports):
    torch, export = import_library("torch"), exports["convnext"]

    class Turned(torch.nn.Module):
        def forward(self, image):
            logits, embedding = export.original.module(image)
            return logits.roll(1, 1) * 1e-2, embedding

    class Small(Turned):
        def forward(self, image):
            logits, embedding = export.original.module(image)
            return logits * 1e-2, embedding

    tagger = Tagger.load(export.folder)
    check_agreement(export.original, tagger)
    for module in (Turned(), Small()):
        with pytest.raises(ModelError, match="the exported network differs from the original by"):
            check_agreement(dataclasses.replace(export.original, module=module), tagger)


def test_a_library_that_cannot_prepare_pictures_is_an_error(exports):
    def fail(image):
        raise NotImplementedError("no filter of this name")

    export = exports["dinov2"]
    with pytest.raises(ModelError, match="its library cannot prepare pictures: no filter of this name"):
        check_agreement(dataclasses.replace(export.original, transform=fail), Tagger.load(export.folder))
