"""The image towers of networks of OpenCLIP, which compute embeddings."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from imagemood._suggestions import similar_names
from imagemood.errors import InputError
from imagemood.exporting.libraries import import_library, licence_of, loading
from imagemood.exporting.names import card_name, check_repository, local_folder, similar_hint
from imagemood.exporting.original import EMBEDDING, Original
from imagemood.models.tagger_card import TaggerCard

if TYPE_CHECKING:
    import torch

_HUB = "hf-hub:"
_PREPARATION = ("mean", "std", "interpolation", "resize_mode", "fill_color")
_RESIZE: dict[str, Literal["crop", "stretch"]] = {"shortest": "crop", "squash": "stretch"}


def load(name: str, weights: Path | None, *, random: bool) -> Original:
    """Load the image tower of a network: NAME/PRETRAINED, a local folder, or hf-hub:OWNER/NAME.

    `weights` is a file with the weights of the whole network, instead of those that OpenCLIP would download.
    """
    open_clip: Any = import_library("open_clip")
    source, name = f"open_clip/{name}", re.sub("^local-dir:", "", name)
    folder = None if name.startswith(_HUB) else local_folder(name, "open_clip_config.json", source)
    short_name = card_name(name, folder)
    tag: str | None = None
    settings: dict[str, Any] = {}
    if folder is not None:
        name = f"local-dir:{folder}"
    elif name.startswith(_HUB):
        check_repository(name.removeprefix(_HUB), source)
    else:
        name, _, tag = name.partition("/")
        tag = _checked_tag(open_clip, name, tag, source, is_needed=not (random or weights))
        short_name = f"{name}/{tag}" if tag else name
        settings = _settings(open_clip, name, tag, source, random=random)
    pretrained = None if random else str(weights) if weights is not None else tag
    downloads = not (folder is not None or random or weights)
    with loading(source, from_hub=downloads or name.startswith(_HUB)):
        network = open_clip.create_model(
            name, pretrained=pretrained, load_weights=not random, weights_only=True, **settings
        )
    network.eval()
    transforms: Any = import_library("open_clip.transform")
    prepared = transforms.PreprocessCfg(**network.visual.preprocess_cfg)
    transform = transforms.image_transform_v2(prepared, is_train=False)
    height, width = (prepared.size, prepared.size) if isinstance(prepared.size, int) else prepared.size
    if width != height or prepared.resize_mode not in _RESIZE:
        how = f"{prepared.resize_mode} to {width}×{height} pixels"
        raise InputError(f"prepares pictures in an unsupported way: {how}", where=source)
    card = TaggerCard(
        size_px=width,
        mean=tuple(prepared.mean),
        std=tuple(prepared.std),
        scale=255,
        resize=_RESIZE[prepared.resize_mode],
        resize_px=width,
        interpolation=prepared.interpolation,
        embedding=EMBEDDING,
        name=short_name,
        source=f"open_clip/{short_name}",
        license=None if random or weights is not None else _licence(open_clip, name, tag),
    )
    return Original(_image_tower(network), transform, card)


def _checked_tag(open_clip: Any, name: str, tag: str, source: str, *, is_needed: bool) -> str | None:
    """Return the name of the pretrained weights; raise `InputError` if there are several, or none of this name."""
    if name not in open_clip.list_models():
        hint = similar_hint(similar_names(name, open_clip.list_models()), "open_clip")
        raise InputError("unknown network", where=source, hint=hint)
    tags = open_clip.list_pretrained_tags_by_model(name)
    if tag in tags:
        return tag
    if not tag and len(tags) == 1:
        return str(tags[0])
    if not tag and not is_needed:
        return None
    what = f"unknown weights '{tag}'" if tag else "the name of the weights is missing"
    hint = f"append /NAME, with one of {', '.join(tags)}" if tags else "give the weights with --weights"
    raise InputError(what, where=source, hint=hint)


def _settings(open_clip: Any, name: str, tag: str | None, source: str, *, random: bool) -> dict[str, Any]:
    """Return what differs from the network's definition for its pretrained weights.

    OpenCLIP only warns if weights were trained with another activation function than that of the definition, and
    applies the preparation of pictures only to weights that it downloads.

    Raises
    ------
    InputError
        If the weights have no name, and the preparation of pictures depends on it.
    """
    tags = [tag] if tag else open_clip.list_pretrained_tags_by_model(name)
    published = [open_clip.get_pretrained_cfg(name, other) for other in tags]
    prepared = [{key: settings[key] for key in _PREPARATION if key in settings} for settings in published]
    if any(settings != prepared[0] for settings in prepared) and not random:
        hint = f"append /NAME, with the one on which the weights are based: {', '.join(tags)}"
        raise InputError("the name of the weights is missing", where=source, hint=hint)
    quick_gelu = tag is not None and bool(published[0].get("quick_gelu"))
    return {"force_preprocess_cfg": prepared[0] if prepared else None, "force_quick_gelu": quick_gelu}


def _licence(open_clip: Any, name: str, tag: str | None) -> str | None:
    """Return the licence in the model card of the weights, if they are on the Hugging Face Hub or in a folder."""
    if tag is None:
        return licence_of(name.partition(":")[2])
    repository = open_clip.get_pretrained_cfg(name, tag).get("hf_hub", "").rstrip("/")
    return licence_of(repository) if repository else None


def _image_tower(network: Any) -> Any:
    torch: Any = import_library("torch")

    class ImageTower(torch.nn.Module):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__()
            self.visual = network.visual

        def forward(self, image: torch.Tensor) -> tuple[torch.Tensor]:
            features = self.visual(image)
            return (features[0] if isinstance(features, tuple) else features,)

    return ImageTower()
