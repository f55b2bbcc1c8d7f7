"""Small networks with random weights, stored as their libraries store networks."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

from imagemood.exporting.libraries import import_library, quiet

SIZE_PX = 32
OPEN_CLIP = {
    "model_cfg": {
        "embed_dim": 12,
        "vision_cfg": {"image_size": SIZE_PX, "layers": 1, "width": 16, "head_width": 8, "patch_size": 16},
        "text_cfg": {"context_length": 8, "vocab_size": 49408, "width": 8, "heads": 1, "layers": 1},
    },
    "preprocess_cfg": {
        "mean": [0.48145466, 0.4578275, 0.40821073],
        "std": [0.26862954, 0.26130258, 0.27577711],
        "interpolation": "bicubic",
        "resize_mode": "shortest",
    },
}


def write_open_clip(folder: Path) -> Path:
    """Write a ViT as OpenCLIP's ``push_to_hf_hub`` does."""
    open_clip, torch = import_library("open_clip"), import_library("torch")
    folder.mkdir()
    (folder / "open_clip_config.json").write_text(json.dumps(OPEN_CLIP))
    with quiet():
        torch.manual_seed(0)
        network = open_clip.create_model(f"local-dir:{folder}", load_weights=False)
    import_library("safetensors.torch").save_file(network.state_dict(), folder / "open_clip_model.safetensors")
    (folder / "README.md").write_text("---\nlicense: mit\n---\n# A small CLIP\n")
    return folder


def write_siglip(folder: Path) -> Path:
    """Write a SigLIP with both towers."""
    transformers, torch = import_library("transformers"), import_library("torch")
    tower = {"hidden_size": 16, "intermediate_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2}
    config = transformers.SiglipConfig(
        text_config={**tower, "vocab_size": 64, "max_position_embeddings": 8},
        vision_config={**tower, "image_size": SIZE_PX, "patch_size": 16},
    )
    torch.manual_seed(0)
    with quiet():
        transformers.SiglipModel(config).save_pretrained(folder)
        size = {"height": SIZE_PX, "width": SIZE_PX}
        transformers.SiglipImageProcessor(size=size).save_pretrained(folder)
    (folder / "README.md").write_text("---\nlicense: other\nlicense_name: small-licence\n---\n")
    return folder


def write_dinov2(folder: Path, labels: list[str] | None = None) -> Path:
    """Write a DINOv2, with a classifier if there are labels."""
    transformers, torch = import_library("transformers"), import_library("torch")
    config = transformers.Dinov2Config(
        hidden_size=16, num_hidden_layers=1, num_attention_heads=2, mlp_ratio=1, image_size=SIZE_PX, patch_size=16
    )
    if labels:
        config.num_labels = len(labels)
        config.id2label = dict(enumerate(labels))
    torch.manual_seed(0)
    factory = transformers.Dinov2ForImageClassification if labels else transformers.Dinov2Model
    with quiet():
        factory(config).save_pretrained(folder)
        sizes = {"size": {"shortest_edge": SIZE_PX + 8}, "crop_size": {"height": SIZE_PX, "width": SIZE_PX}}
        transformers.BitImageProcessor(**sizes).save_pretrained(folder)
    return folder


def write_mobilevit(folder: Path) -> Path:
    """Write a MobileViT with a classifier, which takes blue, green and red."""
    transformers, torch = import_library("transformers"), import_library("torch")
    config = transformers.MobileViTConfig(
        image_size=64, hidden_sizes=[8, 8, 8], neck_hidden_sizes=[8, 8, 8, 8, 8, 8, 16], num_attention_heads=2
    )
    config.id2label = dict(enumerate(["cat", "dog"]))
    torch.manual_seed(0)
    with quiet():
        network = transformers.MobileViTForImageClassification(config)
        for part in network.modules():  # the outputs would be almost constant with the usual random weights
            if isinstance(part, torch.nn.Conv2d | torch.nn.Linear):
                torch.nn.init.kaiming_normal_(part.weight)
            elif isinstance(part, torch.nn.BatchNorm2d):
                part.running_var.fill_(0.3)
        network.save_pretrained(folder)
        sizes = {"size": {"shortest_edge": 72}, "crop_size": {"height": 64, "width": 64}, "resample": 2}
        transformers.MobileViTImageProcessor(**sizes).save_pretrained(folder)
    return folder


def write_timm_folder(name: str, labels: list[str] | None = None, **arguments: object) -> Callable[[Path], Path]:
    """Return a function that writes a network as timm's ``save_for_hf`` does, by default with 1000 classes."""

    def write(folder: Path) -> Path:
        timm, torch = import_library("timm"), import_library("torch")
        n_classes = len(labels) if labels else 1000
        torch.manual_seed(0)
        network = timm.create_model(name, num_classes=n_classes, **arguments)
        folder.mkdir()
        prepared = {"input_size": [3, SIZE_PX, SIZE_PX], "interpolation": "bicubic", "crop_pct": 0.875}
        scaled = {"mean": [0.5, 0.5, 0.5], "std": [0.5, 0.5, 0.5]}
        others = {"license": "apache-2.0", "classifier": network.pretrained_cfg["classifier"]}
        config = {
            "architecture": name,
            "model_args": arguments,
            "num_classes": n_classes,
            "pretrained_cfg": {**prepared, **scaled, **others},
            **({"label_names": labels} if labels else {}),
        }
        (folder / "config.json").write_text(json.dumps(config))
        import_library("safetensors.torch").save_file(network.state_dict(), folder / "model.safetensors")
        return folder

    return write


def write_timm_weights(name: str, **arguments: object) -> Callable[[Path], Path]:
    """Return a function that writes a file with the weights of a network of timm."""

    def write(path: Path) -> Path:
        timm, torch = import_library("timm"), import_library("torch")
        torch.manual_seed(0)
        path = path.with_suffix(".safetensors")
        import_library("safetensors.torch").save_file(timm.create_model(name, **arguments).state_dict(), path)
        return path

    return write


NETWORKS: dict[str, tuple[str, Callable[[Path], Path], str | None]] = {
    "vit": ("timm", write_timm_folder("test_vit", ["cat", "dog"], depth=1, img_size=SIZE_PX), None),
    "convnext": ("timm", write_timm_folder("test_convnext", depths=(1, 1, 1, 1)), None),
    "efficientnet": ("timm", write_timm_weights("test_efficientnet", num_classes=5), "test_efficientnet"),
    "clip": ("open_clip", write_open_clip, None),
    "siglip": ("hf", write_siglip, None),
    "dinov2": ("hf", write_dinov2, None),
    "mobilevit": ("hf", write_mobilevit, None),
    "classifier": ("hf", lambda folder: write_dinov2(folder, ["cat", "dog", "cat"]), None),
}
"""For each network: the prefix of its name, how it is written, and its name if only weights are written."""
