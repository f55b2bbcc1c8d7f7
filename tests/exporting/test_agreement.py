from __future__ import annotations

import dataclasses

import msgspec
import pytest

from imagemood.errors import ModelError
from imagemood.exporting.agreement import check_agreement
from imagemood.exporting.libraries import import_library
from imagemood.models.tagger import Tagger


@pytest.mark.parametrize(
    "fields", [{"resize_px": 48}, {"resize": "stretch"}, {"mean": 0.4}, {"std": 0.1}, {"interpolation": "nearest"}]
)
def test_pictures_that_are_prepared_in_another_way_are_an_error(exports, fields):
    export = exports["dinov2"]
    tagger = Tagger.load(export.folder)
    changed = Tagger(tagger.network, msgspec.structs.replace(tagger.card, **fields))
    with pytest.raises(ModelError, match=r"pictures cannot be prepared as .* differ by [\d.]+ of 255 levels"):
        check_agreement(export.original, changed)


def test_another_network_is_an_error(exports):
    torch = import_library("torch")

    class Scaled(torch.nn.Module):
        def forward(self, image):
            return (exports["dinov2"].original.module(image)[0] * 1.001,)

    export = exports["dinov2"]
    original = dataclasses.replace(export.original, module=Scaled())
    with pytest.raises(ModelError, match=r"differs from the original by 0\.001, more than 0\.0001"):
        check_agreement(original, Tagger.load(export.folder))
