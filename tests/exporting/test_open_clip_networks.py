from __future__ import annotations

import json

import pytest

from imagemood.errors import InputError
from imagemood.exporting.libraries import import_library
from imagemood.exporting.open_clip_networks import load
from tests.exporting.networks import OPEN_CLIP

SIGLIP = {"mean": (0.5,) * 3, "std": (0.5,) * 3, "interpolation": "bilinear", "resize_mode": "squash"}
CLIP = {"mean": (0.4,) * 3, "std": (0.3,) * 3, "interpolation": "bicubic", "resize_mode": "shortest"}


@pytest.fixture
def registered(tmp_path, monkeypatch):
    """Registers a small network in OpenCLIP, with pretrained weights of given settings; returns a weights file."""
    open_clip, torch = import_library("open_clip"), import_library("torch")
    configs = import_library("open_clip.factory")._MODEL_CONFIGS
    config = {**OPEN_CLIP["model_cfg"], "embed_dim": 12}
    monkeypatch.setitem(configs, "small", json.loads(json.dumps(config)))
    torch.save(open_clip.create_model("small").state_dict(), tmp_path / "weights.pt")

    def register(**tags):
        monkeypatch.setitem(import_library("open_clip.pretrained")._PRETRAINED, "small", tags)
        return tmp_path / "weights.pt"

    return register


@pytest.mark.parametrize("name", ["small/first", "small"])
@pytest.mark.parametrize("random", [False, True])
def test_pictures_are_prepared_as_for_the_published_weights(registered, name, random):
    weights = registered(first=SIGLIP, **({"other": CLIP} if "/" in name else {}))
    card = load(name, None if random else weights, random=random).card
    prepared = (card.mean, card.std, card.interpolation, card.resize)
    assert prepared == (SIGLIP["mean"], SIGLIP["std"], "bilinear", "stretch")
    assert (card.name, card.license) == ("small/first", None)


def test_the_preparation_depends_on_weights_that_are_not_named(registered):
    weights = registered(first=SIGLIP, other=CLIP)
    with pytest.raises(InputError, match=r"the name of the weights is missing \(append /NAME, .*: first, other\)"):
        load("small", weights, random=False)
    assert load("small", None, random=True).card.mean == SIGLIP["mean"]


@pytest.mark.parametrize("quick", [True, False])
def test_the_activation_function_is_that_of_the_published_weights(registered, quick):
    weights = registered(first={**CLIP, "quick_gelu": quick}, other=CLIP)
    module = load("small/first", weights, random=False).module
    assert any(type(part).__name__ == "QuickGELU" for part in module.modules()) == quick


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("vit-b-32/openai", r"unknown network \(similar names: ViT-B-32, "),
        ("no such network at all", r"unknown network \(open_clip\.list_models"),
        ("ViT-B-32/opnai", r"unknown weights 'opnai' \(append /NAME, with one of openai, "),
    ],
)
def test_unknown_names(name, message, tmp_path):
    for weights in (None, tmp_path / "weights.pt"):
        with pytest.raises(InputError, match=message):
            load(name, weights, random=False)
