from __future__ import annotations

import json

import pytest

from imagemood.errors import InputError
from imagemood.exporting.timm_networks import load


@pytest.mark.parametrize(
    ("size", "mode", "message"),
    [
        ([1, 32, 32], "center", "takes pictures with 1 channel, not colour pictures"),
        ([3, 32, 48], "center", "takes pictures of 48×32 pixels, not squares"),
        ([3, 32, 32], "border", "prepares pictures in an unsupported way: border"),
    ],
)
def test_networks_for_other_pictures_than_colour_squares(tmp_path, size, mode, message):
    arguments = {"in_chans": size[0], "img_size": size[1:], "depth": 1}
    settings = {"input_size": size, "crop_mode": mode, "mean": [0.5] * size[0], "std": [0.5] * size[0]}
    config = {"architecture": "test_vit", "model_args": arguments, "pretrained_cfg": settings, "num_classes": 2}
    (tmp_path / "config.json").write_text(json.dumps(config))
    with pytest.raises(InputError, match=message):
        load(str(tmp_path), None, random=True)
