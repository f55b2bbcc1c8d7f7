"""The image towers of networks of OpenCLIP, which compute embeddings."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from imagemood.errors import InputError
from imagemood.exporting.libraries import import_library, licence_of, loading
from imagemood.exporting.original import EMBEDDING, Original
from imagemood.models.tagger_card import TaggerCard

if TYPE_CHECKING:
    import torch

_RESIZE: dict[str, Literal["crop", "stretch"]] = {"shortest": "crop", "squash": "stretch"}


def load(name: str, weights: Path | None, *, random: bool) -> Original:
    """Load the image tower of a network: NAME/PRETRAINED, a local folder, or hf-hub:OWNER/NAME.

    `weights` is a file with the weights of the whole network, instead of those that OpenCLIP would download.
    """
    open_clip: Any = import_library("open_clip")
    source, is_local = f"open_clip/{name}", Path(name, "open_clip_config.json").is_file()
    short_name = Path(name).resolve().name if is_local else name  # other machines do not have this folder
    tag: str | None = None
    if is_local:
        name = f"local-dir:{name}"
    elif not name.startswith("hf-hub:"):
        name, _, tag = name.partition("/")
        tag = _checked_tag(open_clip, name, tag, source, is_needed=not (random or weights))
        short_name = f"{name}/{tag}" if tag else name
    pretrained = None if random else str(weights) if weights is not None else tag
    downloads = not (is_local or random or weights)
    with loading(source, from_hub=downloads or name.startswith("hf-hub:")):
        network = open_clip.create_model(name, pretrained=pretrained, load_weights=not random, weights_only=True)
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
        raise InputError("unknown network", where=source, hint="open_clip.list_models() lists all names")
    tags = open_clip.list_pretrained_tags_by_model(name)
    if not is_needed:
        return None
    if tag in tags:
        return tag
    if not tag and len(tags) == 1:
        return str(tags[0])
    what = f"unknown weights '{tag}'" if tag else "the name of the weights is missing"
    raise InputError(what, where=source, hint=f"append /NAME, with one of {', '.join(tags)}" if tags else None)


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
