"""The network in PyTorch: an EfficientNet-Lite and a copy of its upper layers that is trained for moods."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

from imagemood.finetuning import depthwise

_MAX_EXPONENT = 10  # of the factors in `Convolution.normalise`; some channels are almost or exactly zero
MEAN, STD, SIZE_PX, N_EMBEDDING, N_TAGS = 127.0, 128.0, 224, 1280, 1000


class Convolution(nn.Module):
    """A convolution and the batch normalisation after it, with constant statistics.

    The statistics of batches of a few dozen photos are too noisy for training. Multiplying the weights by the
    scale of the normalisation, not its input, saves a pass over memory for each layer.
    """

    def __init__(self, n_in: int, n_out: int, kernel: int = 1, stride: int = 1, n_groups: int = 1) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(n_out, n_in // n_groups, kernel, kernel))
        self.scale = nn.Parameter(torch.ones(n_out))
        self.bias = nn.Parameter(torch.zeros(n_out))
        self.register_buffer("mean", torch.zeros(n_out))
        self.register_buffer("deviation", torch.ones(n_out))
        self.mean: Tensor
        self.deviation: Tensor
        self.stride, self.n_groups = stride, n_groups
        self.is_folded = False

    def folded(self) -> tuple[Tensor, Tensor]:
        """Return the weights and biases of the equivalent convolution without normalisation."""
        if self.is_folded:
            return self.weight, self.bias
        factor = self.scale / self.deviation
        return self.weight * factor[:, None, None, None], self.bias - self.mean * factor

    @torch.no_grad()
    def fold(self) -> None:
        """Include the normalisation in the weights, for the export."""
        weight, bias = self.folded()
        self.weight.copy_(weight)
        self.bias.copy_(bias)
        self.is_folded = True

    @torch.no_grad()
    def normalise(self) -> None:
        """Move the magnitude of the weights of each output channel to `deviation`, for training.

        The optimizer changes all weights at the same rate, but those that include a normalisation have very
        different magnitudes. Powers of two as factors change no result.
        """
        magnitude = self.weight.square().sum(dim=(1, 2, 3)).sqrt()
        factor = torch.exp2(magnitude.log2().round().clamp(-_MAX_EXPONENT, _MAX_EXPONENT))
        self.weight.div_(factor[:, None, None, None])
        self.mean.div_(factor)
        self.deviation.div_(factor)

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


@dataclass(frozen=True)
class BlockShape:
    """The number of input and output channels of a block, and its depthwise convolution."""

    n_in: int
    n_out: int
    expansion: int
    kernel: int
    stride: int


class Block(nn.Module):
    """An inverted residual block: expansion, depthwise convolution, projection; residual if the shapes agree."""

    def __init__(self, shape: BlockShape) -> None:
        super().__init__()
        n_inner = shape.n_in * shape.expansion
        self.expand = Convolution(shape.n_in, n_inner) if shape.expansion > 1 else None
        self.filter = Convolution(n_inner, n_inner, shape.kernel, shape.stride, n_inner)
        self.project = Convolution(n_inner, shape.n_out)

    def forward(self, image: Tensor, drop_rate: float = 0.0) -> Tensor:
        """Process a batch; in training, skip the block for this share of the photos (stochastic depth)."""
        inner: Tensor = image if self.expand is None else functional.hardtanh(self.expand(image), 0.0, 6.0)
        inner = self.project(functional.hardtanh(self.filter(inner), 0.0, 6.0))
        if inner.shape != image.shape:
            return inner
        if self.training and drop_rate:
            kept = torch.rand(len(image), 1, 1, 1, device=image.device) >= drop_rate
            inner = inner * (kept / (1 - drop_rate)).to(inner.dtype)
        return image + inner


_N_STEM = 32
_STAGES = (  # number of blocks, channels, expansion, kernel, stride of the first block
    (1, 16, 1, 3, 1),
    (2, 24, 6, 3, 2),
    (2, 40, 6, 5, 2),
    (3, 80, 6, 3, 2),
    (3, 112, 6, 5, 1),
    (4, 192, 6, 5, 2),
    (1, 320, 6, 3, 1),
)
_SCALING = {"lite0": (1.0, 1.0), "lite1": (1.0, 1.1), "lite2": (1.1, 1.2)}  # of channels, and of blocks
SIZES = tuple(_SCALING)


def block_shapes(size: str) -> Iterator[BlockShape]:
    """Yield the shapes of the blocks of an EfficientNet-Lite.

    Examples
    --------
    >>> shapes = list(block_shapes("lite2"))
    >>> len(shapes), shapes[-1].n_out
    (21, 352)
    """
    width, depth = _SCALING[size]
    n_in = _N_STEM
    for i, (n_blocks, n_channels, expansion, kernel, stride) in enumerate(_STAGES):
        n_out = int(n_channels * width + 4) // 8 * 8
        n_scaled = n_blocks if i in (0, len(_STAGES) - 1) else math.ceil(n_blocks * depth)
        for number in range(n_scaled):
            yield BlockShape(n_in, n_out, expansion, kernel, stride if number == 0 else 1)
            n_in = n_out


class MoodNetwork(nn.Module):
    """Predicts tags, moods, embeddings and heat maps of the moods from photos.

    The network that predicts the tags is frozen. A copy of its layers above the shared blocks is trained for the
    moods. All weights are zero until they are loaded.

    Parameters
    ----------
    size : str
        One of `SIZES`.
    n_moods : int
        Number of moods.
    n_shared : int
        Number of blocks at the beginning that tags and moods share.
    drop_rate : float
        Probability of skipping the last mood block in training; lower for earlier blocks.

    Examples
    --------
    >>> network = MoodNetwork("lite0", n_moods=3).eval()
    >>> image = normalise(torch.zeros((1, 224, 224, 3), dtype=torch.uint8))
    >>> network.moods(network.embedding(network.shared(image))).shape
    torch.Size([1, 3])
    """

    def __init__(self, size: str, n_moods: int, n_shared: int = 5, drop_rate: float = 0.0) -> None:
        super().__init__()
        shapes = list(block_shapes(size))
        self.stem = Convolution(3, _N_STEM, kernel=3, stride=2)
        self.blocks = nn.ModuleList(map(Block, shapes))
        self.last = Convolution(shapes[-1].n_out, N_EMBEDDING)
        self.tags = nn.Linear(N_EMBEDDING, N_TAGS)
        self.requires_grad_(False)
        self.mood_blocks = nn.ModuleList(map(Block, shapes[n_shared:]))
        self.mood_last = Convolution(shapes[-1].n_out, N_EMBEDDING)
        self.moods = nn.Linear(N_EMBEDDING, n_moods)
        nn.init.zeros_(self.moods.weight)
        nn.init.zeros_(self.moods.bias)
        self.n_shared, self.drop_rate = n_shared, drop_rate

    def copy_tag_body(self) -> None:
        """Let the mood body start from the layers that predict the tags."""
        self.mood_blocks.load_state_dict(self.blocks[self.n_shared :].state_dict())
        self.mood_last.load_state_dict(self.last.state_dict())

    def shared(self, image: Tensor) -> Tensor:
        """Run the shared blocks on normalised photos (n, 3, side, side); side must be a multiple of 32."""
        image = functional.hardtanh(self.stem(image), 0.0, 6.0)
        for block in self.blocks[: self.n_shared]:
            image = block(image)
        return image

    def tag_features(self, shared: Tensor) -> Tensor:
        """Run the layers that predict the tags: features per position, (n, 1280, side / 32, side / 32)."""
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
        """Apply the mood head to each position; the mean of the map of a mood, (side / 32)², is its logit."""
        return functional.conv2d(mood_features, self.moods.weight[:, :, None, None], self.moods.bias)


def normalise(pixels: Tensor) -> Tensor:
    """Convert uint8 pixels (n, height, width, 3) to the input of the network: (n, 3, height, width)."""
    return (pixels.permute(0, 3, 1, 2).float() - MEAN) / STD
