"""Networks of timm: classifiers, and encoders such as DINOv2."""

from __future__ import annotations

import math
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from imagemood._suggestions import similar_names
from imagemood.errors import InputError
from imagemood.exporting.libraries import import_library, licence_of, loading
from imagemood.exporting.names import card_name, check_repository, local_folder, similar_hint
from imagemood.exporting.original import EMBEDDING, SCORES, Original, different_labels
from imagemood.exporting.weights import read_weights
from imagemood.models.tagger_card import TaggerCard
from imagemood.models.tagger_files import TaggerFiles

if TYPE_CHECKING:
    import torch


def load(name: str, weights: Path | None, *, random: bool) -> Original:
    """Load a network by its name in timm, from a local folder, or from a repository of the Hugging Face Hub.

    `weights` is a file with the weights, instead of those that timm would download.
    """
    timm, data = import_library("timm"), import_library("timm.data")
    source, name = f"timm/{name}", re.sub("^(local-dir|hf[-_]hub):", "", name)
    folder = local_folder(name, "config.json", source)
    short_name = card_name(name, folder)
    from_hub = folder is None and "/" in name
    downloads = not (folder is not None or random or weights)
    if folder is not None:
        name = f"local-dir:{folder}"
    elif from_hub:
        check_repository(name, source)
        name = f"hf-hub:{name}"
    elif not _is_known(timm, name, with_weights=downloads):
        raise InputError("unknown network", where=source, hint=_similar_names(timm, name))
    state = None if weights is None else read_weights(weights)
    with loading(source, from_hub=downloads or from_hub):
        if state is None:
            network = timm.create_model(name, pretrained=not random)
        else:
            network = timm.create_model(name, pretrained=False, **_number_of_classes(timm, name, state))
    if state is not None:
        _load_weights(network, state, weights, name)
    network.eval()
    settings = network.pretrained_cfg
    config = data.resolve_model_data_config(network)
    labels = _labels(network, data)
    size_px = config["input_size"][1]
    card = TaggerCard(
        size_px=size_px,
        mean=tuple(config["mean"]),
        std=tuple(config["std"]),
        labels=labels,
        scale=255,
        **_resizing(source, config, size_px),
        scores=SCORES if labels else None,
        embedding=EMBEDDING,
        name=short_name,
        source=f"timm/{short_name}",
        license=_licence(settings, weights, random=random, downloads=downloads),
    )
    transform = data.create_transform(**config, is_training=False)
    return Original(_module(network, with_scores=bool(labels)), transform, card)


def _is_known(timm: Any, name: str, *, with_weights: bool) -> bool:
    """Return whether timm knows a network and, if they are needed, the weights that its name may end with."""
    base, _, tag = name.partition(".")
    return bool(timm.is_model(base) and (not (tag and with_weights) or name in timm.list_pretrained(f"{base}.*")))


def _similar_names(timm: Any, name: str) -> str:
    base, _, tag = name.partition(".")
    tags = [other.partition(".")[2] for other in timm.list_pretrained(f"{base}.*")] if timm.is_model(base) else []
    with_tag = [f"{base}.{other}" for other in similar_names(tag, tags) or tags[:3]]
    return similar_hint(with_tag or similar_names(base, timm.list_models()), "timm")


def _number_of_classes(timm: Any, name: str, state: dict[str, Any]) -> dict[str, int]:
    """Return the number of classes of the weights, if it differs from that of the published network."""
    settings = timm.get_pretrained_cfg(name) if ":" not in name else None
    classifiers = getattr(settings, "classifier", None) or ()
    first = classifiers if isinstance(classifiers, str) else next(iter(classifiers), "")  # some have two heads
    weight = next((state[key] for key in (f"{first}.weight", f"{first}.linear.weight") if key in state), None)
    if weight is None or settings is None or len(weight) == settings.num_classes:
        return {}
    return {"num_classes": len(weight)}


def _load_weights(network: Any, state: dict[str, Any], weights: Path | None, name: str) -> None:
    try:
        network.load_state_dict(state)
    except RuntimeError as error:
        lines = [line.strip() for line in str(error).splitlines()]
        detail = lines[1] if len(lines) > 1 else lines[0]
        raise InputError(
            f"these are not the weights of {name}: {detail}",
            where=str(weights),
            hint="the names and shapes must be those that timm gives them",
        ) from error


def _labels(network: Any, data: Any) -> tuple[str, ...]:
    """Return the names of the classes, or nothing if they are unknown."""
    settings = network.pretrained_cfg
    names = settings.get("label_names") or ()
    if names and len(names) == network.num_classes:
        described = settings.get("label_descriptions") or {}
        descriptions = [described.get(name, name) if isinstance(described, dict) else name for name in names]
        return different_labels(descriptions, list(names))
    subset = data.infer_imagenet_subset(network) if network.num_classes else None
    if subset is None:
        return ()
    info = data.ImageNetInfo(subset)
    labels = different_labels(
        [info.index_to_description(i) for i in range(info.num_classes())],
        [info.index_to_label_name(i) for i in range(info.num_classes())],
    )
    own = TaggerFiles.at().card().labels  # the same names, so that models for these tags can be used
    return own if [_without_brackets(a) for a in own] == [_without_brackets(b) for b in labels] else labels


def _without_brackets(label: str) -> str:
    return label.partition(" (")[0]


def _resizing(source: str, config: dict[str, Any], size_px: int) -> dict[str, Any]:
    n_channels, height, width = config["input_size"]
    if n_channels != 3:
        raise InputError(
            f"takes pictures with {n_channels} channel{'s' if n_channels > 1 else ''}, not colour pictures",
            where=source,
        )
    if height != width:
        raise InputError(f"takes pictures of {width}×{height} pixels, not squares", where=source)
    if config["crop_mode"] not in ("center", "squash"):
        raise InputError(f"prepares pictures in an unsupported way: {config['crop_mode']}", where=source)
    return {
        "resize": "crop" if config["crop_mode"] == "center" else "stretch",
        "resize_px": math.floor(size_px / config["crop_pct"]),
        "interpolation": config["interpolation"],
    }


def _licence(settings: dict[str, Any], weights: Path | None, *, random: bool, downloads: bool) -> str | None:
    """Return the licence of the weights, unless they come from a file, about which nothing is known."""
    if weights is not None or random:
        return None
    licence = settings.get("license")
    if licence:
        return str(licence)
    repository = settings.get("hf_hub_id")
    return licence_of(repository) if repository and downloads else None


def _module(network: Any, *, with_scores: bool) -> Any:
    """Return a module that computes both outputs from the features, which are computed once."""
    torch: Any = import_library("torch")

    class ScoresAndEmbedding(torch.nn.Module):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__()
            self.network = network

        def forward(self, image: torch.Tensor) -> tuple[torch.Tensor, ...]:
            features = self.network.forward_features(image)
            embedding = self.network.forward_head(features, pre_logits=True).flatten(1)
            if not with_scores:
                return (embedding,)
            return self.network.forward_head(features), embedding

    return ScoresAndEmbedding()
