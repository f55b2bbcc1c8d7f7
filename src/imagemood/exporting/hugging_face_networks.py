"""Networks in the format of Hugging Face transformers: classifiers, SigLIP, CLIP, DINOv2 and others."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from imagemood.errors import InputError
from imagemood.exporting.hugging_face_pictures import measure
from imagemood.exporting.libraries import hub_failure, import_library, licence_of, loading
from imagemood.exporting.names import card_name, check_repository, local_folder
from imagemood.exporting.original import EMBEDDING, SCORES, Original, different_labels
from imagemood.models.tagger_card import TaggerCard

if TYPE_CHECKING:
    import torch

_CLASSIFIERS = ("ForImageClassification", "ForImageClassificationWithTeacher")
_PROJECTED = "VisionModelWithProjection"
_NOT_SOFTMAX = ("multi_label_classification", "regression")


def load(name: str, weights: Path | None, *, random: bool) -> Original:
    """Load a network from a local folder that `save_pretrained` wrote, or from the Hugging Face Hub.

    Only weights in the format safetensors are loaded, and no code of a repository is executed.
    """
    source, folder = f"hf/{name}", local_folder(name, "config.json", f"hf/{name}")
    short_name = card_name(name, folder)
    if weights is not None:
        raise InputError(
            "--weights cannot be combined with hf/",
            where=source,
            hint="give a folder that save_pretrained wrote",
        )
    if folder is None:
        check_repository(name, source)
    else:
        name = str(folder)
    transformers: Any = import_library("transformers")
    lacking: set[str] = set()
    with loading(source, from_hub=folder is None):
        config = transformers.AutoConfig.from_pretrained(name, trust_remote_code=False)
        processor = _image_processor(transformers, name, config, source)
        architecture = next(iter(config.architectures or ()), "")
        is_classifier = architecture.endswith(_CLASSIFIERS)
        factory = _factory(transformers, architecture, is_classifier=is_classifier)
        if random:
            network = factory.from_config(config) if hasattr(factory, "from_config") else factory(config)
        else:
            network, lacking = _pretrained(factory, name)
    network.eval()
    missing = {key for key in lacking if not key.startswith("text_model.")}
    if is_classifier and missing:
        raise InputError(f"the weights lack {len(missing)} tensors, such as {min(missing)}", where=source)
    labels = _labels(config) if is_classifier else ()
    preparation = measure(processor, source)
    card = TaggerCard(
        **preparation.fields,
        labels=labels,
        scores=SCORES if labels else None,
        embedding=EMBEDDING,
        name=short_name,
        source=f"hf/{short_name}",
        license=None if random else licence_of(name),
    )
    has_pooler = not any("pooler" in key for key in missing)
    module = _classifier(network, labels) if is_classifier else _encoder(network, has_pooler=has_pooler)
    return Original(_reordered(module, preparation.channels), preparation.transform(processor), card)


def _image_processor(transformers: Any, name: str, config: Any, source: str) -> Any:
    if config.model_type == "timm_wrapper":
        raise InputError("this is a network of timm", where=source, hint=f"use timm/{name}")
    try:
        return transformers.AutoImageProcessor.from_pretrained(name, trust_remote_code=False)
    except (OSError, ValueError) as error:
        if hub_failure(error, source) is not None:
            raise
        what = "has no image processor, which prepares pictures"
        hint = "choose a network for pictures; its folder needs preprocessor_config.json"
        raise InputError(what, where=source, hint=hint) from error


def _factory(transformers: Any, architecture: str, *, is_classifier: bool) -> Any:
    """Return the class that loads a network."""
    if is_classifier:
        return transformers.AutoModelForImageClassification
    if architecture.endswith(_PROJECTED):  # AutoModel would load it without the projection
        return getattr(transformers, architecture, transformers.AutoModel)
    return transformers.AutoModel


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
    """Return the names of the classes, unless they are only numbered, or have no probabilities that sum to 1."""
    n_labels = config.num_labels
    names = [str(config.id2label.get(i, f"LABEL_{i}")) for i in range(n_labels)]
    is_numbered = names == [f"LABEL_{i}" for i in range(n_labels)]
    if is_numbered or n_labels < 2 or config.problem_type in _NOT_SOFTMAX:
        return ()
    return different_labels(names, [str(i) for i in range(n_labels)])


def _classifier(network: Any, labels: tuple[str, ...]) -> Any:
    """Return a module that returns the logits, and the input of the last linear layer as the embedding.

    The embedding of a network with two heads, of which one was trained by a teacher, is the mean of their inputs.
    """
    torch: Any = import_library("torch")
    linear = [part for part in network.modules() if isinstance(part, torch.nn.Linear)]
    heads = [part for part in linear if part.out_features == network.config.num_labels]
    n_heads = 2 if type(network).__name__.endswith("WithTeacher") else 1
    if len(heads) < n_heads:
        raise InputError("the network has no linear layer for its classes", where=network.config.name_or_path)

    class ScoresAndEmbedding(torch.nn.Module):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__()
            self.network = network

        def forward(self, image: torch.Tensor) -> tuple[torch.Tensor, ...]:
            inputs: list[torch.Tensor] = []
            hooks = [
                head.register_forward_pre_hook(lambda _, arguments: inputs.append(arguments[0]))
                for head in heads[-n_heads:]
            ]
            try:
                logits = self.network(pixel_values=image).logits
            finally:
                for hook in hooks:
                    hook.remove()
            embedding = sum(inputs[1:], inputs[0]).flatten(1) / len(inputs)
            return (logits, embedding) if labels else (embedding,)

    return ScoresAndEmbedding()


def _reordered(module: Any, channels: tuple[int, ...]) -> Any:
    """Return a module for pictures with the channels red, green and blue, whatever order the network takes."""
    torch: Any = import_library("torch")
    if channels == tuple(range(len(channels))):
        return module

    class Reordered(torch.nn.Module):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__()
            self.module = module

        def forward(self, image: torch.Tensor) -> tuple[torch.Tensor, ...]:
            return tuple(self.module(image[:, list(channels)]))

    return Reordered()


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
