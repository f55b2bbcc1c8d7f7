"""Networks in the format of Hugging Face transformers: classifiers, SigLIP, CLIP, DINOv2 and others."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from imagemood.errors import InputError
from imagemood.exporting.hugging_face_pictures import card_fields
from imagemood.exporting.libraries import import_library, licence_of, loading
from imagemood.exporting.original import EMBEDDING, SCORES, Original, different_labels
from imagemood.models.tagger_card import TaggerCard

if TYPE_CHECKING:
    import torch

_CLASSIFIER = "ForImageClassification"


def load(name: str, weights: Path | None, *, random: bool) -> Original:
    """Load a network from a local folder that `save_pretrained` wrote, or from the Hugging Face Hub.

    Only weights in the format safetensors are loaded, and no code of a repository is executed.
    """
    source, is_local = f"hf/{name}", Path(name).is_dir()
    short_name = Path(name).resolve().name if is_local else name  # other machines do not have this folder
    if weights is not None:
        raise InputError(
            "--weights cannot be combined with hf/",
            where=source,
            hint="give a folder that save_pretrained wrote",
        )
    transformers: Any = import_library("transformers")
    lacking: set[str] = set()
    with loading(source, from_hub=not is_local):
        config = transformers.AutoConfig.from_pretrained(name, trust_remote_code=False)
        processor = transformers.AutoImageProcessor.from_pretrained(name, trust_remote_code=False)
        is_classifier = any(architecture.endswith(_CLASSIFIER) for architecture in config.architectures or ())
        factory = transformers.AutoModelForImageClassification if is_classifier else transformers.AutoModel
        if random:
            network = factory.from_config(config, trust_remote_code=False)
        else:
            network, lacking = _pretrained(factory, name)
    network.eval()
    missing = {key for key in lacking if not key.startswith("text_model.")}
    if is_classifier and missing:
        raise InputError(f"the weights lack {len(missing)} tensors, such as {min(missing)}", where=source)
    labels = _labels(config) if is_classifier else ()
    card = TaggerCard(
        **card_fields(processor, source),
        labels=labels,
        scores=SCORES if labels else None,
        embedding=EMBEDDING,
        name=short_name,
        source=f"hf/{short_name}",
        license=None if random else licence_of(name),
    )
    has_pooler = not any("pooler" in key for key in missing)
    module = _classifier(network, labels) if is_classifier else _encoder(network, has_pooler=has_pooler)
    return Original(module, lambda image: processor(image, return_tensors="pt")["pixel_values"][0], card)


def _pretrained(factory: Any, name: str) -> tuple[Any, set[str]]:
    """Load a network, and return it with the names of its tensors that the weights lack."""
    logging: Any = import_library("transformers.utils.logging")
    logging.disable_progress_bar()
    torch: Any = import_library("torch")
    network, information = factory.from_pretrained(
        name, use_safetensors=True, trust_remote_code=False, dtype=torch.float32, output_loading_info=True
    )
    return network, set(information["missing_keys"])


def _labels(config: Any) -> tuple[str, ...]:
    """Return the names of the classes, unless they are only numbered."""
    names = [str(config.id2label[i]) for i in range(config.num_labels)]
    if names == [f"LABEL_{i}" for i in range(len(names))]:
        return ()
    return different_labels(names, [str(i) for i in range(len(names))])


def _classifier(network: Any, labels: tuple[str, ...]) -> Any:
    """Return a module that returns the logits, and the input of the last linear layer as the embedding."""
    torch: Any = import_library("torch")
    linear = [part for part in network.modules() if isinstance(part, torch.nn.Linear | torch.nn.Conv2d)]
    heads = [part for part in linear if getattr(part, "out_features", None) == network.config.num_labels]
    if not heads:
        raise InputError("the network has no linear layer for its classes", where=network.config.name_or_path)

    class ScoresAndEmbedding(torch.nn.Module):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__()
            self.network = network

        def forward(self, image: torch.Tensor) -> tuple[torch.Tensor, ...]:
            inputs: list[torch.Tensor] = []
            hook = heads[-1].register_forward_pre_hook(lambda _, arguments: inputs.append(arguments[0]))
            try:
                logits = self.network(pixel_values=image).logits
            finally:
                hook.remove()
            embedding = inputs[0].flatten(1)
            return (logits, embedding) if labels else (embedding,)

    return ScoresAndEmbedding()


def _encoder(network: Any, *, has_pooler: bool) -> Any:
    """Return a module that returns the features of the image: projected, pooled, or those of the class token."""
    torch: Any = import_library("torch")
    image_features = getattr(network, "get_image_features", None)

    class Embedding(torch.nn.Module):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__()
            self.network = network

        def forward(self, image: torch.Tensor) -> tuple[torch.Tensor]:
            compute = self.network if image_features is None else image_features
            found = compute(pixel_values=image)
            if isinstance(found, torch.Tensor):
                return (found,)
            pooled = getattr(found, "image_embeds", None)
            if pooled is None and has_pooler:
                pooled = getattr(found, "pooler_output", None)
            embedding = found.last_hidden_state if pooled is None else pooled
            if pooled is None and embedding.ndim == 3:
                embedding = embedding[:, 0]
            elif pooled is None and embedding.ndim == 4:
                embedding = embedding.mean((2, 3))
            return (embedding.flatten(1),)

    return Embedding()
